import { createHash } from "node:crypto";
import { escapeHtml, scriptJson } from "./html.ts";
import type { LiveParts } from "./outputs.ts";

/** What a page is put together from. */
export interface PageParts {
  readonly title: string;
  /** Whether the title is to stand above the content: the notebook has none of its own. */
  readonly isTitleShown: boolean;
  readonly contents: string;
  readonly cells: string;
  /** Whether there is code that the reader may want to hide. */
  readonly hasCode: boolean;
  readonly footer: string;
  readonly styles: readonly string[];
  /** The page's own script. */
  readonly script: string;
  /** The saved widgets that it shows. */
  readonly widgets: object | undefined;
  /** The packed library for figures, in base64, where there are any. */
  readonly plotly: string | undefined;
  readonly live: LiveParts;
}

/** The whole file. */
export function pageHtml(parts: PageParts): string {
  // In the source of a script "</script" can only be part of a text.
  const script = parts.script.replaceAll(/<(?=\/script|!--)/gi, "\\x3c");
  const widgets = parts.widgets
    ? `<script type="application/json" id="gradbook-widgets">${scriptJson(parts.widgets)}</script>\n`
    : "";
  const plotly = parts.plotly ? `<script type="text/plain" id="gradbook-plotly">${parts.plotly}</script>\n` : "";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy(script, parts.live))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="gradbook export">
<title>${escapeHtml(parts.title)}</title>
<style>
${parts.styles.map((style) => style.replaceAll("</", "<\\/")).join("\n")}
</style>
</head>
<body>
${widgets}${plotly}<div class="nb-tools">
${parts.hasCode ? '<button type="button" class="nb-code-switch" title="Show or hide the code" aria-label="Show or hide the code">&lt;/&gt;</button>\n' : ""}<button type="button" class="nb-theme-switch" title="Light or dark" aria-label="Light or dark">◐</button>
</div>
<div class="nb-page">
${parts.contents}
<main>
${parts.isTitleShown ? `<div class="nb-prose"><h1>${escapeHtml(parts.title)}</h1></div>\n` : ""}${parts.cells}
<footer>${escapeHtml(parts.footer)}</footer>
</main>
</div>
<script>${script}</script>
</body>
</html>
`;
}

/**
 * What the browser lets the page do: show what is in it, run the page's own script, and the modules of its widgets. It
 * may ask nothing of any network, so that what is in the page stays there.
 */
function policy(script: string, { views, figures, frames }: LiveParts): string {
  const own = `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
  const modules = views + figures > 0 || frames > 0 ? ["blob:", "data:", "'unsafe-eval'"] : [];
  // Frames obey the policy of the page around them; a hash would forbid their scripts.
  const scripts = [frames > 0 ? "'unsafe-inline'" : own, ...modules];
  const rules: Readonly<Record<string, string>> = {
    "default-src": "'none'",
    "script-src": scripts.join(" "),
    "worker-src": modules.length > 0 ? "blob: data:" : "'none'",
    "style-src": "'unsafe-inline' blob: data:",
    "img-src": "blob: data:",
    "media-src": "blob: data:",
    "font-src": "blob: data:",
    "connect-src": "'none'",
    "form-action": "'none'",
    "base-uri": "'none'",
  };
  return Object.entries(rules)
    .map(([name, sources]) => `${name} ${sources}`)
    .join("; ");
}
