import type { View } from "../../../../device.ts";
import { arrayToFill } from "../../../arrays.ts";
import { valuesOf } from "../../../buffer.ts";
import type { Lanes } from "../../../x86/assembler.ts";
import type { AbreastPart, AbreastPlan } from "../../../x86/blocks/abreast.ts";
import type { X86Kernels } from "../../../x86/kernels.ts";
import { blockTile, type Candidate } from "../../tile.ts";
import type { Axis } from "../geometry.ts";
import { areFinite } from "../mend.ts";
import { outputLength, type Problem } from "../problem.ts";
import { channelsOfRun, type Order } from "../runs.ts";
import { correlationTile } from "./correlated.ts";
import { packFilters } from "./pack-filters.ts";
import { paddedLength } from "./padded.ts";
import { room } from "./room.ts";

/** Images, places and outputs are put side by side, and back in order, eight at a time. */
const EIGHT = 8;
/** Floats that a row of outputs may read: half a small second-level cache. */
const READ = 1 << 16;
/** Values of filters that a row of outputs may go through: as much, about. */
const PACKED = 1 << 18;
/** Multiplications in the time that it takes to put one value of a filter in its place, and to copy one of an image. */
const [PACK, COPY] = [200, 28];
/** What the tile of a convolution abreast takes less than its cost says, about: it reads few factors. */
const SLACK = 1.2;
/** Calls of machine code that are written down for a convolution. */
const MOST_CALLS = 1 << 15;
/** Floats of images that lie side by side, and of their results. */
const MOST = 1 << 22;

/** How convolutions of one kind go: their tile, how things lie side by side, and what machine code is to do. */
export interface Way {
  readonly tile: { readonly rows: number; readonly vectors: number };
  readonly tiles: number;
  /** Images side by side. */
  readonly width: number;
  /** Floats from a channel to the next. */
  readonly apart: number;
  /** Sets of images at a time, and for each the floats of those that lie side by side, and of what comes of them. */
  readonly sets: number;
  readonly images: number;
  readonly sums: number;
  readonly plan: AbreastPlan;
}

/** The way of convolutions of that size, which are summed in such an order; undefined where it takes much to write it down. */
export function wayAbreast(p: Problem, { abreast }: X86Kernels, order: Order): Way | undefined {
  const { batch, groups, channels, rows, columns } = p;
  const sizes = sizesOf(p, abreast.lanes);
  const { tile, tiles, width, apart, plane } = sizes;
  const [taps, byRow] = [rows.taps * columns.taps, columns.inputs * width];
  const steps = {
    ...{ xChannel: apart, xRow: rows.dilation * byRow, xColumn: columns.dilation * width },
    ...{ xNextRow: rows.stride * byRow, xNext: columns.stride * width },
    ...{
      filterTile: channels * taps * tile.rows,
      filterChannel: taps * tile.rows,
      filterRow: columns.taps * tile.rows,
    },
    ...{ outFilter: plane * width, outNextRow: columns.outputs * width, outNext: width },
  };
  // One thread has what it works on in its own cache; several share larger jobs.
  const most = abreast.threads === 1 ? 1 : Math.floor(MOST / Math.max(sizes.images, sizes.sums));
  const chunks = Math.ceil(batch / width / Math.max(1, most));
  const sets = Math.ceil(batch / width / chunks);
  const outRows = abreast.threads === 1 ? rows.outputs : Math.ceil(rows.outputs / abreast.threads);
  const parts = partsOf(p, outRows, width, tile.rows);
  const run = channelsOfRun(taps, order)!;
  if (parts.length * sets * groups * Math.ceil(channels / run) > MOST_CALLS) return undefined;
  const all = Array.from({ length: sets * groups }, (_, i) => {
    const group = i % groups;
    const [x, w] = [i * channels * apart, group * tiles * steps.filterTile];
    const out = (i * sizes.sums) / groups;
    return parts.map((part) => ({ ...part, x: part.x + x, filters: part.filters + w, out: part.out + out }));
  }).flat();
  return { ...sizes, sets, plan: abreast.plan(tile, all, steps, { tiles, channels, block: run }) };
}

/**
 * Convolution of many images at once, one in each lane: to the bit as the other ways, but no zeros are multiplied, and no
 * lane is for an output that is not asked for. Planes of an image must lie one after another. Undefined where filters are
 * not finite: what zeros then make of a sum must be mended, by the one way that all have.
 */
