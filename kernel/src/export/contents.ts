import { escapeHtml } from "./html.ts";

/** A heading of the notebook's prose. */
export interface Heading {
  /** 1 to 6. */
  readonly level: number;
  readonly id: string;
  readonly text: string;
  /** Its text with emphasis and formulas, without links. */
  readonly html: string;
}

/** Shorter notebooks need no table of contents. */
const fewHeadings = 3;

/** The table of contents, of the two uppermost levels below the title; empty where there are few headings. */
export function contentsHtml(headings: readonly Heading[]): string {
  const isTitled = headings.slice(1).every(({ level }) => level > headings[0]!.level);
  const parts = isTitled ? headings.slice(1) : headings;
  const levels = [...new Set(parts.map(({ level }) => level))].sort().slice(0, 2);
  const listed = parts.filter(({ level }) => levels.includes(level));
  if (listed.length <= fewHeadings) return "";
  const items = listed.map(
    ({ level, id, html }) =>
      `<li class="nb-level-${levels.indexOf(level)}"><a href="#${escapeHtml(encodeURIComponent(id))}">${html}</a></li>`,
  );
  return `<nav class="nb-contents" aria-label="Contents"><details open><summary>Contents</summary>
<ol>
${items.join("\n")}
</ol></details></nav>`;
}
