import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engine } from "../../src/device/cpu/jit/engine.ts";
import type { Reach } from "../../src/device/cpu/vector/describe.ts";
import { loopsOf } from "../../src/device/cpu/vector/loops.ts";
import type { Blocks } from "../../src/device/cpu/x86/blocks/blocks.ts";
import { MOST_ROWS } from "../../src/device/cpu/x86/blocks/product.ts";
import { loader } from "../../src/device/cpu/x86/native.ts";
import { rowKernel } from "../../src/device/cpu/x86/rows/rows.ts";
import { Team } from "../../src/device/cpu/x86/team/team.ts";
import type { Expression, RowProgram } from "../../src/device/device.ts";
import { expectSomeRefused } from "./some-refused.ts";

const x86 = engine()?.x86 ?? null;
const required = process.env.GRADBOOK_REQUIRE === "all";
if (x86 === null) console.warn("Skipped: there are no kernels in machine code on this machine.");

/** Whole numbers, of which sums of products are exact. */
const wholeNumbers = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => ((Math.imul(i + seed, 2654435761) >>> 20) % 17) - 8);

/** A step from one thing to the next, forwards or backwards. */
const step = (least: number, most: number) =>
  fc.tuple(fc.integer({ min: least, max: most }), fc.boolean()).map(([n, back]) => (back ? -n : n));

/** The index of the first of `count` steps, so that none is below `from`. */
const startOf = (steps: readonly (readonly [number, number])[], from: number) =>
  steps.reduce((start, [size, count]) => start + (size < 0 ? -size * (count - 1) : 0), from);

