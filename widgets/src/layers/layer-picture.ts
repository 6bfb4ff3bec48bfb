import type { MimeBundle } from "../display.ts";
import { mapSheet } from "../feature-maps.ts";
import { filterSheet } from "../filters.ts";
import { imageSheet } from "../image-grid.ts";
import { drawSheets } from "../picture/tile-sheet.ts";
import type { TileSheet } from "../picture/tiles.ts";
import { describe } from "../tile-widget.ts";
import { usualSlice } from "./layer-tiles.ts";
import { unpack } from "./packed.ts";
import { type LayerState, shown } from "./state.ts";

/** Gives the shared values. */
export type ReadState = <Name extends keyof LayerState & string>(name: Name) => LayerState[Name];

/** The chosen layer as it stands: its filters, the chosen input, and what the layer makes of it. */
export function layerPicture(read: ReadState): MimeBundle {
  const { layer, entry } = shown(read("layers"), { layer: read("layer"), mode: read("mode") });
  const looks = read("looks");
  const labels = entry.labels ? { labels: entry.labels } : {};
  const sheets: { readonly shape: readonly number[]; readonly sheet: TileSheet }[] = [];
  const filters = read(`filters${layer}`);
  if (filters) {
    const { shape } = filters.now;
    const { colours, normalise } = looks.filters;
    const options = {
      title: `${entry.name}: filters`,
      ...labels,
      ...(colours && usualSlice(shape[1]!) !== "colour" && { colours }),
      ...(normalise && { normalise }),
    };
    sheets.push({ shape, sheet: filterSheet({ shape, values: unpack(filters.now) }, options) });
  }
  const maps = read(`maps${layer}`);
  const seen = maps?.entries.find(({ input }) => input === read("input")) ?? maps?.entries[0];
  if (seen) {
    const image = imageOf(read, seen.input);
    if (image) sheets.push(image);
    const { shape } = seen.maps;
    const { colours, normalise } = looks.maps;
    const options = {
      title: `${entry.name}: feature maps`,
      ...labels,
      ...(colours && { colours }),
      ...(normalise && { normalise }),
    };
    sheets.push({ shape, sheet: mapSheet({ shape, values: unpack(seen.maps) }, options) });
  }
  const title = read("title");
  const others = read("layers").filter((other) => other !== entry);
  const note = others.length > 0 ? [`Other layers: ${others.map(({ name }) => name).join(", ")}.`] : [];
  const text = sheets.map(({ shape, sheet }) => describe(entry.name, shape, sheet));
  return {
    "text/plain": [...(title === "" ? [] : [title]), ...text, ...note].join("\n"),
    "image/svg+xml": drawSheets(
      title === "" ? undefined : title,
      sheets.map(({ sheet }) => sheet),
    ),
  };
}

function imageOf(
  read: ReadState,
  input: number,
): { readonly shape: readonly number[]; readonly sheet: TileSheet } | undefined {
  const inputs = read("inputs");
  if (!inputs || input >= inputs.images.shape[0]!) return undefined;
  const shape = [1, ...inputs.images.shape.slice(1)];
  const size = shape.reduce((product, length) => product * length, 1);
  const values = unpack(inputs.images).subarray(input * size, (input + 1) * size);
  const label = inputs.labels?.[input];
  const title = label === undefined ? `input ${input}` : `input ${input}: ${label}`;
  return { shape, sheet: imageSheet({ shape, values }, { title }) };
}
