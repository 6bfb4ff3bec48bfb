import { createRequire } from "node:module";
import { escapeHtml } from "./html.ts";

// Its own types would bring those of a browser into the kernel.
const highlighter = createRequire(import.meta.url)("highlight.js") as {
  getLanguage(name: string): object | undefined;
  highlight(code: string, options: { language: string; ignoreIllegals: boolean }): { value: string };
};

/** Longer code is shown without colours: the highlighter's regular expressions take too long for it. */
const mostCharacters = 200_000;

/** Code as HTML, its parts in spans with highlight.js' classes; languages that it does not know stay plain. */
export function codeHtml(code: string, language: string): string {
  const name = language.trim().toLowerCase();
  if (code.length > mostCharacters || highlighter.getLanguage(name) === undefined) return escapeHtml(code);
  return highlighter.highlight(code, { language: name, ignoreIllegals: true }).value;
}
