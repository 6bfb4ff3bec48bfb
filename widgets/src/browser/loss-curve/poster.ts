import { formatNumber } from "../../picture/numbers.ts";
import { textWidth } from "../../picture/svg.ts";
import { type Colours, drawPanel } from "./draw.ts";
import { type Entry, notesOf } from "./legend.ts";
import type { Pen } from "./pen.ts";
import type { Scene } from "./scene.ts";

/** A panel's height on the poster, its heading and legend apart. */
export interface PosterPanel {
  readonly height: number;
  readonly entries: readonly Entry[];
}

/** What is drawn on it. */
export interface Poster {
  readonly title: string;
  readonly scene: Scene;
  readonly panels: readonly PosterPanel[];
  readonly width: number;
}

const rowHeight = 18;
const edge = 16;

/** Draws a curve for a file: its title, and each panel with its legend, below one another. @returns the height */
export function drawPoster(pen: Pen, { title, scene, panels, width }: Poster, colours: Colours): number {
  let y = edge;
  if (title !== "") {
    pen.text(edge, y + 14, title, { colour: colours("ink"), size: 16, bold: true });
    y += 30;
  }
  scene.panels.forEach((panel, index) => {
    const { entries, height } = panels[index]!;
    const name = panel.scale === "log" ? `${panel.group.name} (log)` : panel.group.name;
    pen.text(edge, y + 12, name, { colour: colours("ink"), bold: true });
    y += rowHeight * drawLegend(pen, entries, edge + textWidth(name, 13) + 14, width - edge, y + 12, colours) + 2;
    pen.below(y, () => drawPanel(pen, scene, panel, colours));
    y += height + 4;
  });
  return y + 6;
}

/** @returns how many rows it took */
function drawLegend(
  pen: Pen,
  entries: readonly Entry[],
  start: number,
  right: number,
  baseline: number,
  colours: Colours,
): number {
  let [x, row] = [start, 0];
  for (const { reading, shown, colour, dash, name } of entries) {
    if (!shown) continue;
    const { words, warns } = notesOf(reading);
    const parts = [name, formatNumber(reading.last), reading.line.aside ? "" : words].filter((part) => part !== "");
    const length = 24 + parts.reduce((sum, part) => sum + textWidth(part, 12) + 8, 0);
    if (x + length > right && x > start) [x, row] = [start, row + 1];
    const y = baseline + row * rowHeight;
    pen.line([x, y - 4, x + 16, y - 4], { colour, width: 3, dash });
    let at = x + 24;
    parts.forEach((part, index) => {
      const type =
        index === 1
          ? { colour: colours("ink"), bold: true }
          : { colour: colours(index === 2 && warns ? "warning" : "quiet") };
      pen.text(at, y, part, type);
      at += textWidth(part, 12) + 8;
    });
    x += length + 10;
  }
  return row + 1;
}
