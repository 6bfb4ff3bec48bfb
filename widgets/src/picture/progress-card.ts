import type { ProgressState } from "../series/progress-state.ts";
import { card, filled, ink, lineColour, quiet, rule, warning } from "./card.ts";
import { element, escapeText } from "./svg.ts";

const width = 480;
const margin = 14;

/** The bar as it stands, for places that show no live view. */
export function progressCard({ title, done, total, state }: ProgressState, words: string): string {
  const share = total === null ? (state === "done" ? 1 : 0) : total === 0 ? 1 : Math.min(1, done / total);
  const room = width - 2 * margin;
  const bar = (paint: Parameters<typeof filled>[0], length: number) =>
    element("rect", { ...filled(paint), x: margin, y: 34, width: length, height: 6, rx: 3 });
  return card(
    { width, height: 68, label: `${title === "" ? "progress" : title}: ${words}` },
    element("text", { ...filled(ink), x: margin, y: 23, "font-size": 13, "font-weight": 600 }, escapeText(title)),
    bar(rule, room),
    bar(state === "stopped" ? warning : lineColour(0), Math.max(6, share * room)),
    element("text", { ...filled(quiet), x: margin, y: 57 }, escapeText(words)),
  );
}
