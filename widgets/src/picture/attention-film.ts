import type { PatchedImage } from "../attention/example.ts";
import type { SiftedMap } from "../attention/sifted-map.ts";
import { visible } from "../attention/tokens.ts";
import { border, filled, ink, type Part, stroked } from "./card.ts";
import { sizeWithin } from "./image-size.ts";
import { Canvas, pngAddress } from "./png.ts";
import { spotlit } from "./spotlight.ts";
import { element, escapeText, fitted } from "./svg.ts";

const most = 32;

/** Draws the image once for each word, clear where the word looks: its largest weight is entirely clear. */
export function drawFilm(map: SiftedMap, image: PatchedImage): Part {
  const keys = map.example.keys.length;
  const words = map.example.queries.slice(0, most);
  const columns = Math.min(6, words.length);
  const [width, height] = sizeWithin(image, 104);
  const [stepX, stepY] = [width + 8, height + 24];
  const drawing = words.map((word, query) => {
    const weights = map.weights.subarray(query * keys, (query + 1) * keys);
    const high = weights.reduce((largest, weight) => Math.max(largest, weight || 0), 0) || 1;
    const canvas = new Canvas(width, height);
    canvas.paint(spotlit(image, weights, { high, blocks: false, width, height }), width, 0, 0, 1);
    const [x, y] = [(query % columns) * stepX, Math.floor(query / columns) * stepY];
    const text = { ...filled(ink), x: x + width / 2, y: y + height + 14, "font-size": 12, "text-anchor": "middle" };
    return (
      element("image", { x, y, width, height, href: pngAddress(canvas.png()) }) +
      element("rect", { ...stroked(border), x: x - 0.5, y: y - 0.5, width: width + 1, height: height + 1 }) +
      element("text", text, escapeText(fitted(visible(word), 12, stepX)))
    );
  });
  return {
    width: columns * stepX - 8,
    height: Math.ceil(words.length / columns) * stepY,
    drawing: drawing.join(""),
  };
}
