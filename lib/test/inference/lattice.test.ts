import { describe, expect, it } from "vitest";
import { checkGradient, checkSecond, grad, inference, random, tensor, zeros } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";
import { logSum } from "./brute.ts";

const { Lattice, compose, latticeScore } = inference;
const words = ["a", "b", null];

/** A lattice drawn from a key: arcs forwards between any nodes, with labels and scores. */
function drawn(seed: number, nodes: number, count: number): inference.Lattice {
  const bits = random.seed(seed).bits(5 * count);
  const part = (i: number, n: number) => Math.floor(((bits[i]! >>> 0) / 2 ** 32) * n);
  const spine = Array.from({ length: nodes - 1 }, (_, i) => ({
    from: i,
    to: i + 1,
    label: words[i % 3]!,
    score: -i / 7,
  }));
  const arcs = Array.from({ length: count }, (_, i) => {
    const from = part(5 * i, nodes - 1);
    const to = from + 1 + part(5 * i + 1, nodes - 1 - from);
    const [input, output] = [words[part(5 * i + 2, 3)]!, words[part(5 * i + 3, 3)]!];
    return { from, to, input, output, score: part(5 * i + 4, 1000) / 250 - 2 };
  });
  return new Lattice({ nodes, arcs: [...spine, ...arcs], ends: [nodes - 2, nodes - 1] });
}

interface Way {
  readonly arcs: readonly number[];
  readonly score: number;
  readonly read: string;
  readonly written: string;
}

/** Every path, by walking. */
function walk(lattice: inference.Lattice, node = lattice.start): Way[] {
  const here = lattice.ends.includes(node) ? [{ arcs: [], score: 0, read: "", written: "" }] : [];
  const on = lattice.arcs.flatMap((arc, i) =>
    arc.from !== node
      ? []
      : walk(lattice, arc.to).map((way) => ({
          arcs: [i, ...way.arcs],
          score: arc.score + way.score,
          read: (arc.input ?? "") + way.read,
          written: (arc.output ?? "") + way.written,
        })),
  );
  return [...here, ...on];
}

describe.each([1, 2, 3])("a lattice (drawing %d)", (seed) => {
  const lattice = drawn(seed, 7, 14);
  const ways = walk(lattice).sort((x, y) => y.score - x.score);

  it("has the forward score, the best paths and their number that walking all paths gives", () => {
    expect(lattice.pathCount()).toBe(ways.length);
    expect(Math.abs(lattice.logPartition() - logSum(ways.map(({ score }) => score)))).toBeLessThan(1e-10);
    const best = lattice.bestPath();
    expect(Math.abs(best.score - ways[0]!.score)).toBeLessThan(1e-10);
    expect(best.arcs.reduce((sum, arc) => sum + lattice.arcs[arc]!.score, 0)).toBeCloseTo(best.score, 10);
    const several = lattice.nBest(12);
    for (const [i, path] of several.entries()) expect(path.score).toBeCloseTo(ways[i]!.score, 10);
    expect(new Set(several.map(({ arcs }) => arcs.join(" "))).size).toBe(12);
    expect(lattice.nBest(100_000)).toHaveLength(ways.length);
    expect(several.map(({ labels }) => labels.join(""))).toEqual(
      several.map(({ arcs }) => arcs.map((arc) => lattice.arcs[arc]!.output ?? "").join("")),
    );
  });

  it("has the probability of each arc that walking gives, and the derivative of its score", async () => {
    const total = logSum(ways.map(({ score }) => score));
    const expected = lattice.arcs.map((_, i) =>
      ways.reduce((sum, { arcs, score }) => sum + (arcs.includes(i) ? Math.exp(score - total) : 0), 0),
    );
    for (const [i, p] of lattice.posteriors().entries()) expect(p).toBeCloseTo(expected[i]!, 10);
    const scores = tensor(Float64Array.from(lattice.arcs, ({ score }) => score));
    expect(Math.abs((await latticeScore(lattice, scores).item()) - total)).toBeLessThan(1e-10);
    const slope = await grad((s: typeof scores) => latticeScore(lattice, s))(scores).data();
    for (const [i, p] of expected.entries()) expect(slope[i]).toBeCloseTo(p, 10);
    await checkGradient((s) => latticeScore(lattice, s), scores);
    await checkSecond((s) => latticeScore(lattice, s), scores);
  });

  it("composes with another: one path for each pair of paths that agree, and no other", () => {
    const [first, second] = [drawn(seed + 10, 5, 6), drawn(seed + 20, 5, 5)];
    const pairs = walk(first).flatMap((x) =>
      walk(second).flatMap((y) =>
        x.written === y.read ? [`${x.read} ${y.written} ${(x.score + y.score).toFixed(9)}`] : [],
      ),
    );
    const { lattice: both, origins } = compose(first, second);
    const found = walk(both).map(({ read, written, score }) => `${read} ${written} ${score.toFixed(9)}`);
    expect(found.sort()).toEqual(pairs.sort());
    expect(both.pathCount()).toBe(pairs.length);
    for (const [i, [x, y]] of origins.entries()) {
      const sum = (x < 0 ? 0 : first.arcs[x]!.score) + (y < 0 ? 0 : second.arcs[y]!.score);
      expect(both.arcs[i]!.score).toBeCloseTo(sum, 12);
    }
  });
});

