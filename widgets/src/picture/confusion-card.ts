import type { Confusion } from "../data.ts";
import { border, card, filled, ink, palette, quiet, stroked } from "./card.ts";
import { cellStrengths } from "./confusion-shades.ts";
import { grouped, percent } from "./numbers.ts";
import { element, escapeText, fitted, textWidth } from "./svg.ts";

const edge = 20;

/** Draws a confusion matrix with the counts in its cells, and the share of correct answers beside each row. */
export function confusionCard(confusion: Confusion): string {
  const { labels, counts, totals, total, correct } = confusion;
  const classes = labels.length;
  const widestCount = counts.flat().reduce((most, count) => Math.max(most, textWidth(grouped(count), 12)), 0);
  const widestLabel = Math.min(
    120,
    labels.reduce((most, label) => Math.max(most, textWidth(label, 12)), 0),
  );
  const cell = Math.max(6, Math.min(Math.max(38, widestCount + 10), 600 / classes));
  const written = widestCount + 4 <= cell;
  const left = edge + 18 + widestLabel + 8;
  const every = Math.max(1, Math.ceil(14 / cell));
  const slanted = widestLabel > cell * every - 4;
  const headingTop = confusion.title === undefined ? 26 : 54;
  const top = headingTop + (slanted ? 36 + widestLabel * 0.7 : 50);
  const right = left + classes * cell;
  const width = Math.max(right + Math.max(64, slanted ? widestLabel * 0.7 - cell / 2 : 0), 260) + edge;
  const bottom = top + classes * cell;
  const parts: string[] = [];
  const heading = `${grouped(correct)} of ${grouped(total)} correct: ${percent(correct / total)}`;
  if (confusion.title !== undefined) {
    const title = escapeText(fitted(confusion.title, 16, width - 2 * edge));
    parts.push(element("text", { ...filled(ink), x: edge, y: 32, "font-size": 16, "font-weight": 600 }, title));
  }
  parts.push(write(heading, edge, headingTop));
  parts.push(write("predicted", left, headingTop + 24));
  const down = { transform: `rotate(-90 ${edge + 8} ${top + (classes * cell) / 2})`, "text-anchor": "middle" };
  parts.push(element("text", { ...filled(quiet), ...down, x: edge + 8, y: top + (classes * cell) / 2 + 4 }, "true"));
  labels.forEach((label, index) => {
    const middle = (index + 0.5) * cell;
    if (index % every !== 0) return;
    parts.push(columnLabel(fitted(label, 12, 120), left + middle, top - 8, slanted));
    parts.push(write(fitted(label, 12, 120), left - 8, top + middle + 4, "end"));
  });
  parts.push(drawShades(confusion, left, top, cell));
  counts.forEach((row, truth) => {
    const middle = top + (truth + 0.5) * cell + 4;
    if (truth % every === 0) parts.push(write(percent(row[truth]! / totals[truth]!), right + 8, middle));
    if (!written) return;
    row.forEach((count, predicted) => {
      const place = { x: left + (predicted + 0.5) * cell, y: middle, "text-anchor": "middle" };
      const weight = { "font-weight": truth === predicted ? 600 : undefined };
      const paint = count === 0 ? { ...filled(quiet), "fill-opacity": "0.5" } : filled(ink);
      parts.push(element("text", { ...paint, ...place, ...weight }, grouped(count)));
    });
  });
  const frame = { x: left - 0.5, y: top - 0.5, width: classes * cell + 1, height: classes * cell + 1 };
  parts.push(element("rect", { ...stroked(border), ...frame }));
  return card({ width, height: bottom + edge, label: confusion.title ?? `confusion matrix, ${heading}` }, ...parts);
}

/** All cells of one shade as one path: with a hundred classes an element for each cell would be a megabyte. */
function drawShades(confusion: Confusion, left: number, top: number, cell: number): string {
  const paths = new Map<string, string>();
  const inset = cell > 12 ? 1 : 0;
  const strengths = cellStrengths(confusion);
  const side = Math.round((cell - 2 * inset) * 10) / 10;
  strengths.forEach((row, truth) => {
    row.forEach((strength, predicted) => {
      // At most about half of the full colour: the counts can be read on it, in light and in dark.
      const opacity = (0.55 * strength).toFixed(2);
      if (Number(opacity) === 0) return;
      const shade = `${truth === predicted ? 0 : 1} ${opacity}`;
      const [x, y] = [left + predicted * cell + inset, top + truth * cell + inset];
      const square = `M${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}h${side}v${side}h-${side}z`;
      paths.set(shade, (paths.get(shade) ?? "") + square);
    });
  });
  return [...paths]
    .map(([shade, d]) => {
      const [colour, opacity] = shade.split(" ");
      return element("path", { ...filled(palette[Number(colour)]!), "fill-opacity": opacity, d });
    })
    .join("");
}

/** Names that are wider than a column lean to the right. */
function columnLabel(text: string, x: number, y: number, slanted: boolean): string {
  if (!slanted) return write(text, x, y, "middle");
  return element("text", { ...filled(quiet), x, y, transform: `rotate(-45 ${x} ${y})` }, escapeText(text));
}

function write(text: string, x: number, y: number, anchor?: "middle" | "end"): string {
  return element("text", { ...filled(quiet), x, y, "text-anchor": anchor }, escapeText(text));
}
