import { arrayToFill } from "../../../arrays.ts";
import { valuesOf } from "../../../buffer.ts";
import type { Lanes } from "../../../x86/assembler.ts";
import { isInside, type Place } from "../../../x86/blocks/blocks.ts";
import type { ImageTile } from "../../../x86/blocks/images.ts";
import { MOST_LINES } from "../../../x86/correlate.ts";
import type { X86Kernels } from "../../../x86/kernels.ts";
import { roundUp } from "../../rounding.ts";
import { blocksOf } from "../correlation-pass.ts";
import { outputLength, type Problem } from "../problem.ts";
import { channelsOfRun } from "../runs.ts";
import { Padded, paddedLength } from "./padded.ts";
import { room } from "./room.ts";

/** Floats of padded images, and of what they meet, at a time and for each thread. */
const HELD = 1 << 16;
/** Rows that are transposed at a time. */
const EIGHT = 8;

/** Blocks of rows of floats. */
type Rows = Place & { readonly row: number; readonly block: number };

/** The tile for so many filters, on vectors of at most so many floats. */
export function correlationTile(filters: number, most: Lanes): Required<ImageTile> {
  // Two narrow vectors serve as well as a wide one: of wide ones a factor for every line is loaded at half the pace.
  const lanes = filters <= 16 ? 8 : most;
  return { rows: MOST_LINES, vectors: Math.min(2, Math.ceil(filters / lanes)), lanes };
}

/** Convolution with few outputs as sums over the taps, as `convolveCorrelated`, to the bit, on arrays. */
export function correlatedOnArrays(p: Problem, x86: X86Kernels): Float32Array {
  const { images, blocks } = x86;
  const { batch: lines, groups, channels, filtersPerGroup: filters, rows, columns } = p;
  const tile = correlationTile(filters, blocks.lanes);
  const across = tile.vectors * tile.lanes;
  const panels = Math.ceil(filters / across);
  const [taps, outputs] = [rows.taps * columns.taps, rows.outputs * columns.outputs];
  const run = Math.min(channels, channelsOfRun(taps, "correlated") ?? 1);
  // What is summed over are images here, a whole number of runs at a time.
  const rowLength = paddedLength(columns);
  const imageLength = lines * rowLength * paddedLength(rows);
  const [rowOfTaps, height] = [roundUp(taps, EIGHT), roundUp(filters, EIGHT)];
  const gImage = panels * across * rowOfTaps;
  const runs = Math.max(1, Math.floor((HELD * images.threads) / (run * Math.max(imageLength, gImage))));
  const perChunk = Math.min(channels, runs * run);

  const padded = new Padded(p, { image: 1, channel: 0 }, lines, perChunk, 0, taps < outputs);
  const used = padded.offsets(lines, rows.outputs, columns.outputs, [rows.stride, columns.stride]);
  const offsets = new Int32Array(roundUp(used.length, tile.rows)).fill(used.at(-1)!);
  offsets.set(used);
  const g = room("turned", perChunk * gImage);
  const sums = room("sums", offsets.length * panels * across);
  const out = arrayToFill("float32", outputLength(p));
  const parts = blocksOf(rows.taps, columns.taps);
  for (let group = 0; group < groups; group++) {
    for (let first = 0; first < channels; first += perChunk) {
      const some = Math.min(perChunk, channels - first);
      padded.fill(blocks, group * channels + first, some);
      putSideBySide(group, first, some);
      const passes = [];
      for (let image = 0; image < some; image += run)
        for (const part of parts)
          passes.push({
            from: image * padded.image + part.row * rowLength + part.column,
            gFrom: image * gImage + (part.row * columns.taps + part.column) * across,
            ...{ images: Math.min(run, some - image), rows: part.rows, columns: part.columns },
          });
      const fresh = first === 0;
      const steps = { panels, gPanel: rowOfTaps * across, gImage, rowStep: rowLength, imageStep: padded.image, fresh };
      images.correlate(tile, { images: padded.values, offsets, g, out: sums }, passes, steps);
    }
    copyOut(group);
  }
  return out;

  /** The filters of some channels, which are as large as images, tap for tap. */
  function putSideBySide(group: number, first: number, some: number): void {
    const { buffer, offset, strides } = p.filters;
    const [byFilter, byChannel] = strides as [number, number];
    const values = valuesOf(buffer) as Float32Array;
    const start = offset + group * filters * byFilter + first * byChannel;
    const given = { values, start, row: byFilter, block: byChannel };
    // What eights read beyond the last filter comes to nothing; there must be something, though.
    const steps = [
      [byFilter, height],
      [byChannel, some],
    ] as const;
    if (taps >= EIGHT && isInside(given, steps, taps)) {
      turn(given, 0, taps - (taps % EIGHT), some);
      if (taps % EIGHT > 0) turn(given, taps - EIGHT, EIGHT, some);
      return;
    }
    const cotangents = room("cotangents", perChunk * height * rowOfTaps);
    const copied = { values: cotangents, start: 0, row: rowOfTaps, block: height * rowOfTaps };
    blocks.copy(given, copied, { blocks: some, rows: filters, width: taps });
    turn(copied, 0, rowOfTaps, some);
  }

  function turn(from: Rows, tap: number, width: number, some: number): void {
    for (let filter = 0; filter < height; filter += EIGHT) {
      const to = Math.floor(filter / across) * rowOfTaps * across + tap * across + (filter % across);
      blocks.turn(
        { ...from, start: from.start + filter * from.row + tap },
        { values: g, start: to, row: across, block: gImage },
        { blocks: some, width },
      );
    }
  }

  /** From image, place, filter to image, filter, place. */
  function copyOut(group: number): void {
    const row = panels * across;
    const start = group * filters * outputs;
    const [evenFilters, evenOutputs] = [filters - (filters % EIGHT), outputs - (outputs % EIGHT)];
    if (evenFilters > 0)
      for (let place = 0; place < evenOutputs; place += EIGHT)
        blocks.turn(
          { values: sums, start: place * row, row, block: outputs * row },
          { values: out, start: start + place, row: outputs, block: groups * filters * outputs },
          { blocks: lines, width: evenFilters },
        );
    for (let line = 0; line < lines; line++) {
      const [from, to] = [line * outputs * row, start + line * groups * filters * outputs];
      for (let filter = 0; filter < filters; filter++)
        for (let place = filter < evenFilters ? evenOutputs : 0; place < outputs; place++)
          out[to + filter * outputs + place] = sums[from + place * row + filter]!;
    }
  }
}