describe.skipIf(x86 === null && !required)("kernels on arrays", () => {
  const blocks = x86?.blocks as Blocks;
  const count = (most: number) => fc.integer({ min: 1, max: most });

  it("multiply by tiles of every size, factors in any direction, and add to what there is", () => {
    const tiles = [1, 2, 3, 4].flatMap((vectors) =>
      Array.from({ length: Math.min(MOST_ROWS, Math.floor((blocks.lanes * 2 - 1) / vectors) - 1) }, (_, i) => ({
        ...{ rows: i + 1, vectors },
      })),
    );
    const cases = fc.record({
      ...{ tile: fc.constantFrom(...tiles), tiles: count(3), panels: count(3), depth: count(40) },
      ...{ row: step(1, 60), deep: step(1, 60), gap: fc.nat(9), accumulate: fc.boolean(), start: fc.nat(7) },
    });
    fc.assert(
      fc.property(cases, ({ tile, tiles, panels, depth, row, deep, gap, accumulate, start }) => {
        const width = tile.vectors * blocks.lanes;
        const rows = tiles * tile.rows;
        const a = { values: wholeNumbers(60 * (rows + depth) + 8, 1), row, depth: deep };
        const from = startOf(
          [
            [row, rows],
            [deep, depth],
          ],
          start,
        );
        const b = {
          values: wholeNumbers(panels * (depth + 1) * (width + gap) + gap, 2),
          panel: depth * (width + gap),
          depth: width + gap,
        };
        const out = { values: wholeNumbers(rows * (panels * width + gap) + start, 3), row: panels * width + gap };
        const before = out.values.slice();
        blocks.product(
          tile,
          { ...a, start: from },
          { ...b, start: gap },
          { ...out, start },
          { tiles, panels, depth, accumulate },
        );
        const expected = before.slice();
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < panels * width; j++) {
            const at = start + i * out.row + j;
            let sum = accumulate ? before[at]! : 0;
            for (let k = 0; k < depth; k++)
              sum +=
                a.values[from + i * row + k * deep]! *
                b.values[gap + Math.floor(j / width) * b.panel + k * b.depth + (j % width)]!;
            expected[at] = sum;
          }
        expect(out.values).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it("copy blocks of any width, and transpose them eight rows at a time", () => {
    const cases = fc.record({ blocks: count(3), rows: count(9), width: count(37), gap: fc.nat(5), start: fc.nat(5) });
    fc.assert(
      fc.property(cases, ({ blocks: n, rows, width, gap, start }) => {
        const row = width + gap;
        const values = wholeNumbers(n * Math.max(rows, 8) * (row + 8) + 64, 4);
        const copied = new Float32Array(n * rows * row + start + 8).fill(99);
        const expected = copied.slice();
        blocks.copy(
          { values, start, row, block: rows * row },
          { values: copied, start, row: width, block: rows * width },
          { blocks: n, rows, width },
        );
        for (let i = 0; i < n * rows; i++)
          for (let j = 0; j < width; j++) expected[start + i * width + j] = values[start + i * row + j]!;
        expect(copied).toEqual(expected);

        const columns = 8 * (1 + (width % 4));
        const far = columns + gap;
        const source = wholeNumbers(n * 8 * far + start, 5);
        const turned = new Float32Array(n * columns * (8 + gap) + start);
        blocks.turn(
          { values: source, start, row: far, block: 8 * far },
          { values: turned, start, row: 8 + gap, block: columns * (8 + gap) },
          { blocks: n, width: columns },
        );
        for (let block = 0; block < n; block++)
          for (let i = 0; i < 8; i++)
            for (let j = 0; j < columns; j++)
              expect(turned[start + (block * columns + j) * (8 + gap) + i]).toBe(
                source[start + (block * 8 + i) * far + j],
              );
      }),
      { numRuns: 200 },
    );
  });

  it("sum rows one after another, and pick rows", () => {
    const cases = fc.record({
      rows: count(40),
      wide: count(8),
      gap: fc.nat(5),
      width: count(37),
      picks: fc.array(fc.nat(20), { minLength: 1 }),
    });
    fc.assert(
      fc.property(cases, ({ rows, wide, gap, width, picks }) => {
        const columns = 16 * wide;
        const row = columns + gap;
        const values = Float32Array.from(wholeNumbers(rows * row + gap, 6), (x) => x / 7);
        const sums = new Float32Array(columns);
        blocks.sumLines({ values, start: gap, row }, { values: sums, start: 0 }, { rows, width: columns });
        const expected = Array.from({ length: columns }, (_, j) => {
          let sum = 0;
          for (let i = 0; i < rows; i++) sum += values[gap + i * row + j]!;
          return Math.fround(sum);
        });
        expect([...sums]).toEqual(expected);

        const lines = wholeNumbers(21 * width + gap, 7);
        const picked = new Float32Array(picks.length * width);
        blocks.pickLines({ values: lines, start: gap }, Int32Array.from(picks), { values: picked, start: 0 }, width);
        expect([...picked]).toEqual(picks.flatMap((i) => [...lines.subarray(gap + i * width, gap + (i + 1) * width)]));
      }),
      { numRuns: 200 },
    );
  });

  const random = (() => {
    let state = 12345;
    return (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  })();
  const signed = (below: number) => random(2 * below) - Math.floor(below / 3);

  it("refuse what would leave an array, in 100,000 random calls", () => {
    const [a, b, out] = [new Float32Array(3000), new Float32Array(5000), new Float32Array(4000)];
    const place = (values: Float32Array) => ({ values, start: signed(500) });
    const places = (values: Float32Array, count: number) => ({
      ...{ values, starts: Int32Array.from({ length: count }, () => signed(500)) },
    });
    const batches = x86!.batches;
    const calls = [
      () =>
        blocks.product(
          { rows: 1 + random(6), vectors: 1 + random(2) },
          { ...place(a), row: signed(60), depth: signed(40) },
          { ...place(b), panel: signed(500), depth: signed(60) },
          { ...place(out), row: signed(200) },
          { tiles: random(4), panels: random(4), depth: random(30), accumulate: random(2) === 1 },
        ),
      () =>
        blocks.copy(
          { ...place(a), row: signed(60), block: signed(400) },
          { ...place(out), row: signed(60), block: signed(400) },
          { blocks: random(4), rows: random(9), width: random(70) },
        ),
      () =>
        blocks.turn(
          { ...place(a), row: signed(60), block: signed(400) },
          { ...place(out), row: signed(60), block: signed(400) },
          { blocks: random(4), width: 8 * random(5) },
        ),
      () => blocks.sumLines({ ...place(a), row: signed(100) }, place(out), { rows: random(30), width: 16 * random(5) }),
      () =>
        blocks.pickLines(
          place(a),
          Int32Array.from({ length: random(9) }, () => signed(30)),
          place(out),
          random(70),
        ),
      () => {
        const count = 1 + random(3);
        batches.product(
          { rows: 1 + random(6), vectors: 1 + random(2) },
          { ...places(a, count), row: signed(60), depth: signed(40) },
          { ...places(b, count), panel: signed(500), depth: signed(60) },
          { ...places(out, random(9) > 0 ? count : 2), row: signed(200) },
          { tiles: random(4), panels: random(4), depth: random(30) },
        );
      },
      () => {
        const [turns, count] = [random(2) === 1, 1 + random(3)];
        batches.move(
          turns ? "turn" : "copy",
          { ...places(a, count), row: signed(60), block: signed(400) },
          { ...places(out, random(9) > 0 ? count : 2), row: signed(60), block: signed(400) },
          { blocks: random(4), rows: turns ? 8 : random(9), width: random(70) },
        );
      },
    ];
    expectSomeRefused((i) => calls[i % calls.length]!());
  }, 300_000);

  it("refuse streams that would leave their arrays, in 100,000 random calls", () => {
    const x: Expression = { kind: "input", index: 0, dtype: "float32" };
    const truth: Expression = { kind: "input", index: 1, dtype: "bool" };
    const folded: Expression = { kind: "input", index: 2, dtype: "float32" };
    const program: RowProgram = {
      folds: [{ by: "sum", of: x }],
      elements: [
        { kind: "apply", scalar: "where", to: [truth, x, folded], dtype: "float32" },
        { kind: "apply", scalar: "less", to: [x, folded], dtype: "bool" },
      ],
      rows: [folded],
    };
    const reaches: Reach[] = ["element", "element"];
    const loaded = loader();
    if ("missing" in loaded) throw new Error(loaded.missing);
    const run = rowKernel(loopsOf(program, reaches), blocks.lanes, loaded, new Team(loaded));
    const floats = () => ({ values: new Float32Array(random(3000)), offset: signed(300), stride: signed(60) });
    const bytes = () => ({ values: new Uint8Array(random(3000)), offset: signed(300), stride: signed(60) });
    expectSomeRefused(() => run([floats(), bytes(), floats(), bytes(), floats()], random(20), random(70), []));
  }, 300_000);
});