export function convolvedAbreast(p: Problem, { abreast, blocks }: X86Kernels, way: Way): Float32Array | undefined {
  const { x, batch, groups, filtersPerGroup: filters, rows, columns } = p;
  const { tile, tiles, width, apart, sets } = way;
  const [ofChannel, channels] = [rows.inputs * columns.inputs, groups * p.channels];
  const ofImage = groups * filters * rows.outputs * columns.outputs;
  const packed = packFilters(p, tile.rows, p.channels * rows.taps * columns.taps);
  if (!areFinite(packed)) return undefined;
  const [images, sums] = [room("images", sets * way.images), room("results", sets * way.sums)];
  const out = arrayToFill("float32", outputLength(p));
  const [values, byImage] = [valuesOf(x.buffer) as Float32Array, x.strides[0]!];
  const some = Math.min(width, batch);

  for (let first = 0; first < batch; first += sets * width) {
    putSideBySide(first);
    abreast.convolve(way.plan, { images, filters: packed, out: sums });
    putInOrder(first);
  }
  return out;

  /** For each set of images of which the first is said: which it is, and its first image. */
  function eachSet(first: number, work: (set: number, image: number) => void): void {
    // The last ones overlap those before them, if they are not as many.
    for (let set = 0; set < sets; set++) work(set, Math.min(first + set * width, batch - some));
  }

  function putSideBySide(first: number): void {
    const runs = apart === ofChannel * width ? 1 : channels;
    const each = (channels / runs) * ofChannel;
    inEights(some, (line, lines) =>
      inEights(each, (place, places) => {
        const starts: [number, number][] = [];
        eachSet(first, (set, image) => {
          const from = x.offset + (image + line) * byImage + place;
          const to = set * way.images + place * width + line;
          for (let run = 0; run < runs; run++) starts.push([from + run * ofChannel, to + run * apart]);
        });
        const [from, to] = [
          { values, row: byImage, block: EIGHT * byImage },
          { values: images, row: width, block: EIGHT },
        ];
        blocks.turns(from, to, starts, { blocks: lines, width: places * EIGHT });
      }),
    );
  }

  function putInOrder(first: number): void {
    const runs = tiles * tile.rows === filters ? 1 : groups;
    const each = ofImage / runs;
    inEights(some, (line, lines) =>
      inEights(each, (place, places) => {
        const starts: [number, number][] = [];
        eachSet(first, (set, image) => {
          for (let run = 0; run < runs; run++)
            // Eight images after another: more would crowd the caches where they are a power of two apart.
            for (let k = line; k < line + lines * EIGHT; k += EIGHT)
              starts.push([
                set * way.sums + (run * way.sums) / runs + place * width + k,
                (image + k) * ofImage + run * each + place,
              ]);
        });
        const [from, to] = [
          { values: sums, row: width, block: EIGHT * width },
          { values: out, row: ofImage, block: EIGHT },
        ];
        blocks.turns(from, to, starts, { blocks: places, width: EIGHT });
      }),
    );
  }
}

/**
 * Whether that takes less time than the other way on arrays that sums in such an order: by what fills their tiles, in
 * multiplications.
 */
export function paysAbreast(p: Problem, { abreast, blocks }: X86Kernels, order: Order): boolean {
  const { x, batch, groups, channels, filtersPerGroup: filters, rows, columns } = p;
  const sizes = sizesOf(p, blocks.lanes);
  const least = Math.min(batch, rows.inputs * columns.inputs, filters * sizes.plane);
  const read = channels * Math.min(rows.inputs, paddedLength({ ...rows, outputs: 1 })) * columns.inputs * sizes.width;
  const values = groups * filters * channels * rows.taps * columns.taps;
  const fits = read <= READ && sizes.images <= MOST && sizes.sums <= MOST && values <= PACKED;
  if (least < EIGHT || !fits) return false;
  const sets = Math.ceil(batch / sizes.width);
  const sums = groups * sizes.tiles * sets * inTile(sizes.tile, blocks.lanes) * channels * hits(rows) * hits(columns);
  // Filters and images are put in order by one thread.
  const copied = isDense(x) ? 0 : COPY * batch * groups * channels * rows.inputs * columns.inputs;
  const before = (PACK * values + copied) * abreast.threads;
  return sums + before <= SLACK * (order === "correlated" ? correlated(p, blocks.lanes) : shifted(p, blocks.lanes));
}

/** Multiplications in the time of a tile, for one of its depth. */
const inTile = ({ cost }: Pick<Candidate, "cost">, lanes: Lanes) => 2 * lanes * cost;

