import { WITH_ZERO } from "../../jit/kernels/product.ts";
import { abreast, abreastWords } from "../abreast.ts";
import type { Lanes } from "../assembler.ts";
import { isAddressable } from "../bounds.ts";
import type { Loader, MachineFunction } from "../native.ts";
import { type Job, stepFor, type Team } from "../team/team.ts";
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
const STEP = stepFor(abreastWords);

type Arrays = Readonly<Record<"images" | "filters" | "out", Float32Array>>;

/** The calls of a convolution, written down once for all images that lie alike, and how long arrays must be for them. */
export class AbreastPlan {
  readonly run: MachineFunction;
  readonly words: Int32Array;
  readonly job: Required<Job>;
  readonly floats: Readonly<Record<keyof Arrays, number>>;

  /** @internal By {@link Abreast.plan} alone: machine code relies on what it says. */
  constructor(
    run: MachineFunction,
    words: Int32Array,
    job: Required<Job>,
    floats: Readonly<Record<keyof Arrays, number>>,
  ) {
    [this.run, this.words, this.job, this.floats] = [run, words, job, floats];
  }
}

/** Convolutions of images that lie side by side, element for element, on arrays. What would leave one is refused. */
export class Abreast {
  readonly lanes: Lanes;
  readonly #load: Loader;
  readonly #team: Team;
  readonly #kernels = new Map<string, MachineFunction>();
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

  /** What {@link convolve} does: sums over so many channels, a block of them after another, by tiles of filters. */
  plan(
    tile: Required<Pick<ImageTile, "rows" | "vectors">>,
    parts: readonly AbreastPart[],
    steps: AbreastSteps,
    { tiles, channels, block }: { tiles: number; channels: number; block: number },
  ): AbreastPlan {
    if (![tiles, channels, block, tile.rows, tile.vectors].every(isCount)) refuse();
    const width = tile.vectors * this.lanes;
    const each = Math.ceil(channels / block);
    const words = new Int32Array(parts.length * each * STEP);
    const floats = { images: 0, filters: 0, out: 0 };
    let [at, products] = [0, 0];
    for (const part of parts) {
      const { outRows, outColumns, rows, columns } = part;
      const taps = rows * columns;
      if (!isCount(outRows) || !isCount(outColumns)) refuse();
      floats.out = Math.max(
        floats.out,
        endOf(
          part.out,
          width,
          [steps.outFilter, tiles * tile.rows],
          [steps.outNextRow, outRows],
          [steps.outNext, outColumns],
        ),
      );
      if (taps !== 0) {
        if (!isCount(rows) || !isCount(columns)) refuse();
        const [down, across]: [Step, Step] = [
          [steps.xNextRow, outRows],
          [steps.xNext, outColumns],
        ];
        const [channel, row, column]: [Step, Step, Step] = [
          [steps.xChannel, channels],
          [steps.xRow, rows],
          [steps.xColumn, columns],
        ];
        floats.images = Math.max(floats.images, endOf(part.x, width, down, across, channel, row, column));
        const [ofTile, ofChannel]: [Step, Step] = [
          [steps.filterTile, tiles],
          [steps.filterChannel, channels],
        ];
        const last = endOf(part.filters, tile.rows, ofTile, ofChannel, [steps.filterRow, rows], [tile.rows, columns]);
        floats.filters = Math.max(floats.filters, last);
      }
      for (let channel = 0; channel < channels; channel += block, at += STEP) {
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
        words[at + 21] = channel > 0 ? 1 : WITH_ZERO;
      }
      products += outRows * outColumns * taps;
    }
    const work = (products * channels * tiles * tile.rows * width) / SPEED;
    const together = this.#team.shares(parts.length, work) > 1;
    return new AbreastPlan(this.#kernel(tile), words, { tasks: parts.length, each, together }, floats);
  }

  /** Sums what a plan says. */
  convolve({ run, words, job, floats }: AbreastPlan, { images, filters, out }: Arrays): void {
    const fits =
      images.length >= floats.images &&
      filters.length >= floats.filters &&
      out.length >= floats.out &&
      isAddressable(images) &&
      isAddressable(filters) &&
      isAddressable(out);
    if (!fits) refuse();
    if (this.#frames.length < words.length) this.#frames = new Int32Array(words.length);
    // Kernels use their parameters up.
    this.#frames.set(words);
    this.#team.run(run, this.#frames, STEP, job, [images, filters, out]);
  }

  #kernel({ rows, vectors }: Pick<ImageTile, "rows" | "vectors">): MachineFunction {
    const key = `${rows} × ${vectors}`;
    const known = this.#kernels.get(key) ?? this.#load(abreast(this.lanes, rows, vectors), 4);
    this.#kernels.set(key, known);
    return known;
  }
}

function refuse(): never {
  throw new RangeError("x86: the convolution of images abreast leaves its arrays.");
}

const isCount = (n: number) => Number.isInteger(n) && n >= 1;

/** Floats from one to the next, and how many there are. */
type Step = readonly [step: number, count: number];

/** Where the last of some runs of `width` floats ends. */
function endOf(start: number, width: number, ...steps: readonly Step[]): number {
  if (!(Number.isInteger(start) && start >= 0)) refuse();
  let end = start + width;
  for (const [step, count] of steps) {
    if (!(Number.isInteger(step) && step >= 0)) refuse();
    end += step * (count - 1);
  }
  return end;
}

/** Floats in bytes, as a word of a call. */
function bytes(floats: number): number {
  const count = floats * 4;
  if ((count | 0) !== count) refuse();
  return count;
}
