import { border, card, filled, ink, quiet, stroked, warning } from "./card.ts";
import { type ColourMap, colourAt, colourTable, hexColour } from "./colours.ts";
import { formatNumber } from "./numbers.ts";
import { Canvas, pngAddress } from "./png.ts";
import { element, escapeText, fitted, textWidth } from "./svg.ts";
import { isConstant, type Tile, type TileSheet, tilePixels } from "./tiles.ts";

const edge = 20;
const lineHeight = 15;

/** Where the tiles lie, in pixels from the corner of the first one. */
interface Places {
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly stepX: number;
  readonly stepY: number;
  /** From the left of a cell to its tile: captions may be wider. */
  readonly inset: number;
  readonly width: number;
  readonly height: number;
}

/** The two static forms of a sheet. */
export interface SheetPictures {
  /** The tiles with title, labels and a key to the colours. */
  readonly svg: string;
  /** The tiles alone. */
  readonly png: Uint8Array;
}

/** Draws a sheet of tiles. */
export function drawSheet(sheet: TileSheet): SheetPictures {
  const places = arrange(sheet);
  const png = paint(sheet, places);
  const { parts, ...size } = drawing(sheet, places, png);
  return { png, svg: card({ ...size, label: sheet.title ?? "tiles" }, ...parts) };
}

/** Several sheets on one card, one below the other. */
export function drawSheets(title: string | undefined, sheets: readonly TileSheet[]): string {
  const head = title === undefined ? 0 : 34;
  const parts: string[] = [];
  let [width, height] = [title === undefined ? 0 : Math.min(720, textWidth(title, 18)) + 2 * edge, head];
  for (const sheet of sheets) {
    const places = arrange(sheet);
    const drawn = drawing(sheet, places, paint(sheet, places));
    parts.push(element("g", { transform: `translate(0 ${Math.round(height)})` }, ...drawn.parts));
    width = Math.max(width, drawn.width);
    height += drawn.height - 4;
  }
  if (title !== undefined) {
    const text = escapeText(fitted(title, 18, width - 2 * edge));
    parts.push(element("text", { ...filled(ink), x: edge, y: 36, "font-size": 18, "font-weight": 600 }, text));
  }
  return card({ width, height: height + 4, label: title ?? "tiles" }, ...parts);
}

/** The tiles alone. */
function paint(sheet: TileSheet, places: Places): Uint8Array {
  const canvas = new Canvas(Math.max(1, places.width), Math.max(1, places.height));
  const table = colourTable(sheet.colours);
  sheet.tiles.forEach((tile, index) => {
    const { x, y } = placeOf(sheet, places, index);
    canvas.paint(tilePixels(sheet, tile, table), sheet.tileWidth, x, y, sheet.scale);
  });
  return canvas.png();
}

function arrange(sheet: TileSheet): Places {
  const tileWidth = sheet.tileWidth * sheet.scale;
  const tileHeight = sheet.tileHeight * sheet.scale;
  const captions = sheet.tiles.map((tile) => tile.caption ?? []);
  const captionLines = captions.reduce((most, lines) => Math.max(most, lines.length), 0);
  const widest = captions.flat().reduce((most, line) => Math.max(most, textWidth(line, 11)), 0);
  const gap = captionLines > 0 ? 10 : Math.min(6, Math.max(2, Math.round(tileWidth / 12)));
  const cell = Math.max(tileWidth, Math.ceil(Math.min(widest, 140)));
  const stepY = tileHeight + (captionLines > 0 ? captionLines * lineHeight + 14 : gap);
  return {
    tileWidth,
    tileHeight,
    stepX: cell + gap,
    stepY,
    inset: Math.floor((cell - tileWidth) / 2),
    width: sheet.columns * (cell + gap) - gap,
    height: sheet.rows * stepY - (captionLines > 0 ? 10 : gap),
  };
}

function placeOf(sheet: TileSheet, places: Places, index: number): { x: number; y: number } {
  const [row, column] = [Math.floor(index / sheet.columns), index % sheet.columns];
  return { x: column * places.stepX + places.inset, y: row * places.stepY };
}

/** What is drawn on the card, and the size it needs. */
interface Drawing {
  readonly parts: readonly string[];
  readonly width: number;
  readonly height: number;
}

