import { type Arc, Lattice } from "./lattice.ts";

/** A composition, and for each of its arcs the arcs that it comes from, −1 where one of the two stood still. */
export interface Composition {
  readonly lattice: Lattice;
  readonly origins: readonly (readonly [first: number, second: number])[];
}

/**
 * Two lattices as one that reads what the first reads and writes what the second writes, by way of what the first writes
 * and the second reads; scores add up (LeCun et al. 1998, section VIII; Mohri, Pereira and Riley 2002). An arc that
 * writes nothing moves the first alone, one that reads nothing the second alone, and each pair of paths is counted once.
 * The second may have cycles.
 *
 * @example
 * ```ts
 * import { inference } from "gradbook";
 *
 * const readings = new inference.Lattice({
 *   nodes: 2,
 *   arcs: [{ from: 0, to: 1, label: "7", score: -0.1 }, { from: 0, to: 1, label: "1", score: -2 }],
 * });
 * const onlyOnes = new inference.Lattice({ nodes: 1, arcs: [{ from: 0, to: 0, label: "1" }] });
 * inference.compose(readings, onlyOnes).lattice.bestPath().labels; // ["1"]
 * ```
 */
export function compose(first: Lattice, second: Lattice): Composition {
  const numbers = new Map<string, number>();
  const states: (readonly [a: number, b: number, passed: boolean])[] = [];
  const nodeOf = (a: number, b: number, passed: boolean) => {
    const key = `${a} ${b} ${passed}`;
    let node = numbers.get(key);
    if (node === undefined) {
      node = states.push([a, b, passed]) - 1;
      numbers.set(key, node);
    }
    return node;
  };
  const [fromFirst, fromSecond] = [outOf(first), outOf(second)];
  const arcs: (Arc & { readonly origin: readonly [number, number] })[] = [];
  nodeOf(first.start, second.start, false);
  for (let node = 0; node < states.length; node++) {
    const [a, b, passed] = states[node]!;
    for (const x of fromFirst[a]!) {
      const one = first.arcs[x]!;
      if (one.output === null) {
        // Once the second has moved alone, the first waits for the next label: one order for each pair of paths.
        if (!passed) arcs.push({ ...one, from: node, to: nodeOf(one.to, b, false), origin: [x, -1] });
        continue;
      }
      for (const y of fromSecond[b]!) {
        const other = second.arcs[y]!;
        if (other.input !== one.output) continue;
        const to = nodeOf(one.to, other.to, false);
        const score = one.score + other.score;
        arcs.push({ from: node, to, score, input: one.input, output: other.output, origin: [x, y] });
      }
    }
    for (const y of fromSecond[b]!) {
      const other = second.arcs[y]!;
      if (other.input === null) arcs.push({ ...other, from: node, to: nodeOf(a, other.to, true), origin: [-1, y] });
    }
  }
  const ends = states.flatMap(([a, b], node) => (first.ends.includes(a) && second.ends.includes(b) ? [node] : []));
  return trimmed(states.length, arcs, ends);
}

/** Without the nodes from which no end can be reached. */
function trimmed(
  nodes: number,
  arcs: readonly (Arc & { readonly origin: readonly [number, number] })[],
  ends: readonly number[],
): Composition {
  const into: number[][] = Array.from({ length: nodes }, () => []);
  for (const { from, to } of arcs) into[to]!.push(from);
  const kept = new Set(ends);
  for (const node of kept) for (const from of into[node]!) kept.add(from);
  kept.add(0);
  const order = [...kept].sort((x, y) => x - y);
  const number = new Map(order.map((node, i) => [node, i]));
  const left = arcs.filter(({ from, to }) => kept.has(from) && kept.has(to));
  const lattice = new Lattice({
    nodes: order.length,
    arcs: left.map((arc) => ({ ...arc, from: number.get(arc.from)!, to: number.get(arc.to)! })),
    ends: ends.map((node) => number.get(node)!),
  });
  return { lattice, origins: left.map(({ origin }) => origin) };
}

function outOf(lattice: Lattice): number[][] {
  const out: number[][] = Array.from({ length: lattice.nodes }, () => []);
  lattice.arcs.forEach(({ from }, i) => {
    out[from]!.push(i);
  });
  return out;
}
