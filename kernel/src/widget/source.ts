import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const path = /^[^\n{}();]+\.(m?js|css)$/;

/**
 * The text of a module or a style sheet that is given as it is, or by the path or URL of a file; an address on the web
 * stays what it is, for the page to load.
 */
export function sourceText(source: string | URL, what: "esm" | "css"): string {
  const text = String(source);
  if (/^https?:/.test(text)) return text;
  if (!(source instanceof URL) && !path.test(text)) return text;
  const file = text.startsWith("file:") ? fileURLToPath(text) : resolve(text);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(
      `AnyWidget: ${what} is ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code}). Check the path; it is relative to the notebook's folder, new URL("…", import.meta.url) to a module.`,
    );
  }
}
