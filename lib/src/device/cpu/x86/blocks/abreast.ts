import { abreast, abreastWords } from "../abreast.ts";
import type { Lanes } from "../assembler.ts";
import { isAddressable } from "../bounds.ts";
import type { Loader, MachineFunction } from "../native.ts";
import { stepFor, type Team } from "../team/team.ts";
import type { ImageTile } from "./images.ts";

/** Outputs in some rows and columns, all of which are sums over as many taps. Where they begin, in floats. */
export interface AbreastPart {
  readonly x: number;
  readonly filters: number;
  readonly out: number;
  readonly outRows: number;
  readonly outColumns: number;
  /** Of taps. */
  readonly rows: number;
  readonly columns: number;
}

/** How far it is, in floats, from one to the next. */
export interface AbreastSteps {
  /** Of channels, and of rows and columns of taps, in the images. */
  readonly xChannel: number;
  readonly xRow: number;
  readonly xColumn: number;
  /** Of rows and columns of outputs, in the images. */
  readonly xNextRow: number;
  readonly xNext: number;
  /** Of tiles, channels and rows of taps, in the filters. */
  readonly filterTile: number;
  readonly filterChannel: number;
  readonly filterRow: number;
  /** Of filters, rows and columns, in the result. */
  readonly outFilter: number;
  readonly outNextRow: number;
  readonly outNext: number;
}

/** Multiplications in a nanosecond, about. */
const SPEED = 40;

/** Convolutions of images that lie side by side, element for element, on arrays. What would leave one is refused. */
export class Abreast {
  readonly lanes: Lanes;
  readonly #load: Loader;
  readonly #team: Team;
  readonly #kernels = new Map<number, MachineFunction>();
  #frames = new Int32Array(0);

  constructor(lanes: Lanes, load: Loader, team: Team) {
    this.lanes = lanes;
    this.#load = load;
    this.#team = team;
  }

  /** How many threads there are to share the work. */
  get threads(): number {
    return this.#team.size;
  }

  /** Sums over so many channels, a block of them after another. */
  convolve(
    tile: Required<Pick<ImageTile, "rows" | "vectors">>,
    { images, filters, out }: Readonly<Record<"images" | "filters" | "out", Float32Array>>,
    parts: readonly AbreastPart[],
    steps: AbreastSteps,
    { tiles, channels, block }: { tiles: number; channels: number; block: number },
  ): void {
    const width = tile.vectors * this.lanes;
    const counts = [tiles, channels, block, tile.rows].every((n) => Number.isInteger(n) && n >= 1);
    if (!counts || ![images, filters, out].every(isAddressable)) refuse();
    const each = Math.ceil(channels / block);
    const step = stepFor(abreastWords);
    const length = parts.length * each * step;
    if (this.#frames.length < length) this.#frames = new Int32Array(length);
    const words = this.#frames;
    let [at, products] = [0, 0];
    for (const part of parts) {
      const { outRows, outColumns, rows, columns } = part;
      const taps = rows * columns;
      const fits =
        isCount(outRows) &&
        isCount(outColumns) &&
        (taps === 0 || (isCount(rows) && isCount(columns))) &&
        reaches(
          part.out,
          span(steps.outFilter, tiles * tile.rows) + span(steps.outNextRow, outRows) + span(steps.outNext, outColumns),
          width,
          out,
        ) &&
        (taps === 0 ||
          (reaches(
            part.x,
            span(steps.xNextRow, outRows) +
              span(steps.xNext, outColumns) +
              span(steps.xChannel, channels) +
              span(steps.xRow, rows) +
              span(steps.xColumn, columns),
            width,
            images,
          ) &&
            reaches(
              part.filters,
              span(steps.filterTile, tiles) +
                span(steps.filterChannel, channels) +
                span(steps.filterRow, rows) +
                span(tile.rows, columns),
              tile.rows,
              filters,
            )));
      if (!fits) refuse();
      for (let channel = 0; channel < channels; channel += block, at += step) {
        words[at] = bytes(taps === 0 ? 0 : part.x + channel * steps.xChannel);
        words[at + 1] = bytes(taps === 0 ? 0 : part.filters + channel * steps.filterChannel);
        words[at + 2] = bytes(part.out);
        words[at + 3] = tiles;
        words[at + 4] = outRows;
        words[at + 5] = outColumns;
        words[at + 6] = taps === 0 ? 0 : Math.min(block, channels - channel);
        words[at + 7] = rows;
        words[at + 8] = columns;
        words[at + 9] = bytes(steps.xColumn);
        words[at + 10] = bytes(steps.xRow - columns * steps.xColumn);
        words[at + 11] = bytes(steps.xChannel - rows * steps.xRow);
        words[at + 12] = bytes(steps.filterRow - columns * tile.rows);
        words[at + 13] = bytes(steps.filterChannel - rows * steps.filterRow);
        words[at + 14] = bytes(steps.filterTile);
        words[at + 15] = bytes(steps.xNext);
        words[at + 16] = bytes(steps.xNextRow);
        words[at + 17] = bytes(steps.outNext);
        words[at + 18] = bytes(steps.outNextRow);
        words[at + 19] = bytes(steps.outFilter);
        words[at + 20] = bytes(steps.outFilter * tile.rows);
        words[at + 21] = channel === 0 ? 0 : 1;
      }
      products += outRows * outColumns * taps;
    }
    const work = (products * channels * tiles * tile.rows * width) / SPEED;
    const together = this.#team.shares(parts.length, work) > 1;
    this.#team.run(this.#kernel(tile), words, step, { tasks: parts.length, each, together }, [images, filters, out]);
  }

  #kernel({ rows, vectors }: Pick<ImageTile, "rows" | "vectors">): MachineFunction {
    const key = rows * 16 + vectors;
    const known = this.#kernels.get(key) ?? this.#load(abreast(this.lanes, rows, vectors), 4);
    this.#kernels.set(key, known);
    return known;
  }
}

function refuse(): never {
  throw new RangeError("x86: the convolution of images abreast leaves its arrays.");
}

const isCount = (n: number) => Number.isInteger(n) && n >= 1;
/** From the first to the last of so many; not a number where a step leads backwards. */
const span = (step: number, count: number) => (step >= 0 ? step * (count - 1) : Number.NaN);
const reaches = (start: number, reach: number, width: number, array: Float32Array) =>
  Number.isInteger(start) && start >= 0 && Number.isInteger(reach) && start + reach + width <= array.length;

/** Floats in bytes, as a word of a call. */
function bytes(floats: number): number {
  const count = floats * 4;
  if ((count | 0) !== count) refuse();
  return count;
}
