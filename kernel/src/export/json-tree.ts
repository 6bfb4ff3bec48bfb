import { isObject, type Json } from "../run/notebook.ts";
import { escapeHtml } from "./html.ts";

/** So many values are shown, and so deep; of the rest it is said how much there is. */
const mostValues = 2_000;
const deepest = 40;
const longestText = 2_000;

/** A JSON value as a tree to open and close; the first level is open. */
export function jsonTreeHtml(value: Json): string {
  const budget = { left: mostValues };
  return `<div class="nb-json">${node("", value, 0, budget)}</div>`;
}

function node(key: string, value: Json, depth: number, budget: { left: number }): string {
  budget.left--;
  const name = key === "" ? "" : `<span class="nb-key">${escapeHtml(key)}</span>: `;
  const entries: [string, Json][] | undefined = Array.isArray(value)
    ? value.map((element, index) => [String(index), element])
    : isObject(value)
      ? Object.entries(value)
      : undefined;
  if (entries === undefined) return `<div>${name}${leaf(value)}</div>`;
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0 || depth >= deepest) return `<div>${name}<span class="nb-size">${size}</span></div>`;
  const inner: string[] = [];
  for (const [at, [key, element]] of entries.entries()) {
    if (budget.left <= 0) {
      inner.push(`<div class="nb-size">… ${(entries.length - at).toLocaleString("en")} more</div>`);
      break;
    }
    inner.push(node(key, element, depth + 1, budget));
  }
  return `<details${depth === 0 ? " open" : ""}><summary>${name}<span class="nb-size">${size}</span></summary>${inner.join("")}</details>`;
}

function leaf(value: Json): string {
  const kind = value === null ? "null" : typeof value;
  const text = JSON.stringify(value);
  const shown = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return `<span class="nb-${kind}">${escapeHtml(shown)}</span>`;
}
