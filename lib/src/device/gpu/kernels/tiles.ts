import type { DType } from "../../device.ts";
import type { Source } from "../launcher.ts";
import { perTile, word } from "../wgsl/program.ts";

/** Side of the square of results that a workgroup computes, and the terms that it takes in at a time. */
export const TILE = 64;
const TERMS = 16;
/** Workgroups below which the terms of a sum are shared out among more of them. */
const ENOUGH = 128;
/** Terms that are worth a workgroup of their own. */
const WORTH = 256;

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
}

/** Parameters of every tile program, before its own: rows, columns, terms, terms of a piece, pieces. */
export const TILE_WORDS = 5;

/**
 * Products in tiles: a workgroup of 16 × 16 threads brings 64 rows and 64 columns, 16 terms at a time, to memory that it
 * shares, and each thread keeps 4 × 4 sums.
 */
export function tiles({ dtype, reads, outside, alongTerms }: TileProgram): Source {
  const type = dtype === "int32" ? "i32" : "f32";
  const place = (along: boolean) =>
    along ? `let line = e / ${TERMS}; let k = e % ${TERMS};` : `let line = e % ${TILE}; let k = e / ${TILE};`;
  const four = [0, 1, 2, 3];
  return perTile([16, 16], {
    reads,
    writes: [dtype],
    outside: `var<workgroup> lefts: array<${type}, ${TILE * TERMS}>;
var<workgroup> rights: array<${type}, ${TILE * TERMS}>;
${outside}`,
    body: `let rows = ${word(0)};
  let columns = ${word(1)};
  let row = i32(place.y) * ${TILE};
  let column = i32(place.x) * ${TILE};
  let matrix = i32(place.z) / ${word(4)};
  let piece = i32(place.z) % ${word(4)};
  let first = piece * ${word(3)};
  let last = min(first + ${word(3)}, ${word(2)});
  ${four.map((r) => `var sum${r} = vec4<${type}>();`).join("\n  ")}
  for (var begin = first; begin < last; begin = begin + ${TERMS}) {
    for (var e = i32(t); e < ${TILE * TERMS}; e = e + 256) {
      ${place(alongTerms[0])}
      var value = ${type}(0);
      if (row + line < rows && begin + k < last) { value = left(row + line, begin + k, matrix); }
      lefts[k * ${TILE} + line] = value;
    }
    for (var e = i32(t); e < ${TILE * TERMS}; e = e + 256) {
      ${place(alongTerms[1])}
      var value = ${type}(0);
      if (column + line < columns && begin + k < last) { value = right(begin + k, column + line, matrix); }
      rights[k * ${TILE} + line] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < ${TERMS}u; k++) {
      let a = k * ${TILE}u + thread.y * 4u;
      let b = k * ${TILE}u + thread.x * 4u;
      let line = vec4<${type}>(rights[b], rights[b + 1u], rights[b + 2u], rights[b + 3u]);
      ${four.map((r) => `sum${r} = sum${r} + lefts[a + ${r}u] * line;`).join("\n      ")}
    }
    workgroupBarrier();
  }
  let own_row = row + i32(thread.y) * 4;
  let own_column = column + i32(thread.x) * 4;
  ${four
    .map(
      (r) => `if (own_row + ${r} < rows) {
    ${four.map((c) => `if (own_column + ${c} < columns) { write(own_row + ${r}, own_column + ${c}, matrix, piece, sum${r}[${c}]); }`).join("\n    ")}
  }`,
    )
    .join("\n  ")}`,
  });
}

/** Whether tiles pay: products of some size, and sums that are long. */
export const paysInTiles = (rows: number, columns: number, terms: number) =>
  (rows >= 24 && columns >= 24 && terms >= 16) || terms >= 1024;

/** How a product is shared out: the grid of workgroups, and its first parameters. */
export function sharedOut(matrices: number, rows: number, columns: number, terms: number) {
  const across = Math.ceil(columns / TILE);
  const down = Math.ceil(rows / TILE);
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
