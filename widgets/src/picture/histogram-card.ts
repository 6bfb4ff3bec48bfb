import { type Ridges, type RidgeView, ridgesOf } from "../histogram/ridges.ts";
import type { SpreadAt } from "../histogram/series.ts";
import { wordsOfSpread } from "../histogram/words.ts";
import { border, card, filled, ink, lineColour, paper, quiet, stroked } from "./card.ts";
import { formatNumber } from "./numbers.ts";
import { element, escapeText, fitted, linePath } from "./svg.ts";

/** The values of one name over time. */
export interface NamedSpreads {
  readonly name: string;
  readonly spreads: readonly SpreadAt[];
}

const [width, edge, gap] = [720, 20, 18];
const [head, plot, foot, labels] = [34, 120, 22, 40];
const most = 24;

/** All names' histograms on one card. */
export function histogramCard(
  title: string,
  all: readonly NamedSpreads[],
  look: { readonly view: RidgeView; readonly logarithmic: boolean },
): string {
  const shown = all.slice(0, most);
  const columns = shown.length <= 1 ? 1 : shown.length <= 4 ? 2 : 3;
  const panel = (width - 2 * edge - (columns - 1) * gap) / columns;
  const top = title === "" ? 12 : 46;
  const step = head + plot + foot + 10;
  const parts = title === "" ? [] : [text(ink, edge, 32, title, 16, 600, width - 2 * edge)];
  shown.forEach((one, index) => {
    const left = edge + (index % columns) * (panel + gap);
    parts.push(drawPanel(one, left, top + Math.floor(index / columns) * step, panel, look));
  });
  let height = top + Math.max(1, Math.ceil(shown.length / columns)) * step;
  const rest = all.length - shown.length;
  const note = all.length === 0 ? "No values yet." : rest > 0 ? `The first ${most} of ${all.length}.` : "";
  if (all.length === 0) height = top + 30;
  if (note !== "") {
    parts.push(text(quiet, edge, height + 4, note, 12));
    height += 18;
  }
  return card({ width, height, label: title === "" ? "histograms" : title }, ...parts);
}

function drawPanel(
  { name, spreads }: NamedSpreads,
  left: number,
  top: number,
  panelWidth: number,
  look: { readonly view: RidgeView; readonly logarithmic: boolean },
): string {
  const steps = look.view !== "last" && spreads.length > 1;
  const box = { left, top: top + head, width: panelWidth - (steps ? labels : 0), height: plot };
  const { axis, ridges } = ridgesOf(spreads, box, look);
  const last = spreads.at(-1);
  const parts = [
    text(ink, left, top + 12, name, 12, 600, panelWidth),
    text(quiet, left, top + 27, last ? wordsOfSpread(last) : "", 11, 400, panelWidth),
    drawRidges(ridges, look.view),
  ];
  const bottom = box.top + plot;
  parts.push(element("path", { ...stroked(border), d: `M${left} ${bottom + 0.5}h${box.width}` }));
  for (const { value, label } of axis.ticks) {
    const x = axis.at(value);
    if (x < left - 1 || x > left + box.width + 1) continue;
    parts.push(element("path", { ...stroked(border), d: `M${Math.round(x) + 0.5} ${bottom}v4` }));
    const anchor = x < left + 10 ? "start" : x > left + box.width - 10 ? "end" : "middle";
    const at = { x, y: bottom + 16, "font-size": 10, "text-anchor": anchor };
    parts.push(element("text", { ...filled(quiet), ...at }, escapeText(label)));
  }
  if (steps) parts.push(drawSteps(ridges, left + panelWidth - labels + 5, look.view));
  return parts.join("");
}

function drawRidges(ridges: Ridges["ridges"], view: RidgeView): string {
  return ridges
    .map(({ x, y, age }) => {
      const d = linePath(x, y);
      const colour = lineColour(0);
      if (view === "overlay" && ridges.length > 1)
        return element("path", { ...stroked(colour), d, "stroke-opacity": 0.2 + 0.8 * age });
      return (
        element("path", { ...filled(paper), d: `${d}z` }) +
        element("path", { ...filled(colour), d: `${d}z`, "fill-opacity": 0.25 + 0.6 * age }) +
        element("path", { ...stroked(paper), d, "stroke-width": 0.8 })
      );
    })
    .join("");
}

/** The first and the last step, and others where there is room. */
function drawSteps(ridges: Ridges["ridges"], x: number, view: RidgeView): string {
  const chosen = view === "ridges" ? ridges : ridges.slice(-1);
  let above = Number.NEGATIVE_INFINITY;
  const bottom = chosen.at(-1)?.base ?? 0;
  const parts = chosen.map(({ spread, base }, index) => {
    const room = base - above >= 12 && (index === chosen.length - 1 || bottom - base >= 12);
    if (!room) return "";
    above = base;
    return text(quiet, x, base + 3, formatNumber(spread.step), 10);
  });
  const first = chosen[0]?.base ?? 0;
  return text(quiet, x, first - 11, "step", 10) + parts.join("");
}

function text(
  paint: Parameters<typeof filled>[0],
  x: number,
  y: number,
  words: string,
  size: number,
  weight = 400,
  room = Number.POSITIVE_INFINITY,
): string {
  const at = { x, y, "font-size": size, ...(weight !== 400 && { "font-weight": weight }) };
  return element("text", { ...filled(paint), ...at }, escapeText(fitted(words, size, room)));
}
