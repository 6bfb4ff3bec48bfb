import type { Display, DisplayOptions } from "./contract.ts";

function inCell(): Display {
  const found = (globalThis as { display?: Display }).display;
  if (!found)
    throw new Error("display: there is no notebook here, expected to run in a cell. Use console.log instead.");
  return found;
}

/** The function `display` of the cell this runs in, for modules that would rather import it than use the global. */
export const display: Display = Object.assign((value: unknown, options?: DisplayOptions) => inCell()(value, options), {
  mime: (...parameters: Parameters<Display["mime"]>) => inCell().mime(...parameters),
  html: (...parameters: Parameters<Display["html"]>) => inCell().html(...parameters),
  markdown: (...parameters: Parameters<Display["markdown"]>) => inCell().markdown(...parameters),
  latex: (...parameters: Parameters<Display["latex"]>) => inCell().latex(...parameters),
  svg: (...parameters: Parameters<Display["svg"]>) => inCell().svg(...parameters),
  json: (...parameters: Parameters<Display["json"]>) => inCell().json(...parameters),
  javascript: (...parameters: Parameters<Display["javascript"]>) => inCell().javascript(...parameters),
  clear: (...parameters: Parameters<Display["clear"]>) => inCell().clear(...parameters),
});
