import type { Key } from "../random/key.ts";
import { ArgumentError, DataError, IndexError } from "../tensor/errors.ts";
import { normalised, requireDistributions } from "./distributions.ts";

/** What the states of a hidden Markov model show: how likely, how to learn it, how to draw it. */
export interface Emissions<Observation> {
  readonly states: number;
  /** ln p(observation | state) at each time, `[times, states]`. */
  logProbabilities(sequence: readonly Observation[]): Float64Array;
  /** The most likely emissions for sequences whose states have these probabilities, `[times, states]` each. */
  learnt(sequences: readonly (readonly Observation[])[], states: readonly Float64Array[]): Emissions<Observation>;
  draw(state: number, key: Key): Observation;
}

/** Symbols 0 … n − 1, each with a probability in each state: `probabilities [states, symbols]`. */
export class CategoricalEmissions implements Emissions<number> {
  readonly probabilities: readonly (readonly number[])[];

  constructor(probabilities: readonly (readonly number[])[]) {
    requireDistributions("CategoricalEmissions", "state", probabilities);
    this.probabilities = probabilities;
  }

  get states(): number {
    return this.probabilities.length;
  }

  logProbabilities(sequence: readonly number[]): Float64Array {
    const symbols = this.probabilities[0]!.length;
    return Float64Array.from(
      sequence.flatMap((symbol, t) => {
        if (!(Number.isInteger(symbol) && symbol >= 0 && symbol < symbols))
          throw new IndexError("CategoricalEmissions", `symbol ${symbol} at ${t} is outside 0 … ${symbols - 1}.`);
        return this.probabilities.map((row) => Math.log(row[symbol]!));
      }),
    );
  }

  learnt(sequences: readonly (readonly number[])[], states: readonly Float64Array[]): CategoricalEmissions {
    const counts = this.probabilities.map((row) => row.map(() => 0));
    sequences.forEach((sequence, s) => {
      sequence.forEach((symbol, t) => {
        counts.forEach((row, state) => {
          row[symbol]! += states[s]![t * this.states + state]!;
        });
      });
    });
    return new CategoricalEmissions(counts.map((row, state) => normalised(row, this.probabilities[state]!)));
  }

  draw(state: number, key: Key): number {
    let rest = (key.bits(1)[0]! >>> 0) / 2 ** 32;
    const row = this.probabilities[state]!;
    let symbol = 0;
    while (symbol < row.length - 1 && rest >= row[symbol]!) rest -= row[symbol++]!;
    return symbol;
  }
}

/** Points, in each state normal with its own mean and variance along each axis. */
export class GaussianEmissions implements Emissions<readonly number[]> {
  /** `[states, axes]` */
  readonly means: readonly (readonly number[])[];
  /** `[states, axes]` */
  readonly variances: readonly (readonly number[])[];
  /** Variances do not fall below it when learnt. */
  readonly least: number;

  constructor(
    means: readonly (readonly number[])[],
    variances: readonly (readonly number[])[],
    { least = 1e-3 }: { readonly least?: number } = {},
  ) {
    const axes = means[0]?.length ?? 0;
    if (axes === 0) throw new ArgumentError("GaussianEmissions", "no means, expected [states, axes].");
    if (variances.length !== means.length || [...means, ...variances].some((row) => row.length !== axes))
      throw new ArgumentError(
        "GaussianEmissions",
        `means of ${means.length} states and ${axes} axes, variances of ${variances.length} states; expected rows alike.`,
      );
    const bad = variances.flat().find((value) => !(value > 0));
    if (bad !== undefined)
      throw new ArgumentError("GaussianEmissions", `a variance is ${bad}, expected positive ones.`);
    this.means = means;
    this.variances = variances;
    this.least = least;
  }

  get states(): number {
    return this.means.length;
  }

  logProbabilities(sequence: readonly (readonly number[])[]): Float64Array {
    const axes = this.means[0]!.length;
    return Float64Array.from(
      sequence.flatMap((point, t) => {
        if (point.length !== axes)
          throw new DataError("GaussianEmissions", `the point at ${t} has ${point.length} axes, expected ${axes}.`);
        return this.means.map((mean, state) =>
          point.reduce((sum, value, i) => {
            const variance = this.variances[state]![i]!;
            return sum - (value - mean[i]!) ** 2 / (2 * variance) - 0.5 * Math.log(2 * Math.PI * variance);
          }, 0),
        );
      }),
    );
  }

  learnt(sequences: readonly (readonly (readonly number[])[])[], states: readonly Float64Array[]): GaussianEmissions {
    const points = sequences.flatMap((sequence, s) =>
      sequence.map((point, t) => ({ point, weights: states[s]!.subarray(t * this.states, (t + 1) * this.states) })),
    );
    const mean = (state: number, of: (point: readonly number[], axis: number) => number) => {
      const total = points.reduce((sum, { weights }) => sum + weights[state]!, 0);
      return this.means[state]!.map((_, axis) => {
        const sum = points.reduce((all, { point, weights }) => all + weights[state]! * of(point, axis), 0);
        return total > 0 ? sum / total : Number.NaN;
      });
    };
    // A state that nothing was in stays as it was.
    const kept = (found: readonly number[], before: readonly number[]) =>
      found.map((value, i) => (Number.isNaN(value) ? before[i]! : value));
    const means = this.means.map((before, state) =>
      kept(
        mean(state, (point, axis) => point[axis]!),
        before,
      ),
    );
    const variances = this.variances.map((before, state) => {
      const found = mean(state, (point, axis) => (point[axis]! - means[state]![axis]!) ** 2);
      return kept(found, before).map((value) => Math.max(this.least, value));
    });
    return new GaussianEmissions(means, variances, { least: this.least });
  }

  draw(state: number, key: Key): readonly number[] {
    const bits = key.bits(2 * this.means[state]!.length);
    return this.means[state]!.map((mean, i) => {
      // Box and Muller 1958.
      const [u, v] = [bits[2 * i]!, bits[2 * i + 1]!].map((word) => (word >>> 0) / 2 ** 32) as [number, number];
      return mean + Math.sqrt(-2 * this.variances[state]![i]! * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
    });
  }
}
