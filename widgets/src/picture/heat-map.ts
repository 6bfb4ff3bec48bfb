import type { AttentionState } from "../attention/example.ts";
import type { SiftedMap } from "../attention/sifted-map.ts";
import { visible } from "../attention/tokens.ts";
import { border, filled, type Part, quiet, rule, stroked } from "./card.ts";
import { cellColours } from "./cell-colours.ts";
import { inBothSchemes, shadeAt, shadeFill } from "./paper-paints.ts";
import { Canvas, pngAddress } from "./png.ts";
import { element, escapeText, fitted, textWidth } from "./svg.ts";

/** More cells are a picture of pixels: an element for each would be a megabyte. */
const mostElements = 3600;
const widest = 110;

/** Draws a map with its tokens, from the corner at 0, 0. */
export function drawHeatMap(map: SiftedMap, axes: AttentionState["axes"]): Part {
  const { queries, keys } = map.example;
  const cell = Math.min(26, Math.max(9, Math.min(560 / keys.length, 480 / queries.length)), 640 / keys.length);
  const every = Math.max(1, Math.ceil(13 / cell));
  const names = (tokens: readonly string[]) => tokens.map((token) => fitted(visible(token), 11, widest));
  const [rowNames, columnNames] = [names(queries), names(keys)];
  const width = (texts: readonly string[]) => texts.reduce((most, text) => Math.max(most, textWidth(text, 11)), 0);
  const slanted = width(columnNames) > cell * every - 4;
  const rise = slanted ? width(columnNames) * 0.72 + 12 : 16;
  const [left, top] = [18 + width(rowNames) + 8, 16 + rise];
  const [across, down] = [keys.length * cell, queries.length * cell];
  const parts: string[] = [];
  const small = { ...filled(quiet), "font-size": 11 };
  parts.push(element("text", { ...small, x: left, y: 10 }, escapeText(`${axes[1]} →`)));
  const turned = { transform: `rotate(-90 8 ${top + down / 2})`, "text-anchor": "middle" };
  parts.push(element("text", { ...small, ...turned, x: 8, y: top + down / 2 + 4 }, escapeText(`← ${axes[0]}`)));
  columnNames.forEach((text, key) => {
    if (key % every !== 0) return;
    const [x, y] = [left + (key + 0.5) * cell + (slanted ? 3 : 0), top - 6];
    const lean = slanted ? { transform: `rotate(-45 ${x} ${y})` } : { "text-anchor": "middle" };
    parts.push(element("text", { ...small, ...lean, ...faint(map, map.specialKeys[key]), x, y }, escapeText(text)));
  });
  rowNames.forEach((text, query) => {
    if (query % every !== 0) return;
    const place = { x: left - 7, y: top + (query + 0.5) * cell + 4, "text-anchor": "end" };
    parts.push(element("text", { ...small, ...place, ...faint(map, map.specialQueries[query]) }, escapeText(text)));
  });
  const box = { x: left, y: top, width: across, height: down };
  const many = queries.length * keys.length > mostElements;
  parts.push(many ? inBothSchemes(box, (scheme) => mapImage(map, scheme)) : drawCells(map, left, top, cell));
  parts.push(leftOut(map, left, top, cell));
  const frame = { x: left - 0.5, y: top - 0.5, width: across + 1, height: down + 1 };
  parts.push(element("rect", { ...stroked(border), ...frame }));
  const lean = slanted ? textWidth(columnNames.at(-1)!, 11) * 0.72 : 0;
  return { width: left + across + Math.max(4, lean), height: top + down, drawing: parts.join("") };
}

function faint(map: SiftedMap, special: boolean | undefined): { "fill-opacity"?: string } {
  return map.masked && special ? { "fill-opacity": "0.45" } : {};
}

/** All cells of one shade as one path; neighbours in a row are one piece of it. */
function drawCells(map: SiftedMap, left: number, top: number, cell: number): string {
  const keys = map.example.keys.length;
  const paths = new Map<number | "broken", string>();
  const tenths = (value: number) => Math.round(value * 10) / 10;
  const shadeOf = (at: number) => {
    if (!map.shown[at]) return 0;
    return Number.isNaN(map.weights[at]) ? "broken" : shadeAt(map.weights[at]! / map.high);
  };
  map.example.queries.forEach((_, query) => {
    for (let key = 0; key < keys; ) {
      const shade = shadeOf(query * keys + key);
      let end = key + 1;
      while (end < keys && shadeOf(query * keys + end) === shade) end++;
      const [x, right] = [tenths(left + key * cell), tenths(left + end * cell)];
      const [y, bottom] = [tenths(top + query * cell), tenths(top + (query + 1) * cell)];
      if (shade !== 0) paths.set(shade, `${paths.get(shade) ?? ""}M${x} ${y}H${right}V${bottom}H${x}z`);
      key = end;
    }
  });
  return [...paths]
    .map(([shade, d]) => element("path", shade === "broken" ? { fill: "#ff00ff", d } : { ...shadeFill(shade), d }))
    .join("");
}

/** Rows and columns of special tokens that are left out, as stripes. */
function leftOut(map: SiftedMap, left: number, top: number, cell: number): string {
  if (!map.masked) return "";
  const { queries, keys } = map.example;
  let d = "";
  const [right, bottom] = [left + keys.length * cell, top + queries.length * cell];
  map.specialQueries.forEach((special, query) => {
    const y = Math.round(10 * (top + query * cell)) / 10;
    if (special) d += `M${left} ${y}H${right}V${y + cell}H${left}z`;
  });
  map.specialKeys.forEach((special, key) => {
    const x = Math.round(10 * (left + key * cell)) / 10;
    if (special) d += `M${x} ${top}H${x + cell}V${bottom}H${x}z`;
  });
  return element("path", { ...filled(rule), d });
}

function mapImage(map: SiftedMap, scheme: "light" | "dark"): string {
  const { queries, keys } = map.example;
  const canvas = new Canvas(keys.length, queries.length);
  canvas.paint(cellColours({ values: map.weights, ...map }, scheme), keys.length, 0, 0, 1);
  return pngAddress(canvas.png());
}
