import type { Colour } from "../../picture/colours.ts";
import { make } from "../frame/frame.ts";
import { Raster } from "./raster.ts";
import type { Sprites } from "./sprites.ts";

/** A canvas with the image of one point, so many CSS pixels wide. */
export function thumbnail(
  sprites: Sprites,
  index: number,
  tint: Colour,
  paper: Colour,
  width: number,
): HTMLCanvasElement {
  const canvas = make("canvas", "gb-thumbnail");
  const density = Math.max(1, Math.round(devicePixelRatio || 1));
  const [across, down] = [width * density, Math.round((width * density) / sprites.aspect)];
  Object.assign(canvas, { width: across, height: down });
  canvas.style.width = `${width}px`;
  const raster = new Raster(across, down);
  raster.clear(paper);
  raster.sprite(sprites, index, across / 2, down / 2, across, down, tint, paper, 1);
  canvas.getContext("2d")!.putImageData(new ImageData(raster.bytes, across, down), 0, 0);
  return canvas;
}
