import type { Run } from "../../series/run.ts";
import { download, fileName } from "../frame/download.ts";
import { CanvasPen } from "./canvas-pen.ts";
import type { Colours } from "./draw.ts";
import { csvOf, type FileKind, jsonOf } from "./files.ts";
import type { Pen } from "./pen.ts";
import { drawPoster, type Poster } from "./poster.ts";
import { SvgPen } from "./svg-pen.ts";

/** Pixels of a PNG for one of the view. */
const density = 2;

/** What is saved. */
export interface Saved extends Poster {
  readonly runs: readonly Run[];
}

/** Hands the reader a file: all the data, or the picture as it is to be seen. */
export function save(kind: FileKind, saved: Saved, colours: Colours): void {
  const { title, runs, width } = saved;
  const name = `${fileName(title, "loss-curve")}.${kind}`;
  const draw = (pen: Pen) => drawPoster(pen, saved, colours);
  const height = Math.ceil(draw(new SvgPen()));
  const paint = (pen: Pen) => {
    pen.rectangle(0, 0, width, height, { colour: colours("paper") });
    draw(pen);
  };
  if (kind === "csv") download(name, csvOf(runs), "text/csv");
  else if (kind === "json") download(name, jsonOf(title, runs), "application/json");
  else if (kind === "svg") {
    const pen = new SvgPen();
    paint(pen);
    download(name, pen.document(width, height, title || "loss curve"), "image/svg+xml");
  } else {
    const canvas = document.createElement("canvas");
    canvas.width = width * density;
    canvas.height = height * density;
    const context = canvas.getContext("2d")!;
    context.scale(density, density);
    paint(new CanvasPen(context));
    canvas.toBlob((png) => png && download(name, png), "image/png");
  }
}
