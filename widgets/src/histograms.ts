import type { TensorLike } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import { packSpreads, type SpreadAt, withSpread } from "./histogram/series.ts";
import { spreadOf } from "./histogram/spread.ts";
import type { HistogramState } from "./histogram/state.ts";
import { wordsOfSpread, wordsOfStep } from "./histogram/words.ts";
import { InTurn } from "./in-turn.ts";
import { kindOf } from "./kind.ts";
import { LiveWidget } from "./live-widget.ts";
import { Paced } from "./paced.ts";
import { histogramCard } from "./picture/histogram-card.ts";
import { formatNumber, grouped } from "./picture/numbers.ts";

/** Values whose spread is seen: a tensor, or numbers. */
export type HistogramValues = TensorLike | ArrayLike<number>;

/** Something that has a path and gives its values, such as a model's parameter. */
export interface Place {
  readonly path: string;
  get(): HistogramValues;
}

/** Values by name: an object, a map, pairs, or the parameters of a model. */
export type NamedValues =
  | Readonly<Record<string, HistogramValues>>
  | Iterable<readonly [name: string, values: HistogramValues] | Place>;

/** Values by name, or a function that gives the current ones, for parameters that are replaced while training. */
export type HistogramSource = NamedValues | (() => NamedValues | Promise<NamedValues>);

/** How histograms look. */
export interface HistogramOptions {
  readonly title?: string;
  /** In how many bins of equal width values are counted, from the lowest to the highest: 1 to 1,000. Default 40. */
  readonly bins?: number;
}

/** More bins than a panel has pixels are seen nowhere, and the page gets them for each step. */
const mostBins = 1000;

const hint = "Expected { conv1: tensor, … }, a map, a model's parameters, or a function that gives one of them.";

/** How values are spread, by name, and along training. Made by {@link histograms}. */
export class Histograms extends LiveWidget<HistogramState> {
  readonly #bins: number;
  readonly #work = new InTurn();
  readonly #found: Map<string, readonly SpreadAt[]>;
  #source: HistogramSource | undefined;
  #steps = false;
  #read: Promise<void> | undefined;
  readonly #publish = new Paced(() => this.set({ series: packed(this.#found) }));

  constructor(source: HistogramSource | undefined, { title = "", bins = 40 }: HistogramOptions) {
    if (!Number.isInteger(bins) || bins < 1 || bins > mostBins)
      throw new RangeError(
        `histograms: bins is ${bins}, expected how many: a whole number from 1 to ${grouped(mostBins)}.`,
      );
    if (source !== undefined && typeof source !== "function") named(source);
    const state: HistogramState = { title, series: [], view: "ridges", logarithmic: false, filter: "", large: "" };
    const found = new Map<string, readonly SpreadAt[]>();
    super("histograms", { state, snapshot: () => ({ series: packed(found) }) });
    this.#found = found;
    this.#bins = bins;
    this.#source = source;
  }