describe("a lattice", () => {
  it("takes a grammar with cycles as the second part of a composition", () => {
    const readings = new Lattice({
      nodes: 4,
      arcs: [0, 1, 2].flatMap((from) => [
        { from, to: from + 1, label: "1", score: -0.1 },
        { from, to: from + 1, label: "7", score: -1 },
      ]),
    });
    // Any digits, but an odd number of sevens.
    const grammar = new Lattice({
      nodes: 2,
      arcs: [
        { from: 0, to: 0, label: "1" },
        { from: 1, to: 1, label: "1" },
        { from: 0, to: 1, label: "7" },
        { from: 1, to: 0, label: "7" },
      ],
      ends: [1],
    });
    const { lattice } = compose(readings, grammar);
    expect(lattice.pathCount()).toBe(4);
    expect(lattice.bestPath().score).toBeCloseTo(-1.2, 12);
    expect(lattice.nBest(9).map(({ labels }) => labels.filter((label) => label === "7").length % 2)).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it("of which nothing is possible says so", () => {
    const ones = new Lattice({ nodes: 2, arcs: [{ from: 0, to: 1, label: "1" }] });
    const twos = new Lattice({ nodes: 2, arcs: [{ from: 0, to: 1, label: "2" }] });
    const { lattice } = compose(ones, twos);
    expect(lattice.logPartition()).toBe(Number.NEGATIVE_INFINITY);
    expect(lattice.pathCount()).toBe(0);
    expect(() => lattice.bestPath()).toThrow(/no path leads from the start to an end/);
  });

  it("learns the scores of whole readings: the right one becomes the best", async () => {
    const lattice = drawn(5, 6, 8);
    const right = walk(lattice).find(({ arcs }) => arcs.length === 3)!;
    const chosen = tensor(Int32Array.from(right.arcs));
    let scores = zeros([lattice.arcs.length]);
    for (let step = 0; step < 100; step++) {
      const slope = grad((s: typeof scores) => latticeScore(lattice, s).sub(s.take(chosen).sum()))(scores);
      scores = scores.sub(slope.mul(0.5)) as typeof scores;
    }
    const best = lattice.withScores(await scores.data()).bestPath();
    expect(best.arcs).toEqual(right.arcs);
  });
});

const loop = new Lattice({
  nodes: 2,
  arcs: [
    { from: 0, to: 1 },
    { from: 1, to: 0 },
  ],
});
const torn = new Lattice({ nodes: 3, arcs: [{ from: 0, to: 1 }] });
const mistakes: Mistake[] = [
  [
    "a node that there is not",
    () => new Lattice({ nodes: 2, arcs: [{ from: 0, to: 2 }] }),
    /arc 0 goes to node 2 is outside 0 … 1/,
  ],
  ["a start that there is not", () => new Lattice({ nodes: 2, arcs: [], start: 5 }), /the start 5 is outside 0 … 1/],
  ["an end that there is not", () => new Lattice({ nodes: 2, arcs: [], ends: [-1] }), /the end -1 is outside/],
  ["no nodes", () => new Lattice({ nodes: 0, arcs: [] }), /nodes is 0/],
  [
    "a score that is not a number",
    () => new Lattice({ nodes: 2, arcs: [{ from: 0, to: 1, score: Number.NaN }] }),
    /the score of arc 0 is NaN/,
  ],
  ["the best way round a cycle", () => loop.bestPath(), /a cycle leads through node 0/],
  ["the sum over a cycle", () => latticeScore(loop, zeros([2])), /a cycle leads through node 0/],
  ["a way that there is not", () => torn.bestPath(), /no path leads from the start to an end/],
  ["probabilities where there is no way", () => torn.posteriors(), /no path leads from the start to an end/],
  ["a sum where there is no way", () => latticeScore(torn, zeros([1])), /no path leads from the start to an end/],
  ["scores for other arcs", () => latticeScore(torn, zeros([2])), /the scores are \[2\], expected \[1\]/],
  ["other scores for other arcs", () => torn.withScores([1, 2]), /2 scores for 1 arcs/],
  ["half a best path", () => torn.nBest(0.5), /0\.5 best paths/],
];
describe("a mistake with a lattice", () => refused(mistakes));
