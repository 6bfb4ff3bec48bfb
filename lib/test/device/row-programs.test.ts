import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valuesOf, wrap } from "../../src/device/cpu/buffer.ts";
import { runProgram } from "../../src/device/cpu/jit/rows/program.ts";
import { map as loops } from "../../src/device/cpu/loops/map.ts";
import { reduce } from "../../src/device/cpu/loops/reduce.ts";
import type { DType, Expression, RowProgram, Scalar, Shape, View } from "../../src/device/device.ts";
import { engines } from "./jit-views.ts";

const [[, inMachineCode], [, inWasm]] = engines as [(typeof engines)[number], (typeof engines)[number]];
const hasMachineCode = inMachineCode().engine.x86 !== null;

const input = (index: number, dtype: DType = "float32"): Expression => ({ kind: "input", index, dtype });
const apply = (scalar: Scalar, dtype: DType, ...to: Expression[]): Expression => ({ kind: "apply", scalar, to, dtype });

const whole = { strides: [1], offset: 0 };

const exactUnary = ["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "relu"] as const;
const approximate = [
  ...["exp", "expm1", "log", "log1p", "log2", "tanh", "sigmoid", "sinh", "cosh", "erf", "erfc"],
] as const;
const exactBinary = ["add", "sub", "mul", "div", "minimum", "maximum"] as const;
const questions = ["less", "lessEqual", "equal", "and", "or"] as const;

const specials = [0, -0, 1, -1, 2 ** -149, -(2 ** -140), 3e38, -3e38, Number.NaN, Infinity, -Infinity];

/** Values without a pattern, some of them special. */
function values(length: number, seed: number, wild: boolean): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const mixed = Math.imul((i + 1) * 2654435761 + seed, 0x2c1b3c6d) >>> 0;
    if (wild && mixed % 7 === 0) return specials[mixed % specials.length]!;
    return (mixed / 2 ** 32 - 0.5) * 6;
  });
}

/** How an input lies: over all elements, the same for all rows, one number a row, or one in all. */
type Lie = "whole" | "columns" | "rows" | "one" | "backwards" | "apart";

function viewOf(lie: Lie, rows: number, columns: number, seed: number, wild: boolean, dtype: DType): View {
  const floats = values(rows * (columns + 3) + 5, seed, wild);
  const buffer =
    dtype === "bool"
      ? wrap(
          Uint8Array.from(floats, (x) => Number(x > 0)),
          "bool",
        )
      : wrap(floats, dtype);
  const shape = [rows, columns];
  const lies: Record<Lie, View> = {
    whole: { buffer, shape, strides: [columns, 1], offset: 2 },
    columns: { buffer, shape, strides: [0, 1], offset: 1 },
    rows: { buffer, shape, strides: [1, 0], offset: 3 },
    one: { buffer, shape, strides: [0, 0], offset: 4 },
    backwards: { buffer, shape, strides: [-columns, 1], offset: columns * (rows - 1) },
    apart: { buffer, shape, strides: [columns + 3, 1], offset: 0 },
  };
  return lies[lie];
}

/** Expressions over floats `0 … count − 1`, and truth values at `condition` where there are some. */
function expressions(count: number, condition: number | null, exact: boolean): fc.Arbitrary<Expression> {
  const scalars = exact ? exactUnary : [...exactUnary, ...approximate];
  return fc.letrec<{ node: Expression; truth: Expression }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.nat(count - 1).map((index) => input(index)),
      fc.constantFrom(0, 1, -2.5, 0.1).map((value): Expression => ({ kind: "constant", value, dtype: "float32" })),
      fc.tuple(fc.constantFrom(...scalars), tie("node")).map(([scalar, a]) => apply(scalar, "float32", a)),
      fc.tuple(fc.constantFrom(...exactBinary), tie("node"), tie("node")).map(([s, a, b]) => apply(s, "float32", a, b)),
      fc.tuple(tie("truth"), tie("node"), tie("node")).map(([c, a, b]) => apply("where", "float32", c, a, b)),
      tie("truth").map((a) => apply("cast", "float32", a)),
    ),
    truth: fc.oneof(
      { depthSize: "small" },
      condition === null ? tie("node").map((a) => apply("isNaN", "bool", a)) : fc.constant(input(condition, "bool")),
      fc.tuple(fc.constantFrom(...questions), tie("node"), tie("node")).map(([s, a, b]) => apply(s, "bool", a, b)),
      fc
        .tuple(fc.constantFrom("and", "or", "equal"), tie("truth"), tie("truth"))
        .map(([s, a, b]) => apply(s as Scalar, "bool", a, b)),
      tie("truth").map((a) => apply("not", "bool", a)),
    ),
  })).node;
}