  /**
   * Puts down how the values are spread at a step, those of the source where no others are given. Wait for it where
   * they are on their way and are replaced meanwhile.
   */
  async add(step: number, source: HistogramSource | undefined = this.#source): Promise<void> {
    if (!Number.isFinite(step)) throw new RangeError(`histograms: step is ${step}, expected a number.`);
    if (source === undefined) throw new TypeError(`histograms: there are no values for step ${step}. ${hint}`);
    if (!this.#steps) this.#found.clear();
    this.#steps = true;
    await this.#take(step, source);
  }

  /** Reads the values anew, where they are not put down step by step: other ones, or the same source again. */
  async update(source?: HistogramSource): Promise<void> {
    if (source !== undefined) this.#source = source;
    this.#read = undefined;
    if (this.#source !== undefined && !this.#steps) await this.#readOnce();
  }

  #readOnce(): Promise<void> {
    if (this.#read) return this.#read;
    const reading = this.#take(Number.NaN, this.#source!);
    this.#read = reading;
    // What went wrong once, such as values that were not there yet, may go well the next time.
    reading.catch(() => {
      if (this.#read === reading) this.#read = undefined;
    });
    return reading;
  }

  #take(step: number, source: HistogramSource): Promise<void> {
    // Asked for at once: what comes after this call may replace them.
    const reading = read(source);
    // It may fail before its turn has come; the turn tells it.
    reading.catch(() => {});
    return this.#work.next(async () => {
      const all = await reading;
      // Steps have been put down meanwhile: values without one would stand among them.
      if (Number.isNaN(step) && this.#steps) return;
      for (const [name, values] of all) {
        const spread = { step, ...spreadOf(values, this.#bins) };
        this.#found.set(name, withSpread(this.#found.get(name) ?? [], spread));
      }
      if (this.isLive) this.#publish.ask();
      this.changed();
    });
  }

  protected override async bundle(): Promise<MimeBundle> {
    if (!this.#steps && this.#source !== undefined) await this.#readOnce();
    // What was put down before is in the picture.
    await this.#work.next(async () => {});
    return super.bundle();
  }

  protected picture(): MimeBundle {
    const all = [...this.#found].map(([name, spreads]) => ({ name, spreads }));
    const title = this.get("title");
    const lines = all.map(({ name, spreads }) => {
      const last = spreads.at(-1)!;
      const range = last.count > 0 ? `${formatNumber(last.low)} … ${formatNumber(last.high)}, ` : "";
      const at = wordsOfStep(last.step);
      return `  ${name}${at === "" ? "" : ` at ${at}`}: ${range}${wordsOfSpread(last)}`;
    });
    const look = { view: this.get("view"), logarithmic: this.get("logarithmic") };
    return {
      "text/plain": [title === "" ? "histograms" : title, ...lines].join("\n"),
      "image/svg+xml": histogramCard(title, all, look),
    };
  }
}

/**
 * How weights, activations or other values are spread, one panel for each name. Put down step by step, they are drawn
 * one behind the other, the newest in front.
 *
 * @example
 * ```ts
 * const weights = histograms(nn.parameters(model), { title: "Weights" });
 * display(weights);
 * for await (const { step } of train(model, batches, options)) if (step % 100 === 0) await weights.add(step);
 * histograms(capture(model, images)); // activations, once
 * ```
 * @throws TypeError for values that are none, RangeError for a number of bins that is none
 */
export function histograms(source?: HistogramSource, options: HistogramOptions = {}): Histograms {
  return new Histograms(source, options);
}

function packed(found: ReadonlyMap<string, readonly SpreadAt[]>) {
  return [...found].map(([name, spreads]) => packSpreads(name, spreads));
}

async function read(source: HistogramSource): Promise<(readonly [string, ArrayLike<number>])[]> {
  const given = await (typeof source === "function" ? source() : source);
  return Promise.all(
    named(given).map(async ([name, values]) => [name, isTensor(values) ? await values.data() : values] as const),
  );
}

function named(given: NamedValues): [name: string, values: HistogramValues][] {
  if (typeof given !== "object" || given === null)
    throw new TypeError(`histograms: the values are ${kindOf(given)}. ${hint}`);
  const entries: readonly unknown[] = Symbol.iterator in given ? [...given] : Object.entries(given);
  return entries.map((entry) => {
    const [name, values] = Array.isArray(entry) ? entry : isPlace(entry) ? [entry.path, entry.get()] : [];
    if (typeof name !== "string")
      throw new TypeError(`histograms: an entry is ${kindOf(entry)}, expected a name with its values. ${hint}`);
    if (!isTensor(values) && typeof (values as ArrayLike<number> | undefined)?.length !== "number")
      throw new TypeError(`histograms: ${name} is ${kindOf(values)}, expected a tensor or numbers.`);
    return [name, values as HistogramValues];
  });
}

function isPlace(entry: unknown): entry is Place {
  const { path, get } = (entry ?? {}) as Partial<Place>;
  return typeof path === "string" && typeof get === "function";
}

function isTensor(values: unknown): values is TensorLike {
  return typeof (values as TensorLike | undefined)?.data === "function";
}
