import { type Problem, size } from "./problem.ts";

/** Terms of scores that a workgroup takes in at a time. */
const TERMS = 16;

/** How a block of attention is shared out: `side` × `side` threads, each with 4 × 4 of its scores. */
export interface Blocks {
  readonly side: 8 | 16;
  /** Columns of results that a thread has, in fours. */
  readonly fours: 1 | 2 | 4;
}

/** Rows and columns of a block. */
export const blockOf = ({ side }: Blocks) => 4 * side;
/** Columns of results of a workgroup. */
export const columnsOf = ({ side, fours }: Blocks) => 4 * side * fours;
/** Bytes that a workgroup shares. */
export const sharedBytes = ({ side }: Blocks) => 16 * (32 * side + 4 * side * side + side * side);

export const four = [0, 1, 2, 3] as const;
const each = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What a workgroup shares: operands as they come in, a block of weights, and what the threads of a row tell each other. */
export const shared = ({ side }: Blocks) => `var<workgroup> chunk: array<vec4f, ${32 * side}>;
var<workgroup> weights: array<vec4f, ${4 * side * side}>;
var<workgroup> told: array<vec4f, ${side * side}>;`;

/** Lines of numbers: the element of a line at a place in it, in a number of lines. */
export interface Lines {
  readonly count: string;
  readonly element: (line: string, place: string) => string;
}

/**
 * The products of each of a block's rows with each of its columns: `to0` … `to3` for a thread's four columns, each with
 * its four rows.
 */
export function products(
  { side }: Blocks,
  to: string,
  rows: Lines,
  columns: Lines,
  [row, column]: readonly [string, string],
  terms: string,
) {
  const bring = (at: number, { count, element }: Lines, first: string) =>
    `for (var e = i32(t); e < ${TERMS * side}; e = e + ${side * side}) {
      let quad = e / ${TERMS};
      let k = e % ${TERMS};
      let line = ${first} + 4 * quad;
      var values = vec4f();
      if (begin + k < ${terms}) { values = vec4f(${four.map((i) => element(`min(line + ${i}, ${count} - 1)`, "begin + k")).join(", ")}); }
      chunk[${at} + k * ${side} + quad] = values;
    }`;
  return `${four.map((c) => `var ${to}${c} = vec4f();`).join(" ")}
    for (var begin = 0; begin < ${terms}; begin = begin + ${TERMS}) {
      ${bring(0, rows, row)}
      ${bring(TERMS * side, columns, column)}
      workgroupBarrier();
      for (var k = 0u; k < ${TERMS}u; k++) {
        let left = chunk[k * ${side}u + thread.y];
        let right = chunk[${TERMS * side}u + k * ${side}u + thread.x];
        ${four.map((c) => `${to}${c} = ${to}${c} + left * right[${c}];`).join("\n        ")}
      }
      workgroupBarrier();
    }`;
}

/** Sums of lines by the block's weights: a thread has four rows of `to`, and of each the columns from `slice` on. */
export function sums({ side, fours }: Blocks, to: string) {
  const names = each(fours).flatMap((f) => four.map((r) => ({ f, r, name: `${to}${f}${r}` })));
  const quads = side * fours;
  const some = (32 * side) / quads;
  return {
    declared: names.map(({ name }) => `var ${name} = vec4f();`).join(" "),
    scaled: (factor: string) => names.map(({ r, name }) => `${name} = ${name} * ${factor}[${r}];`).join(" "),
    /** Adds the lines of a block, whose weights all threads have written. */
    add: ({ count, element }: Lines, first: string, columns: string) =>
      `for (var begin = 0; begin < ${4 * side} && ${first} + begin < ${count}; begin = begin + ${some}) {
      for (var e = i32(t); e < ${32 * side}; e = e + ${side * side}) {
        let line = ${first} + begin + e / ${quads};
        let place = slice + 4 * (e % ${quads});
        var values = vec4f();
        if (line < ${count}) { values = vec4f(${four.map((i) => element("line", `min(place + ${i}, ${columns} - 1)`)).join(", ")}); }
        chunk[e] = values;
      }
      workgroupBarrier();
      for (var line = 0u; line < ${some}u; line++) {
        let weight = weights[(u32(begin) + line) * ${side}u + thread.y];
        ${each(fours)
          .map((f) => `let value${f} = chunk[line * ${quads}u + ${f * side}u + thread.x];`)
          .join(" ")}
        ${names.map(({ f, r, name }) => `${name} = ${name} + weight[${r}] * value${f};`).join("\n        ")}
      }
      workgroupBarrier();
    }`,
    /** Writes them to an array of rows of so many `columns`. */
    write: (array: string, rows: string, columns: string, value: (sum: string, row: number) => string) =>
      names
        .map(
          ({ f, r, name }) => `if (row + ${r} < ${rows}) {
    var all = ${value(name, r)};
    let place = slice + 4 * i32(${f * side}u + thread.x);
    let at = (matrix * ${rows} + row + ${r}) * ${columns} + place;
    for (var c = 0; c < 4 && place + c < ${columns}; c++) { ${array}[at + c] = all[c]; }
  }`,
        )
        .join("\n  "),
  };
}

/** What the threads of a row have, in four rows each, folded over all of them. */
export function together({ side }: Blocks, name: string, value: string, join: (a: string, b: string) => string) {
  return `told[thread.x * ${side}u + thread.y] = ${value};
    workgroupBarrier();
    var ${name} = told[thread.y];
    for (var other = 1u; other < ${side}u; other++) { ${name} = ${join(name, `told[other * ${side}u + thread.y]`)}; }
    workgroupBarrier();`;
}

/** The threads' weights, written where all of them can read them: lines are the block's columns. */
export const spreadOut = ({ side }: Blocks, from: string) =>
  four.map((c) => `weights[(4u * thread.x + ${c}u) * ${side}u + thread.y] = ${from}${c};`).join(" ");

/** The queries, divided by the root of their width. */
export const queriesOf = (problem: Problem): Lines => ({
  count: size.queries,
  element: (line, place) => `(${problem.element("queries", line, place)} / ${size.root})`,
});
const plainLines = (operand: "keys" | "values" | "cotangent" | "output", count: string) => (problem: Problem) => ({
  count,
  element: (line: string, place: string) => problem.element(operand, line, place),
});
export const keysOf = plainLines("keys", size.keys);
export const valuesOf = plainLines("values", size.keys);
export const cotangentOf = plainLines("cotangent", size.queries);