interface Case {
  readonly program: RowProgram;
  readonly views: readonly View[];
  readonly shape: Shape;
}

/** Programs with up to two folds on three inputs, the last of which are truth values. */
function cases(exact: boolean, wild: boolean): fc.Arbitrary<Case> {
  const lie = fc.constantFrom<Lie>("whole", "columns", "rows", "one", "backwards", "apart");
  const truths = fc.constantFrom<Lie>("whole", "columns", "one", "backwards", "apart");
  return fc
    .record({
      rows: fc.integer({ min: 1, max: 9 }),
      columns: fc.integer({ min: 1, max: 67 }),
      lies: fc.tuple(lie, lie, truths),
      folds: fc.array(fc.constantFrom("sum" as const, "max" as const), { maxLength: 2 }),
      seed: fc.nat(1000),
      // Passes over floats alone are written for wider vectors than others.
      alone: fc.boolean(),
    })
    .chain(({ rows, columns, lies, folds, seed, alone }) =>
      fc
        .tuple(
          fc.tuple(...folds.map((_, i) => expressions(2, 2, exact).map((node) => renumbered(node, i)))),
          expressions(2 + folds.length, null, exact),
          expressions(2 + folds.length, null, exact),
        )
        .map(([of, element, other]) => ({
          program: {
            // A fold of what a row has in common is none.
            folds: folds.map((by, i) => ({ by, of: apply("add", "float32", of[i]!, input(0)) })),
            elements: [later(element), ...(alone ? [] : [apply("less", "bool", later(other), input(1))])],
            rows: folds.map((_, i) =>
              apply("mul", "float32", input(3 + i), { kind: "constant", value: 2, dtype: "float32" }),
            ),
          },
          views: [
            viewOf("whole", rows, columns, seed, wild, "float32"),
            viewOf(lies[1], rows, columns, seed + 1, wild, "float32"),
            viewOf(lies[2], rows, columns, seed + 2, wild, "bool"),
          ],
          shape: [rows, columns],
        })),
    );
}

/** In a later fold the earlier results take part. */
function renumbered(node: Expression, fold: number): Expression {
  return fold === 0 ? node : apply("sub", "float32", node, input(2 + fold));
}

/** Inputs from 2 on are results of folds, which come after the truth values. */
function later(node: Expression): Expression {
  if (node.kind === "input") return node.index < 2 ? node : input(node.index + 1, node.dtype);
  return node.kind === "constant" ? node : { ...node, to: node.to.map(later) };
}

/** The program by map and reduce, one step after another. */
function step({ program, views, shape }: Case): {
  elements: readonly ArrayLike<number>[];
  rows: readonly ArrayLike<number>[];
} {
  const [rows, columns] = shape as [number, number];
  const given = [...views];
  for (const { by, of } of program.folds) {
    const buffer = wrap(loops(of, given, shape, "float32"), "float32");
    const folded = reduce(by, { buffer, shape, strides: [columns, 1], offset: 0 }, [1], "float32");
    given.push({ buffer: wrap(folded, "float32"), shape, strides: [1, 0], offset: 0 });
  }
  const perRow = given.map((view) => ({ ...view, shape: [rows, 1], strides: [view.strides[0]!, 0] }));
  return {
    elements: program.elements.map((node) => loops(node, given, shape, node.dtype)),
    rows: program.rows.map((node) => loops(node, perRow, [rows, 1], "float32")),
  };
}

