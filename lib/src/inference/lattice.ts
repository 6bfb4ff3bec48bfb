import { ArgumentError, DataError, IndexError } from "../tensor/errors.ts";
import { logSum } from "./log-domain.ts";

/** What an arc reads or writes; `null` is nothing. */
export type Label = string | null;

/** A way from one node to another as it is told: with one label, or with what it reads and what it writes. */
export interface ArcOptions {
  readonly from: number;
  readonly to: number;
  /** Added up along a path: a log probability, or minus a penalty; 0 if not said. */
  readonly score?: number;
  /** What it reads and writes, where that is the same; nothing if not said. */
  readonly label?: Label;
  readonly input?: Label;
  readonly output?: Label;
}

/** A way from one node to another. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly score: number;
  readonly input: Label;
  readonly output: Label;
}

/** A way from the start to an end. */
export interface Path {
  /** Places of its arcs in the lattice. */
  readonly arcs: readonly number[];
  /** What its arcs write, without nothings. */
  readonly labels: readonly string[];
  /** The sum of their scores. */
  readonly score: number;
}

export interface LatticeOptions {
  /** How many nodes: 0 … nodes − 1. */
  readonly nodes: number;
  readonly arcs: readonly ArcOptions[];
  /** Where paths begin; 0 if not said. */
  readonly start?: number;
  /** Where they may end; the last node if not said. */
  readonly ends?: readonly number[];
}

/**
 * A weighted graph of alternatives, as graph transformer networks pass on from one to the next (LeCun, Bottou, Bengio and
 * Haffner, Proceedings of the IEEE 1998, sections VI–VIII): segmentations of an image, readings of its segments, words of
 * a grammar. Every path from the start to an end is one interpretation, its score the sum along it.
 *
 * Paths can be counted and scored where there are no cycles; a grammar with cycles serves as the second part of `compose`.
 * Throws an `IndexError` for a node that there is not, an `ArgumentError` for a score that is not a number; methods throw
 * a `DataError` for a cycle, or where no path leads from the start to an end.
 *
 * @example
 * ```ts
 * import { inference } from "gradbook";
 *
 * const lattice = new inference.Lattice({
 *   nodes: 3,
 *   arcs: [
 *     { from: 0, to: 1, label: "1", score: -0.5 },
 *     { from: 1, to: 2, label: "1", score: -0.5 },
 *     { from: 0, to: 2, label: "4", score: -0.2 },
 *   ],
 * });
 * lattice.bestPath().labels; // ["4"]
 * lattice.nBest(2)[1].labels; // ["1", "1"]
 * ```
 */
export class Lattice {
  readonly nodes: number;
  readonly arcs: readonly Arc[];
  readonly start: number;
  readonly ends: readonly number[];
  #order: readonly number[] | null = null;
  #into: readonly (readonly number[])[] | null = null;

  constructor({ nodes, arcs, start = 0, ends = [nodes - 1] }: LatticeOptions) {
    if (!Number.isInteger(nodes) || nodes < 1)
      throw new ArgumentError("Lattice", `nodes is ${nodes}, expected a positive integer.`);
    const check = (node: number, what: string) => {
      if (!(Number.isInteger(node) && node >= 0 && node < nodes))
        throw new IndexError("Lattice", `${what} ${node} is outside 0 … ${nodes - 1}.`);
    };
    check(start, "the start");
    for (const end of ends) check(end, "the end");
    this.arcs = arcs.map((arc, i) => {
      check(arc.from, `arc ${i} comes from node`);
      check(arc.to, `arc ${i} goes to node`);
      const { from, to, score = 0, label = null, input = label, output = label } = arc;
      if (typeof score !== "number" || Number.isNaN(score))
        throw new ArgumentError("Lattice", `the score of arc ${i} is ${score}, expected a number.`);
      return { from, to, score, input, output };
    });
    this.nodes = nodes;
    this.start = start;
    this.ends = ends;
  }

