import type { DType } from "../../device.ts";
import type { Source } from "../launcher.ts";
import { perTile, word } from "../wgsl/program.ts";

/** Threads of a workgroup along each side of its square of results. */
const SIDE = 16;
/** Terms that a workgroup takes in at a time. */
const TERMS = 16;
/** Workgroups below which the terms of a sum are shared out among more of them. */
const ENOUGH = 128;
/** Terms that are worth a workgroup of their own. */
const WORTH = 256;

/** Results of a thread along each side, in fours: with more of them each value that is fetched is used more often. */
export type Fours = 1 | 2;
/** Side of the square of results that a workgroup computes. */
const tileOf = (fours: Fours) => SIDE * 4 * fours;

/** A product of matrices, one or many, whose elements are found by code. */
export interface TileProgram {
  readonly dtype: DType;
  readonly reads: readonly DType[];
  /**
   * Functions `left(row, term, matrix)`, `right(term, column, matrix)` of that dtype, and `write(row, column, matrix,
   * piece, value)`. Rows, columns and terms are in range.
   */
  readonly outside: string;
  /** Whether neighbours in memory are neighbours along the terms, on the left and on the right. */
  readonly alongTerms: readonly [left: boolean, right: boolean];
  readonly fours: Fours;
}

/** Parameters of every tile program, before its own: rows, columns, terms, terms of a piece, pieces. */
export const TILE_WORDS = 5;

/**
 * Products in tiles: a workgroup of 16 × 16 threads brings some rows and as many columns, 16 terms at a time, to memory
 * that it shares, and each thread keeps the sums of 4 × 4 results, or of 8 × 8. What neighbours read lies side by side: a thread's
 * fours are 64 apart.
 */
export function tiles({ dtype, reads, outside, alongTerms, fours }: TileProgram): Source {
  const type = dtype === "int32" ? "i32" : "f32";
  const quads = SIDE * fours;
  const tile = tileOf(fours);
  const [each, four] = [Array.from({ length: fours }, (_, i) => i), [0, 1, 2, 3]];
  const bring = (to: string, along: boolean, inRange: (line: string) => string, value: (line: string) => string) =>
    `for (var e = i32(t); e < ${quads * TERMS}; e = e + ${SIDE * SIDE}) {
      ${along ? `let quad = e / ${TERMS}; let k = e % ${TERMS};` : `let quad = e % ${quads}; let k = e / ${quads};`}
      var values = vec4<${type}>();
      if (begin + k < last) {
        ${four.map((i) => `if (${inRange(`quad * 4 + ${i}`)}) { values[${i}] = ${value(`quad * 4 + ${i}`)}; }`).join("\n        ")}
      }
      ${to}[k * ${quads} + quad] = values;
    }`;
  const sums = each.flatMap((i) => four.flatMap((r) => each.map((j) => ({ i, r, j, name: `sum${i}${r}${j}` }))));
  return perTile([SIDE, SIDE], {
    reads,
    writes: [dtype],
    outside: `var<workgroup> lefts: array<vec4<${type}>, ${quads * TERMS}>;
var<workgroup> rights: array<vec4<${type}>, ${quads * TERMS}>;
${outside}`,
    body: `let rows = ${word(0)};
  let columns = ${word(1)};
  let row = i32(place.y) * ${tile};
  let column = i32(place.x) * ${tile};
  let matrix = i32(place.z) / ${word(4)};
  let piece = i32(place.z) % ${word(4)};
  let first = piece * ${word(3)};
  let last = min(first + ${word(3)}, ${word(2)});
  ${sums.map(({ name }) => `var ${name} = vec4<${type}>();`).join("\n  ")}
  for (var begin = first; begin < last; begin = begin + ${TERMS}) {
    ${bring(
      "lefts",
      alongTerms[0],
      (line) => `row + ${line} < rows`,
      (line) => `left(row + ${line}, begin + k, matrix)`,
    )}
    ${bring(
      "rights",
      alongTerms[1],
      (line) => `column + ${line} < columns`,
      (line) => `right(begin + k, column + ${line}, matrix)`,
    )}
    workgroupBarrier();
    for (var k = 0u; k < ${TERMS}u; k++) {
      ${each.map((i) => `let left${i} = lefts[k * ${quads}u + thread.y + ${i * SIDE}u];`).join("\n      ")}
      ${each.map((j) => `let right${j} = rights[k * ${quads}u + thread.x + ${j * SIDE}u];`).join("\n      ")}
      ${sums.map(({ i, r, j, name }) => `${name} = ${name} + left${i}[${r}] * right${j};`).join("\n      ")}
    }
    workgroupBarrier();
  }
  let own_row = row + i32(thread.y) * 4;
  let own_column = column + i32(thread.x) * 4;
  ${sums
    .map(
      ({ i, r, j, name }) => `if (own_row + ${i * SIDE * 4 + r} < rows) {
    ${four.map((c) => `if (own_column + ${j * SIDE * 4 + c} < columns) { write(own_row + ${i * SIDE * 4 + r}, own_column + ${j * SIDE * 4 + c}, matrix, piece, ${name}[${c}]); }`).join("\n    ")}
  }`,
    )
    .join("\n  ")}`,
  });
}

/** Whether tiles pay: products of some size, and sums that are long. */
export const paysInTiles = (rows: number, columns: number, terms: number) =>
  (rows >= 24 && columns >= 24 && terms >= 16) || terms >= 1024;

/** Large squares of results where there are enough of them for every processor of the device. */
export function foursFor(matrices: number, rows: number, columns: number): Fours {
  const large = tileOf(2);
  return matrices * Math.ceil(rows / large) * Math.ceil(columns / large) >= ENOUGH ? 2 : 1;
}

/** How a product is shared out: the grid of workgroups, and its first parameters. */
export function sharedOut(matrices: number, rows: number, columns: number, terms: number, fours: Fours) {
  const tile = tileOf(fours);
  const across = Math.ceil(columns / tile);
  const down = Math.ceil(rows / tile);
  const busy = matrices * across * down;
  const most = Math.min(Math.ceil(ENOUGH / busy), Math.floor(terms / WORTH), Math.floor(65535 / matrices), 64);
  const wanted = Math.max(1, most);
  const length = Math.ceil(terms / wanted / TERMS) * TERMS;
  const pieces = Math.max(1, Math.ceil(terms / length));
  const fits = across <= 65535 && down <= 65535 && matrices * pieces <= 65535;
  return {
    pieces,
    fits,
    groups: [across, down, matrices * pieces] as const,
    words: [rows, columns, terms, length, pieces],
  };
}