/** Bits, but those of NaN, of which machines have many. */
const bits = (list: ArrayLike<number>) => Array.from(list, (x) => (Object.is(x, -0) ? "-0" : String(x)));

describe("row programs", () => {
  it.each([
    ["WebAssembly", inWasm],
    ["machine code, if there is any", inMachineCode],
  ])("in %s give the bits of map and reduce, for all sizes, layouts and special values", (_, scratch) => {
    fc.assert(
      fc.property(cases(true, true), (each) => {
        const results = runProgram(each.program, each.views, each.shape, scratch());
        // Rows of one element, far apart, are no rows.
        fc.pre(results !== undefined || each.shape[1] !== 1);
        if (results === undefined) throw new Error("no results");
        const expected = step(each);
        expect(results.elements.map(bits)).toEqual(expected.elements.map(bits));
        expect(results.rows.map(bits)).toEqual(expected.rows.map(bits));
      }),
      { numRuns: 300 },
    );
  });

  it.runIf(hasMachineCode)(
    "give the same bits in machine code and in WebAssembly where functions are approximated",
    () => {
      fc.assert(
        fc.property(cases(false, true), ({ program, views, shape }) => {
          fc.pre(shape[1] !== 1);
          const [machine, wasm] = [inMachineCode, inWasm].map(
            (scratch) => runProgram(program, views, shape, scratch())!,
          );
          expect(machine!.elements.map(bits)).toEqual(wasm!.elements.map(bits));
          expect(machine!.rows.map(bits)).toEqual(wasm!.rows.map(bits));
        }),
        { numRuns: 500 },
      );
    },
  );

  it.each(["sum", "max", "argmax", "argmin"] as const)(
    "fold by %s as the loops do, for all sizes and special values",
    (by) => {
      const folded = input(1, by.startsWith("arg") ? "int32" : "float32");
      const program: RowProgram = { folds: [{ by, of: input(0) }], elements: [], rows: [folded] };
      for (let columns = 2; columns < 68; columns++)
        for (const wild of [false, true]) {
          const view = viewOf("apart", 40, columns, columns, wild, "float32");
          // Few different values, so that there are equals.
          if (wild) for (const [i, x] of valuesOf(view.buffer).entries()) valuesOf(view.buffer)[i] = Math.round(x);
          const expected = reduce(by, view, [1], folded.dtype);
          for (const scratch of by.startsWith("arg") ? [inMachineCode] : [inMachineCode, inWasm]) {
            const results = runProgram(program, [view], [40, columns], scratch());
            if (results !== undefined || hasMachineCode) expect(bits(results!.rows[0]!)).toEqual(bits(expected));
          }
        }
    },
  );

  it("need no more registers than there are, however long", () => {
    // Sixty values that are all needed to the end.
    const parts = Array.from({ length: 60 }, (_, i) =>
      apply("mul", "float32", input(0), { kind: "constant", value: i + 0.5, dtype: "float32" }),
    );
    const up = parts.reduce((sum, part) => apply("add", "float32", sum, part));
    const down = parts.reduceRight((sum, part) => apply("sub", "float32", sum, part));
    const program: RowProgram = { folds: [], elements: [apply("mul", "float32", up, down)], rows: [] };
    const view = viewOf("whole", 3, 21, 1, false, "float32");
    const expected = loops(program.elements[0]!, [view], [3, 21], "float32");
    for (const scratch of [inMachineCode, inWasm])
      expect(runProgram(program, [view], [3, 21], scratch())!.elements[0]).toEqual(expected);
  });

  it("have any number of values that a row has in common", () => {
    const shape = [3, 21];
    const rows = Array.from({ length: 6 }, (_, i) => viewOf("rows", 3, 21, i, false, "float32"));
    const views = [viewOf("whole", 3, 21, 9, false, "float32"), ...rows];
    const term = (k: number): Expression =>
      apply("mul", "float32", input(1 + (k % 6)), { kind: "constant", value: k, dtype: "float32" });
    const sum = Array.from({ length: 20 }).reduce(
      (node: Expression, _, k) => apply("where", "float32", term(k), node, term(k + 1)),
      input(0),
    );
    const expected = loops(sum, views, shape, "float32");
    for (const scratch of [inMachineCode, inWasm])
      expect(runProgram({ folds: [], elements: [sum], rows: [] }, views, shape, scratch())!.elements[0]).toEqual(
        expected,
      );
  });

  it("give what was folded as a second result, and no position for every element", () => {
    const view = viewOf("whole", 4, 30, 3, false, "float32");
    const e = apply("exp", "float32", input(0));
    const double = apply("add", "float32", input(0), input(0));
    const program: RowProgram = { folds: [{ by: "sum", of: e }], elements: [double, e], rows: [] };
    const [machine, wasm] = [inMachineCode, inWasm].map((scratch) => runProgram(program, [view], [4, 30], scratch())!);
    expect(machine!.elements).toEqual(wasm!.elements);
    const position: RowProgram = { folds: [{ by: "argmax", of: input(0) }], elements: [input(1, "int32")], rows: [] };
    expect(runProgram(position, [view], [4, 30], inMachineCode())).toBeUndefined();
  });

  it("give the same bits of rows of any length, several vectors of which are under way at a time", () => {
    const chain = (x: Expression) => apply("tanh", "float32", apply("add", "float32", apply("erf", "float32", x), x));
    const program: RowProgram = {
      folds: [{ by: "sum", of: chain(input(0)) }],
      elements: [apply("mul", "float32", apply("sigmoid", "float32", input(0)), input(1))],
      rows: [],
    };
    for (let columns = 1; columns <= 140; columns++) {
      const view = viewOf("whole", 3, columns, columns, false, "float32");
      const [machine, wasm] = [inMachineCode, inWasm].map(
        (scratch) => runProgram(program, [view], [3, columns], scratch())!,
      );
      expect(machine!.elements).toEqual(wasm!.elements);
    }
  });

  it("give exp of what a row's largest was taken from the bits of exp", () => {
    const top: RowProgram["folds"] = [{ by: "max", of: input(0) }];
    const below = apply("sub", "float32", input(0), input(1));
    const exp = (of: Expression) => apply("exp", "float32", of);
    const numbers = [0, -0, 3, -85, -88, -103.9, -104, -200, 2 ** -149, Number.NEGATIVE_INFINITY, 1e30, Number.NaN];
    for (const [k, most] of [0, 3, 1e30, Number.POSITIVE_INFINITY].entries()) {
      const row = Float32Array.from({ length: 77 }, (_, i) => (i % 3 === 0 ? numbers[(i / 3 + k) % 12]! : -i * 1.37));
      const x: View = {
        buffer: wrap(
          row.map((v) => Math.min(v, most)),
          "float32",
        ),
        shape: [77],
        ...whole,
      };
      for (const scratch of [inMachineCode, inWasm]) {
        const run = (elements: Expression[], folds: RowProgram["folds"], view: View) =>
          runProgram({ folds, elements, rows: [] }, [view], [77], scratch())!.elements[0] as Float32Array;
        const difference = { ...x, buffer: wrap(run([below], top, x), "float32") };
        expect(run([exp(below)], top, x)).toEqual(run([exp(input(0))], [], difference));
      }
    }
  });

  it("leave whatever lies beside their streams", () => {
    const program: RowProgram = { folds: [], elements: [apply("exp", "float32", input(0))], rows: [] };
    for (let columns = 1; columns < 40; columns++) {
      const x = values(columns, columns, false);
      const [result] = runProgram(
        program,
        [{ buffer: wrap(x, "float32"), shape: [columns], strides: [1], offset: 0 }],
        [columns],
        inMachineCode(),
      )!.elements;
      expect(result).toHaveLength(columns);
      expect(valuesOf(wrap(x, "float32"))).toEqual(values(columns, columns, false));
    }
  });
});
