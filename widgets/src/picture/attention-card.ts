import type { AttentionState } from "../attention/example.ts";
import type { SiftedMap } from "../attention/sifted-map.ts";
import { choiceName, siftingWords, weightText } from "../attention/words.ts";
import { drawFilm } from "./attention-film.ts";
import { drawStamps } from "./attention-stamps.ts";
import { card, filled, ink, quiet } from "./card.ts";
import { drawHeatMap } from "./heat-map.ts";
import { lastPaperShade, paperShadeStyle, shadeFill } from "./paper-paints.ts";
import { element, escapeText, fitted, textWidth } from "./svg.ts";

const edge = 20;

/** Draws attention: the chosen map with its tokens, and all heads as stamps; for an image what each word looks at. */
export function attentionCard(state: AttentionState, map: SiftedMap): string {
  const { example } = map;
  const words = siftingWords(map);
  const several = example.layers * example.heads > 1;
  const choice = choiceName(state, example, state);
  const main = example.image
    ? { part: drawFilm(map, example.image), words: choice }
    : { part: drawHeatMap(map, state.axes), words: choice };
  const parts = [main, ...(several ? [{ part: drawStamps(state, example), words: stampWords(state, map) }] : [])];
  const label = state.examples.length > 1 ? example.label : "";
  const content = Math.max(
    300,
    ...parts.map(({ part }) => part.width),
    Math.min(680, textWidth(state.title, 17)),
    Math.min(680, Math.max(0, ...words.map((text) => textWidth(text, 12)))),
  );
  const drawn: string[] = [];
  let y = edge;
  if (state.title !== "") {
    const text = escapeText(fitted(state.title, 16, content));
    drawn.push(element("text", { ...filled(ink), x: edge, y: 32, "font-size": 16, "font-weight": 600 }, text));
    y = 44;
  }
  const write = (text: string) => {
    drawn.push(element("text", { ...filled(quiet), x: edge, y: y + 12 }, escapeText(fitted(text, 12, content))));
    y += 16;
  };
  if (label !== "") write(label);
  for (const { part, words: above } of parts) {
    if (above !== "") write(above);
    y += 6;
    drawn.push(element("g", { transform: `translate(${edge} ${y})` }, part.drawing));
    y += part.height + 12;
    if (part !== main.part || example.image) continue;
    drawn.push(drawKey(map.high, edge, y));
    y += 24;
  }
  for (const text of words) write(text);
  const size = { width: content + 2 * edge, height: y + edge - 8, label: state.title || "attention map" };
  return card(size, paperShadeStyle(), ...drawn);
}

function stampWords({ layerNames, headNames }: AttentionState, { example }: SiftedMap): string {
  const heads = `${headNames[0]} … ${headNames.at(-1)}`;
  if (example.layers === 1) return `all heads: ${heads}, each to its largest weight`;
  const layers = `${layerNames[0]} … ${layerNames.at(-1)} (down)`;
  return example.heads === 1 ? layers : `${layers}, ${heads} (across), each to its largest weight`;
}

/** The shades from nothing to the largest weight. */
function drawKey(high: number, x: number, y: number): string {
  const [patches, length, start] = [lastPaperShade + 1, 132, x + 16];
  const parts = Array.from({ length: patches }, (_, shade) =>
    element("rect", {
      ...shadeFill(shade),
      x: start + (shade * length) / patches,
      y,
      width: length / patches + 0.4,
      height: 10,
    }),
  );
  const text = { ...filled(quiet), y: y + 9, "font-size": 11 };
  parts.push(element("text", { ...text, x }, "0"));
  parts.push(element("text", { ...text, x: start + length + 8 }, `${weightText(high)}  attention weight`));
  return parts.join("");
}
