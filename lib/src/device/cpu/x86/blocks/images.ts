import { WITH_ZERO } from "../../jit/kernels/product.ts";
import type { Lanes } from "../assembler.ts";
import { isAddressable } from "../bounds.ts";
import { correlate, correlateWords, FRESH } from "../correlate.ts";
import type { Loader, MachineFunction } from "../native.ts";
import { product, productParameters } from "../product.ts";
import { shareOf, stepFor, type Team } from "../team/team.ts";

/** Rows, or lines, and vectors of a tile. */
export interface ImageTile {
  readonly rows: number;
  readonly vectors: number;
  /** Floats of a vector; as many as there are, if not said. */
  readonly lanes?: Lanes;
}

/** Where the filters, what is read and the result of a product begin. */
export interface Place {
  readonly filters: number;
  readonly from: number;
  readonly to: number;
}

/** Multiplications in a nanosecond, about. */
const SPEED = 40;

/** Columns of a filter, at most, for which there is a kernel without a loop over them. */
const FEW = 7;

/** Products in which one factor are padded images, read at offsets in bytes, on arrays. What would leave one is refused. */
export class Images {
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

  /** How many threads there are to share the work of images. */
  get threads(): number {
    return this.#team.size;
  }

  /**
   * At each of some places: the product of packed filters and what the images hold from there on, at the offsets, in rows
   * `outRow` apart. Depth is summed in blocks, one after another.
   */
  multiply(
    tile: ImageTile,
    {
      filters,
      images,
      offsets,
      out,
    }: Readonly<Record<"filters" | "images" | "out", Float32Array>> & { readonly offsets: Int32Array },
    places: readonly Place[],
    { tiles, panels, block, outRow }: { tiles: number; panels: number; block: number; outRow: number },
  ): void {
    const depth = offsets.length;
    const width = tile.vectors * this.lanes;
    const reach = furthest(offsets) / 4 + panels * width;
    const written = (tiles * tile.rows - 1) * outRow + panels * width;
    const fits =
      [tiles, panels, block, outRow].every((n) => Number.isInteger(n) && n >= 1) &&
      depth >= 1 &&
      outRow >= panels * width &&
      [filters, images, out].every(isAddressable) &&
      places.every(
        ({ filters: first, from, to }) =>
          first >= 0 &&
          first + tiles * tile.rows * depth <= filters.length &&
          from >= 0 &&
          from + reach <= images.length &&
          to >= 0 &&
          to + written <= out.length,
      );
    if (!fits) throw new RangeError("x86: the product with images leaves its arrays.");
    const each = Math.ceil(depth / block);
    const step = stepFor(productParameters.length);
    const words = this.#framesFor(places.length * each * step);
    let at = 0;
    for (const { filters: first, from, to } of places)
      for (let k = 0; k < depth; k += block) {
        words[at] = (first + tiles * tile.rows * k) * 4;
        words[at + 1] = from * 4;
        words[at + 2] = width * 4;
        words[at + 3] = k * 4;
        words[at + 4] = to * 4;
        words[at + 5] = outRow * 4;
        words[at + 6] = tiles;
        words[at + 7] = panels;
        words[at + 8] = Math.min(block, depth - k);
        words[at + 9] = k === 0 ? WITH_ZERO : 1;
        at += step;
      }
    const run = this.#kernel(`product ${tile.rows} × ${tile.vectors}`, () =>
      product(this.lanes, tile.rows, tile.vectors),
    );
    const arrays = [filters, images, offsets, out];
    const work = (places.length * tiles * tile.rows * panels * width * depth) / SPEED;
    const shares = this.#team.shares(places.length, work);
    const perTask = Math.max(1, Math.floor(places.length / shares));
    const tasks = Math.floor(places.length / perTask);
    this.#team.run(run, words, step, { tasks, each: perTask * each }, arrays);
    const rest = places.length - tasks * perTask;
    if (rest > 0)
      this.#team.run(run, words.subarray(tasks * perTask * each * step), step, { tasks: 1, each: rest * each }, arrays);
  }

  /**
   * Adds to each line of `out` what the images hold from its offset on, times `g`, summed over what each of some passes
   * goes over: so many images, `imageStep` apart, of rows `rowStep` apart and columns, while `g` goes on, packed. Where
   * `fresh` says so, what is in `out` before counts for zeros.
   */
  correlate(
    tile: ImageTile,
    {
      images,
      offsets,
      g,
      out,
    }: Readonly<Record<"images" | "g" | "out", Float32Array>> & { readonly offsets: Int32Array },
    passes: readonly {
      readonly from: number;
      readonly gFrom: number;
      readonly images: number;
      readonly rows: number;
      readonly columns: number;
    }[],
    {
      panels,
      gPanel,
      gImage,
      rowStep,
      imageStep,
      fresh,
    }: { panels: number; gPanel: number; gImage: number; rowStep: number; imageStep: number; fresh: boolean },
  ): void {
    const tiles = offsets.length / tile.rows;
    const { lanes = this.lanes } = tile;
    const width = tile.vectors * lanes;
    const outRow = panels * width;
    const reach = furthest(offsets) / 4;
    const fits =
      [tiles, panels, gPanel, gImage].every((n) => Number.isInteger(n) && n >= 1) &&
      out.length >= tiles * tile.rows * outRow &&
      [images, g, out].every(isAddressable) &&
      passes.every((pass) => {
        const counts =
          [pass.images, pass.rows, pass.columns].every((n) => Number.isInteger(n) && n >= 1) &&
          rowStep >= pass.columns &&
          imageStep >= pass.rows * rowStep &&
          gImage >= pass.rows * pass.columns * width;
        const last = (pass.images - 1) * imageStep + (pass.rows - 1) * rowStep + pass.columns;
        const gLast = (panels - 1) * gPanel + (pass.images - 1) * gImage + pass.rows * pass.columns * width;
        return (
          counts &&
          pass.from >= 0 &&
          pass.from + reach + last <= images.length &&
          pass.gFrom >= 0 &&
          pass.gFrom + gLast <= g.length
        );
      });
    if (!fits) throw new RangeError("x86: the correlation of images leaves its arrays.");
    const products =
      passes.reduce((sum, pass) => sum + pass.images * pass.rows * pass.columns, 0) * tiles * tile.rows * outRow;
    const tasks = this.#team.shares(tiles, products / SPEED);
    const step = stepFor(correlateWords);
    const words = this.#framesFor(tasks * passes.length * step);
    let at = 0;
    for (let task = 0; task < tasks; task++) {
      const [first, end] = [shareOf(tiles, tasks, task), shareOf(tiles, tasks, task + 1)];
      for (const pass of passes) {
        words[at] = pass.from * 4;
        words[at + 1] = first * tile.rows * 4;
        words[at + 2] = (rowStep - pass.columns) * 4;
        words[at + 3] = (imageStep - pass.rows * rowStep) * 4;
        words[at + 4] = pass.gFrom * 4;
        words[at + 5] = gPanel * 4;
        words[at + 6] = (gImage - pass.rows * pass.columns * width) * 4;
        words[at + 7] = first * tile.rows * outRow * 4;
        words[at + 8] = outRow * 4;
        words[at + 9] = end - first;
        words[at + 10] = panels;
        words[at + 11] = pass.images;
        words[at + 12] = pass.rows;
        words[at + 13] = pass.columns;
        words[at + FRESH] = fresh && pass === passes[0] ? 1 : 0;
        at += step;
      }
    }
    const { columns } = passes[0]!;
    const few = columns <= FEW && passes.every((pass) => pass.columns === columns) ? columns : undefined;
    const run = this.#kernel(`correlate ${tile.rows} × ${tile.vectors} of ${lanes}, ${few}`, () =>
      correlate(lanes, tile.rows, tile.vectors, few, true),
    );
    this.#team.run(run, words, step, { tasks, each: passes.length }, [images, g, offsets, out]);
  }

  #kernel(name: string, write: () => Uint8Array): MachineFunction {
    const known = this.#kernels.get(name) ?? this.#load(write(), 5);
    this.#kernels.set(name, known);
    return known;
  }

  #framesFor(words: number): Int32Array {
    if (this.#frames.length < words) this.#frames = new Int32Array(words);
    return this.#frames;
  }
}

/** The largest of offsets; infinite where one is negative. */
function furthest(offsets: Int32Array): number {
  let [least, most] = [0, 0];
  for (let i = 0; i < offsets.length; i++) {
    const offset = offsets[i]!;
    if (offset > most) most = offset;
    if (offset < least) least = offset;
  }
  return least < 0 ? Number.POSITIVE_INFINITY : most;
}