/** Those of {@link shiftedOnArrays}, with what falls between two rows. */
function shifted({ batch, groups, channels, filtersPerGroup: filters, rows, columns }: Problem, lanes: Lanes): number {
  const row = columns.outputs + Math.floor(((columns.taps - 1) * columns.dilation) / columns.stride);
  const positions = (rows.outputs - 1) * row + columns.outputs;
  const tile = blockTile(lanes, filters, positions);
  const tiles = Math.ceil(filters / tile.rows) * Math.ceil(positions / (tile.vectors * lanes));
  return batch * groups * tiles * inTile(tile, lanes) * channels * rows.taps * columns.taps;
}

/** Those of {@link correlatedOnArrays}. */
function correlated({ batch, groups, channels, filtersPerGroup, rows, columns }: Problem, most: Lanes): number {
  const { rows: lines, vectors, lanes } = correlationTile(filtersPerGroup, most);
  const across = vectors * lanes;
  const tiles = Math.ceil((batch * rows.outputs * columns.outputs) / lines) * Math.ceil(filtersPerGroup / across);
  return groups * tiles * lines * across * channels * rows.taps * columns.taps;
}

function sizesOf(
  { batch, groups, channels, filtersPerGroup: filters, rows, columns }: Problem,
  lanes: Lanes,
): Omit<Way, "sets" | "plan"> & { readonly tile: Candidate; readonly plane: number } {
  const tile = blockTile(lanes, filters, batch);
  const [tiles, width] = [Math.ceil(filters / tile.rows), tile.vectors * lanes];
  const plane = rows.outputs * columns.outputs;
  const apart = apartBy(rows.inputs * columns.inputs * width);
  const [images, sums] = [groups * channels * apart, groups * tiles * tile.rows * plane * width];
  return { tile, tiles, width, plane, apart, images, sums };
}

/** Floats from a channel to the next: those that are many times a kilobyte apart crowd a few places of the caches. */
const apartBy = (floats: number) => (floats % 256 === 0 ? floats + 80 : floats);

/** Whether planes of an image lie one after another, row by row. */
export function isDense({ shape, strides }: View): boolean {
  const [, channels, height, width] = shape as [number, number, number, number];
  return (
    (width === 1 || strides[3] === 1) &&
    (height === 1 || strides[2] === width) &&
    (channels === 1 || strides[1] === height * width)
  );
}

/** All of so many, at least eight, by eights: those that fill them, and the last eight once more if some are left. */
function inEights(count: number, work: (first: number, eights: number) => void): void {
  work(0, Math.floor(count / EIGHT));
  if (count % EIGHT > 0) work(count - EIGHT, 1);
}

/** Outputs side by side on an axis that are sums over as many taps. */
interface Run {
  readonly output: number;
  readonly outputs: number;
  /** The first tap that hits an element, and how many do. */
  readonly tap: number;
  readonly taps: number;
  /** The element that the first output's first tap hits. */
  readonly index: number;
}

/** Those that all taps hit are alike, `most` of them in a run; those near the borders are one by one. */
function runsOf({ inputs, taps, outputs, stride, dilation, before }: Axis, most: number): Run[] {
  const runs: Run[] = [];
  const last = Math.floor((inputs - 1 - (taps - 1) * dilation + before) / stride);
  for (let output = 0; output < outputs; ) {
    const start = output * stride - before;
    const tap = Math.max(0, Math.ceil(-start / dilation));
    const hit = Math.max(0, Math.min(taps, Math.floor((inputs - 1 - start) / dilation) + 1) - tap);
    const some = hit === taps ? Math.min(Math.min(last + 1, outputs) - output, most) : 1;
    runs.push({ output, outputs: some, tap, taps: hit, index: start + tap * dilation });
    output += some;
  }
  return runs;
}

/** Taps that hit an element, of all outputs of an axis. */
function hits({ inputs, taps, outputs, stride, dilation, before }: Axis): number {
  let all = 0;
  for (let output = 0; output < outputs; output++) {
    const start = output * stride - before;
    const first = Math.max(0, Math.ceil(-start / dilation));
    all += Math.max(0, Math.min(taps, Math.floor((inputs - 1 - start) / dilation) + 1) - first);
  }
  return all;
}

function partsOf({ rows, columns }: Problem, most: number, width: number, tileRows: number): AbreastPart[] {
  const across = runsOf(columns, columns.outputs);
  return runsOf(rows, most).flatMap((down) =>
    across.map((along) => ({
      x: (down.index * columns.inputs + along.index) * width,
      filters: (down.tap * columns.taps + along.tap) * tileRows,
      out: (down.output * columns.outputs + along.output) * width,
      ...{ outRows: down.outputs, outColumns: along.outputs, rows: down.taps, columns: along.taps },
    })),
  );
}