  /** ln Σ exp(score) over all paths, the forward score; −∞ where there are none. */
  logPartition(): number {
    return logSum(this.ends.map((end) => this.#forward()[end]!));
  }

  /** The path with the largest score (Viterbi 1967). */
  bestPath(): Path {
    return this.nBest(1)[0]!;
  }

  /** The paths with the largest scores, the best first; all of them where there are not so many. */
  nBest(count: number): readonly Path[] {
    if (!Number.isInteger(count) || count < 1)
      throw new ArgumentError("Lattice", `${count} best paths, expected a positive integer.`);
    /** A way to a node: its last arc, and which of the ways to where that comes from it goes on. */
    type Way = { readonly score: number; readonly arc: number; readonly rank: number };
    const ways: Way[][] = Array.from({ length: this.nodes }, () => []);
    const largest = (list: Way[]) => list.sort((a, b) => b.score - a.score).slice(0, count);
    for (const node of this.#topological()) {
      const found = this.#arcsInto(node).flatMap((arc) => {
        const { from, score } = this.arcs[arc]!;
        return ways[from]!.map((way, rank) => ({ score: way.score + score, arc, rank }));
      });
      ways[node] = largest(node === this.start ? [{ score: 0, arc: -1, rank: 0 }, ...found] : found);
    }
    const last = this.ends.flatMap((end) => ways[end]!.map((way) => ({ end, way })));
    if (last.length === 0)
      throw new DataError("Lattice", "no path leads from the start to an end, expected at least one.");
    return last
      .sort((a, b) => b.way.score - a.way.score)
      .slice(0, count)
      .map(({ way }) => {
        const arcs: number[] = [];
        for (let at = way; at.arc >= 0; at = ways[this.arcs[at.arc]!.from]![at.rank]!) arcs.unshift(at.arc);
        return { arcs, labels: arcs.flatMap((arc) => this.arcs[arc]!.output ?? []), score: way.score };
      });
  }

  /** The probability that a path goes through each arc, where paths are as probable as exp(score). */
  posteriors(): Float64Array {
    const [alpha, beta] = [this.#forward(), this.#backward()];
    const total = this.logPartition();
    if (total === Number.NEGATIVE_INFINITY)
      throw new DataError("Lattice", "no path leads from the start to an end, expected at least one.");
    return Float64Array.from(this.arcs, ({ from, to, score }) => Math.exp(alpha[from]! + score + beta[to]! - total));
  }

  /** How many paths there are. */
  pathCount(): number {
    const counts = new Float64Array(this.nodes);
    for (const node of this.#topological()) {
      if (node === this.start) counts[node]!++;
      for (const arc of this.#arcsInto(node)) counts[node]! += counts[this.arcs[arc]!.from]!;
    }
    return this.ends.reduce((sum, end) => sum + counts[end]!, 0);
  }

  /** The same graph with other scores, one for each arc. */
  withScores(scores: ArrayLike<number>): Lattice {
    if (scores.length !== this.arcs.length)
      throw new ArgumentError(
        "Lattice",
        `${scores.length} scores for ${this.arcs.length} arcs, expected one for each.`,
      );
    const arcs = this.arcs.map((arc, i) => ({ ...arc, score: scores[i]! }));
    return new Lattice({ nodes: this.nodes, arcs, start: this.start, ends: this.ends });
  }

  /** @internal Nodes in an order in which every arc goes forwards. */
  topological(): readonly number[] {
    return this.#topological();
  }

  /** @internal Places of the arcs that go to a node. */
  arcsInto(node: number): readonly number[] {
    return this.#arcsInto(node);
  }

  #topological(): readonly number[] {
    if (this.#order !== null) return this.#order;
    const open = new Int32Array(this.nodes);
    const out: number[][] = Array.from({ length: this.nodes }, () => []);
    for (const { from, to } of this.arcs) {
      open[to]!++;
      out[from]!.push(to);
    }
    const order = Array.from({ length: this.nodes }, (_, node) => node).filter((node) => open[node] === 0);
    for (let i = 0; i < order.length; i++) for (const to of out[order[i]!]!) if (--open[to]! === 0) order.push(to);
    if (order.length < this.nodes)
      throw new DataError("Lattice", `a cycle leads through node ${open.findIndex((n) => n > 0)}, expected none.`);
    this.#order = order;
    return order;
  }

  #arcsInto(node: number): readonly number[] {
    if (this.#into === null) {
      const into: number[][] = Array.from({ length: this.nodes }, () => []);
      this.arcs.forEach(({ to }, i) => {
        into[to]!.push(i);
      });
      this.#into = into;
    }
    return this.#into[node]!;
  }

  /** ln of the sum over all ways from the start to each node. */
  #forward(): Float64Array {
    const alpha = new Float64Array(this.nodes).fill(Number.NEGATIVE_INFINITY);
    for (const node of this.#topological()) {
      const ways = this.#arcsInto(node).map((arc) => alpha[this.arcs[arc]!.from]! + this.arcs[arc]!.score);
      alpha[node] = logSum(node === this.start ? [0, ...ways] : ways);
    }
    return alpha;
  }

  /** ln of the sum over all ways from each node to an end. */
  #backward(): Float64Array {
    const ways: number[][] = Array.from({ length: this.nodes }, () => []);
    const beta = new Float64Array(this.nodes).fill(Number.NEGATIVE_INFINITY);
    for (const end of this.ends) ways[end]!.push(0);
    for (const node of this.#topological().toReversed()) {
      beta[node] = logSum(ways[node]!);
      for (const arc of this.#arcsInto(node)) {
        const { from, score } = this.arcs[arc]!;
        ways[from]!.push(score + beta[node]!);
      }
    }
    return beta;
  }
}
