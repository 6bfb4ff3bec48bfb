import { arrayToFill } from "../../../arrays.ts";
import type { X86Kernels } from "../../../x86/kernels.ts";
import { blockTile } from "../../tile.ts";
import { outputLength, type Problem } from "../problem.ts";
import { depthOfRun } from "../runs.ts";
import { packFilters } from "./pack-filters.ts";
import { Padded, paddedLength } from "./padded.ts";
import { room } from "./room.ts";

/** Floats of padded images, and of results, at a time and for each thread: they are to stay in its second-level cache. */
const IMAGES = 1 << 16;
const RESULTS = 1 << 15;

/** Convolution as products with the padded images themselves, as `convolveShifted`, to the bit, on arrays. */
export function shiftedOnArrays(p: Problem, { images, blocks }: X86Kernels): Float32Array {
  const { batch, groups, channels, filtersPerGroup: filters, rows, columns } = p;
  const { threads } = images;
  const [height, width] = [rows.outputs, columns.outputs];
  const rowLength = paddedLength(columns);
  const tile = blockTile(blocks.lanes, filters, (height - 1) * rowLength + width);
  const tiles = Math.ceil(filters / tile.rows);
  const across = tile.vectors * blocks.lanes;
  // A stripe is some rows of an image's result.
  const perThread = Math.ceil(height / Math.max(1, Math.ceil((2 * threads) / batch)));
  const inCache = Math.max(1, Math.floor(RESULTS / (tiles * tile.rows * rowLength)));
  const stripes = Math.ceil(height / Math.min(height, inCache, perThread));
  const stripe = Math.ceil(height / stripes);
  const panels = Math.ceil(((stripe - 1) * rowLength + width) / across);
  const outRow = panels * across;
  const slot = tiles * tile.rows * outRow;
  const perChunk = clamp((IMAGES * threads) / (groups * channels * rowLength * paddedLength(rows)), batch);
  const slots = clamp((RESULTS * threads) / slot, perChunk * groups * stripes);

  const padded = new Padded(p, { image: 0, channel: 1 }, groups * channels, perChunk, stripe * rowLength + across);
  const results = room("results", slots * slot);
  const offsets = padded.offsets(channels, rows.taps, columns.taps, [rows.dilation, columns.dilation]);
  const block = depthOfRun(rows.taps * columns.taps);
  const packed = packFilters(p, tile.rows, block);
  const ofGroup = packed.length / groups;
  const arrays = { filters: packed, images: padded.values, offsets, out: results };
  const out = arrayToFill("float32", outputLength(p));
  const plane = height * width;
  for (let first = 0; first < batch; first += perChunk) {
    const some = Math.min(perChunk, batch - first);
    padded.fill(blocks, first, some);
    // A stripe of a group of filters of an image at a time.
    const all = some * groups * stripes;
    for (let unit = 0; unit < all; unit += slots) {
      const units = Array.from({ length: Math.min(slots, all - unit) }, (_, i) => {
        const ofImage = Math.floor((unit + i) / stripes);
        const [image, group] = [Math.floor(ofImage / groups), ofImage % groups];
        const row = ((unit + i) % stripes) * stripe;
        const from = image * padded.image + group * channels * padded.channel + row * rowLength;
        const plane = (first * groups + ofImage) * filters;
        return { row, plane, place: { filters: group * ofGroup, from, to: i * slot } };
      });
      const places = units.map(({ place }) => place);
      images.multiply(tile, arrays, places, { tiles, panels, block, outRow });
      const from = { values: results, row: rowLength, block: outRow };
      const to = { values: out, row: width, block: plane };
      if (stripes === 1 && tiles * tile.rows === filters) {
        const size = { blocks: units.length * filters, rows: height, width };
        blocks.copy({ ...from, start: 0 }, { ...to, start: units[0]!.plane * plane }, size);
      } else
        for (const [i, { row, plane: index }] of units.entries()) {
          const size = { blocks: filters, rows: Math.min(stripe, height - row), width };
          blocks.copy({ ...from, start: i * slot }, { ...to, start: index * plane + row * width }, size);
        }
    }
  }
  return out;
}

const clamp = (count: number, most: number) => Math.max(1, Math.min(most, Math.floor(count)));