function drawing(sheet: TileSheet, places: Places, png: Uint8Array): Drawing {
  const rowLabelWidth = sheet.rowLabels.reduce((most, text) => Math.max(most, Math.min(110, textWidth(text, 11))), 0);
  const labelWidth = Math.ceil(Math.max(rowLabelWidth, textWidth(sheet.rowTitle ?? "", 11)));
  const left = edge + (sheet.rowLabels.length > 0 ? labelWidth + 8 : 0);
  let top = sheet.title === undefined ? edge : 52;
  const parts: string[] = [];
  if (sheet.columnLabels.length > 0) top += (sheet.columnTitle ? lineHeight : 0) + lineHeight - 4;
  const { key } = sheet;
  const notesTop = top + places.height + (key ? 44 : 12);
  const notesWidth = sheet.notes.reduce((most, note) => Math.max(most, textWidth(note, 12)), 0);
  const titleWidth = sheet.title === undefined ? 0 : textWidth(sheet.title, 17);
  const content = Math.max(
    left - edge + places.width,
    Math.min(680, notesWidth),
    Math.min(680, titleWidth),
    key ? 240 : 0,
  );
  const height = notesTop + sheet.notes.length * lineHeight + (sheet.notes.length > 0 ? 14 : key ? -2 : 8);
  if (sheet.title !== undefined) {
    const title = escapeText(fitted(sheet.title, 16, content));
    parts.push(element("text", { ...filled(ink), x: edge, y: 32, "font-size": 16, "font-weight": 600 }, title));
  }
  parts.push(drawLabels(sheet, places, left, top));
  const box = { x: left, y: top, width: places.width, height: places.height };
  parts.push(element("image", { ...box, href: pngAddress(png), style: "image-rendering:pixelated" }));
  parts.push(drawFrames(sheet, places, left, top));
  sheet.tiles.forEach((tile, index) => {
    const { x, y } = placeOf(sheet, places, index);
    parts.push(drawCaption(tile, left + x + places.tileWidth / 2, top + y + places.tileHeight));
  });
  if (key) parts.push(drawKey(sheet.colours, sheet.range, edge, top + places.height + 14));
  sheet.notes.forEach((note, index) => {
    const text = escapeText(fitted(note, 12, content));
    parts.push(element("text", { ...filled(quiet), x: edge, y: notesTop + index * lineHeight + 8 }, text));
  });
  return { parts, width: content + 2 * edge, height };
}

/** A hairline around each tile, dashed in the warning colour where something is wrong with it. */
function drawFrames(sheet: TileSheet, places: Places, left: number, top: number): string {
  const frames = { good: "", bad: "" };
  sheet.tiles.forEach((tile, index) => {
    const { x, y } = placeOf(sheet, places, index);
    const frame = `M${left + x - 0.5} ${top + y - 0.5}h${places.tileWidth + 1}v${places.tileHeight + 1}h-${places.tileWidth + 1}z`;
    frames[isConstant(tile) || !tile.finite ? "bad" : "good"] += frame;
  });
  const dashed = { "stroke-width": 1.5, "stroke-dasharray": "4 3" };
  return (
    element("path", { ...stroked(border), d: frames.good }) +
    (frames.bad ? element("path", { ...stroked(warning), ...dashed, d: frames.bad }) : "")
  );
}

function drawCaption(tile: Tile, centre: number, bottom: number): string {
  const lines = (tile.caption ?? []).map((line, index) => {
    const at = { x: centre, y: bottom + 14 + index * lineHeight, "font-size": 11, "text-anchor": "middle" };
    return element("text", { ...filled(index === 0 ? ink : quiet), ...at }, escapeText(fitted(line, 11, 142)));
  });
  return lines.join("");
}

function drawLabels(sheet: TileSheet, places: Places, left: number, top: number): string {
  const parts: string[] = [];
  const small = { ...filled(quiet), "font-size": 11 };
  sheet.rowLabels.forEach((text, row) => {
    const y = top + row * places.stepY + places.tileHeight / 2 + 4;
    parts.push(element("text", { ...small, x: left - 8, y, "text-anchor": "end" }, escapeText(fitted(text, 11, 110))));
  });
  // Labels that would run into one another say less than every second, fifth or tenth of them.
  const widest = sheet.columnLabels.reduce((most, text) => Math.max(most, textWidth(text, 11) + 4), 0);
  const every = [1, 2, 5, 10, 20, 50, 100].find((step) => step * places.stepX >= widest) ?? 100;
  sheet.columnLabels.forEach((text, column) => {
    if (column % every !== 0) return;
    const x = left + column * places.stepX + places.inset + places.tileWidth / 2;
    parts.push(element("text", { ...small, x, y: top - 7, "text-anchor": "middle" }, escapeText(text)));
  });
  if (sheet.columnTitle) parts.push(element("text", { ...small, x: left, y: top - 22 }, escapeText(sheet.columnTitle)));
  if (sheet.rowTitle) parts.push(element("text", { ...small, x: edge, y: top - 7 }, escapeText(sheet.rowTitle)));
  return parts.join("");
}

/** The colours from one end of the range to the other, as 32 patches: gradients would need names unique on the page. */
function drawKey(map: ColourMap, [low, high]: readonly [number, number], x: number, y: number): string {
  const [patches, length] = [32, 120];
  const from = formatNumber(low);
  const start = x + textWidth(from, 11) + 8;
  const parts = Array.from({ length: patches }, (_, i) =>
    element("rect", {
      x: start + (i * length) / patches,
      y,
      width: length / patches + 0.4,
      height: 10,
      fill: hexColour(colourAt(map, i / (patches - 1))),
    }),
  );
  const text = { ...filled(quiet), y: y + 9, "font-size": 11 };
  parts.push(element("text", { ...text, x }, from));
  parts.push(element("text", { ...text, x: start + length + 8 }, formatNumber(high)));
  return parts.join("");
}
