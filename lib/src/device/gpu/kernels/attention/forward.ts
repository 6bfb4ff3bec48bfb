import { perTile } from "../../wgsl/program.ts";
import {
  type Blocks,
  blockOf,
  columnsOf,
  four,
  keysOf,
  products,
  queriesOf,
  shared,
  spreadOut,
  sums,
  together,
  valuesOf,
} from "./blocks.ts";
import { type Problem, size } from "./problem.ts";
import { powers, scoresCode } from "./scores.ts";

/** Where a workgroup is: the matrix, the rows of its block and of the thread, and the first of its columns. */
export const placed = (problem: Problem, blocks: Blocks) => `let matrix = i32(place.z);
  let first_row = i32(place.x) * ${blockOf(blocks)};
  let row = first_row + 4 * i32(thread.y);
  let slice = i32(place.y) * ${columnsOf(blocks)};
  ${problem.starts}`;

/** The scores of a block of keys from `first` on: a thread's four rows, for each of its four keys. */
export function scored(problem: Problem, blocks: Blocks): string {
  const lines = four.flatMap((c) => [
    `let key${c} = first + 4 * i32(thread.x) + ${c};`,
    `score${c} = ${scoresCode(problem, `score${c}`, (r) => [`row + ${r}`, `key${c}`])};`,
  ]);
  return `${products(blocks, "score", queriesOf(problem), keysOf(problem), ["first_row", "first"], size.inner)}
    ${lines.join("\n    ")}`;
}

/** Makes scores powers beside the largest, and nothing where there is no key. */
export const raised = (top: string) =>
  four
    .map((c) => `score${c} = select(vec4f(), powers(score${c}, ${top}), vec4<bool>(key${c} < ${size.keys}));`)
    .join("\n    ");

/** Goes through the scores of all keys for the largest of each row, `top`, and a thread's part of the `total` of their powers. */
export function totalled(problem: Problem, blocks: Blocks, more: string): string {
  const larger = (a: string, b: string) => `select(${a}, ${b}, ${b} > ${a})`;
  const most = four.map((c) => `own = select(own, ${larger("own", `score${c}`)}, vec4<bool>(key${c} < ${size.keys}));`);
  return `var top = vec4f(-infinity());
  var total = vec4f();
  for (var first = 0; first < ${size.keys}; first = first + ${blockOf(blocks)}) {
    ${scored(problem, blocks)}
    var own = top;
    ${most.join("\n    ")}
    ${together(blocks, "most", "own", larger)}
    let fading = powers(top, most);
    top = most;
    ${raised("top")}
    total = total * fading + score0 + score1 + score2 + score3;
    ${more}
  }`;
}

/**
 * Attention block by block of keys: the largest score of a row so far, the total of its powers and the sum of values by
 * them are put right whenever a larger one turns up (Milakov and Gimelshein 2018; Dao et al. 2022). The weights of no
 * more than a block are there at any time.
 */
export function forward(problem: Problem, blocks: Blocks) {
  const attended = sums(blocks, "attended");
  return perTile([blocks.side, blocks.side], {
    reads: problem.views.map(({ buffer }) => buffer.dtype),
    writes: ["float32"],
    outside: `${shared(blocks)}\n${powers}`,
    body: `${placed(problem, blocks)}
  ${attended.declared}
  ${totalled(
    problem,
    blocks,
    `${attended.scaled("fading")}
    ${spreadOut(blocks, "score")}
    ${attended.add(valuesOf(problem), "first", size.width)}`,
  )}
  ${together(blocks, "whole", "total", (a, b) => `${a} + ${b}`)}
  ${attended.write("Y0", size.queries, size.width, (sum, r) => `${sum} / whole[${r}]`)}`,
  });
}
