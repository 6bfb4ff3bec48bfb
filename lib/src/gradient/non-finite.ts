import { isFinite, isNaN } from "../operations/comparison.ts";
import { all, any } from "../operations/counting.ts";
import { operations } from "../operations/define.ts";
import type { AnyOperation } from "../operations/record.ts";
import { max, min } from "../operations/reduction.ts";
import { userStack } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { activeRecorders, type Recorder, withRecorders } from "../tensor/recording.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type PullbackRule, withPullbacks } from "./override.ts";

/** A value of a computation: what an operation gave, or what it was given from outside. */
export interface Value<Place> {
  /** The operation's name; `null` for a value from outside. */
  readonly operation: string | null;
  /** For a value from outside, the operation that it was given to first. */
  readonly givenTo: string | null;
  /** Which values went in. */
  readonly inputs: readonly number[];
  /** For a value of the way back, the one of the way forth whose cotangents were computed. */
  readonly backwardOf: number | null;
  readonly shape: readonly number[];
  /** What was going on, as the caller said then. */
  readonly place: Place;
  /** The lines of the user's stack. */
  readonly stack: string;
  /** The tensor of a value from outside. */
  readonly tensor: Tensor | null;
  /** Evaluated at once, so that the tensor itself can go. */
  readonly measures: Measures | null;
}

interface Measures {
  readonly nan: Tensor;
  readonly finite: Tensor;
  readonly low: Tensor;
  readonly high: Tensor;
}

/** Where a value that is not finite came from. */
export interface Origin<Place> {
  /** The first on the way to it that is not finite, though what it was computed from is; or a value from outside. */
  readonly source: Value<Place>;
  /** Whose derivative the source belongs to; `null` on the way forth. */
  readonly backwardOf: Value<Place> | null;
  /** The first NaN that became of it, where the source is infinite. */
  readonly becameNaN: Value<Place> | null;
  /** The least and the greatest number among the source's inputs. */
  readonly range: readonly [number, number] | null;
  /** The values from outside, nearest first, on which the source depends. */
  readonly outside: readonly Value<Place>[];
}

/**
 * Records every operation of a computation, forwards and backwards, and whether its result is finite. It costs several
 * times the computation, so that one does it again when something has gone wrong.
 */
export class FiniteTrace<Place> implements Recorder {
  readonly #values: Value<Place>[] = [];
  readonly #index = new WeakMap<Tensor, number>();
  readonly #place: () => Place;
  #backwardOf: number | null = null;

  /** `place` says what is going on when an operation is recorded. */
  constructor(place: () => Place) {
    this.#place = place;
  }

  /** Runs `body` while recording. */
  watch<T>(body: () => T): T {
    const before = activeRecorders();
    return withRecorders([...before, this], () => withPullbacks(this.#rules(), body));
  }

  record(operation: object, inputs: readonly Tensor[], output: Tensor): void {
    const from = inputs.map((input) => this.#known(input, (operation as AnyOperation).name));
    const backwardOf = this.#backwardOf;
    const forth = backwardOf === null ? null : this.#values[backwardOf]!;
    this.#index.set(output, this.#values.length);
    this.#values.push({
      operation: (operation as AnyOperation).name,
      givenTo: null,
      inputs: from,
      backwardOf,
      shape: output.shape,
      place: forth?.place ?? this.#place(),
      stack: forth?.stack ?? userStack(),
      tensor: null,
      measures: measured(output),
    });
  }

  /** Where what is not finite in a tensor came from; `null` where it is finite or was not seen. */
  async origin(bad: Tensor): Promise<Origin<Place> | null> {
    const start = this.#index.get(bad);
    if (start === undefined || !(await isBad(this.#values[start]!))) return null;
    const found: number[] = [];
    const nans: number[] = [];
    const seen = new Set<number>();
    const todo = [start];
    while (todo.length > 0) {
      const at = todo.pop()!;
      if (seen.has(at)) continue;
      seen.add(at);
      const value = this.#values[at]!;
      const causes: number[] = [];
      for (const input of value.inputs) if (await isBad(this.#values[input]!)) causes.push(input);
      if (causes.length === 0) found.push(at);
      if (await isNaNs(value)) nans.push(at);
      todo.push(...causes);
    }
    const source = this.#values[Math.min(...found)]!;
    const first = Math.min(...nans);
    const becameNaN = Number.isFinite(first) && !(await isNaNs(source)) ? this.#values[first]! : null;
    const backwardOf = source.backwardOf === null ? null : this.#values[source.backwardOf]!;
    const outside = this.#outside(backwardOf ?? source);
    return { source, backwardOf, becameNaN, range: await this.#range(source), outside };
  }

  #known(tensor: Tensor, givenTo: string): number {
    const known = this.#index.get(tensor);
    if (known !== undefined) return known;
    const at = this.#values.length;
    this.#index.set(tensor, at);
    this.#values.push({
      operation: null,
      givenTo,
      inputs: [],
      backwardOf: this.#backwardOf,
      shape: tensor.shape,
      place: this.#place(),
      stack: userStack(),
      tensor,
      measures: measured(tensor),
    });
    return at;
  }

  async #range({ inputs }: Value<Place>): Promise<readonly [number, number] | null> {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const input of inputs) {
      const { measures } = this.#values[input]!;
      if (measures === null) continue;
      low = Math.min(low, await measures.low.item());
      high = Math.max(high, await measures.high.item());
    }
    return low <= high ? [low, high] : null;
  }

  #outside(start: Value<Place>): Value<Place>[] {
    const seen = new Set([start]);
    // A set goes on over what is added while one walks it: nearest first.
    for (const value of seen) for (const input of value.inputs) seen.add(this.#values[input]!);
    return [...seen].filter(({ operation }) => operation === null);
  }

  /** Every pullback as it is, noting whose it is. */
  #rules(): Record<string, PullbackRule> {
    const own = [...operations].filter(([, operation]) => typeof operation.pullback === "function");
    return Object.fromEntries(
      own.map(([name, { pullback }]) => {
        const rule: PullbackRule = (cotangent, inputs, output, options) => {
          this.#backwardOf = this.#index.get(output) ?? null;
          return pullback!(cotangent, inputs as never, output, options as never) as readonly (Tensor | null)[];
        };
        return [name, rule];
      }),
    );
  }
}

function measured(tensor: Tensor): Measures | null {
  let whole = tensor;
  while (whole.state.kind === "batched") whole = whole.state.all;
  if (whole.size === 0 || whole.dtype === "int32" || whole.dtype === "bool") return null;
  return withRecorders([], () => {
    const nan = any(isNaN(whole));
    const finite = all(isFinite(whole));
    const measures = { nan, finite, low: min(whole), high: max(whole) };
    for (const measure of Object.values(measures)) materialise(measure);
    return measures;
  });
}

async function isBad({ measures }: Value<unknown>): Promise<boolean> {
  return measures !== null && (await measures.finite.item()) === 0;
}

async function isNaNs({ measures }: Value<unknown>): Promise<boolean> {
  return measures !== null && (await measures.nan.item()) !== 0;
}
