import type { Source } from "../../launcher.ts";
import { perTile } from "../../wgsl/program.ts";
import {
  type Blocks,
  blockOf,
  cotangentOf,
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
import { placed, raised, scored, totalled } from "./forward.ts";
import { type Problem, size } from "./problem.ts";
import { powers, scoresCode, slopesCode } from "./scores.ts";

/** What the way back remembers of each query: its largest score, the total of its powers, and what all keys have in common. */
export const REMEMBERED = 3;

/** What both programs have in common; they may read more numbers. */
const parts = ({ views }: Problem, blocks: Blocks, ...more: "float32"[]) => ({
  reads: [...views.map(({ buffer }) => buffer.dtype), ...more],
  writes: ["float32", "float32"] as const,
  outside: `${shared(blocks)}\n${powers}`,
});

const add = (a: string, b: string) => `${a} + ${b}`;

/**
 * The cotangents of queries, and what is remembered of each. The scores are computed twice rather than kept: first for
 * their largest and their total, then to be weights.
 */
export function backToQueries(problem: Problem, blocks: Blocks): Source {
  const found = sums(blocks, "found");
  const inRow = (operand: "output" | "cotangent") =>
    `vec4f(${four.map((r) => problem.element(operand, `min(row + ${r}, ${size.queries} - 1)`, "c")).join(", ")})`;
  const slopes = four.map(
    (c) =>
      `came${c} = ${slopesCode(problem, `score${c} / whole * (came${c} - even)`, (r) => [`row + ${r}`, `key${c}`])};`,
  );
  return perTile([blocks.side, blocks.side], {
    ...parts(problem, blocks),
    body: `${placed(problem, blocks)}
  ${totalled(problem, blocks, "")}
  ${together(blocks, "whole", "total", add)}
  var part = vec4f();
  for (var c = i32(thread.x); c < ${size.width}; c = c + ${blocks.side}) { part = part + ${inRow("cotangent")} * ${inRow("output")}; }
  ${together(blocks, "even", "part", add)}
  if (thread.x == 0u && slice == 0) {
    for (var r = 0; r < 4 && row + r < ${size.queries}; r++) {
      let at = ${REMEMBERED} * (matrix * ${size.queries} + row + r);
      Y1[at] = top[r];
      Y1[at + 1] = whole[r];
      Y1[at + 2] = even[r];
    }
  }
  ${found.declared}
  for (var first = 0; first < ${size.keys}; first = first + ${blockOf(blocks)}) {
    ${scored(problem, blocks)}
    ${raised("top")}
    ${products(blocks, "came", cotangentOf(problem), valuesOf(problem), ["first_row", "first"], size.width)}
    ${slopes.join("\n    ")}
    ${spreadOut(blocks, "came")}
    ${found.add(keysOf(problem), "first", size.inner)}
  }
  ${found.write("Y0", size.queries, size.inner, (sum) => `${sum} / ${size.root}`)}`,
  });
}

/** The cotangents of keys and values, block by block of queries, of which is remembered what the other program found. */
export function backToKeys(problem: Problem, blocks: Blocks): Source {
  const [keys, values] = [sums(blocks, "of_keys"), sums(blocks, "of_values")];
  const remembered = (what: number) => `A${problem.views.length}[at + ${what}]`;
  const weights = four.map((c) => {
    const scores = scoresCode(problem, `score${c}`, (r) => [`query${c}`, `row + ${r}`]);
    return `let query${c} = first + 4 * i32(thread.x) + ${c};
    var even${c} = 0.0;
    if (query${c} < ${size.queries}) {
      let at = ${REMEMBERED} * (matrix * ${size.queries} + query${c});
      score${c} = powers(${scores}, vec4f(${remembered(0)})) / ${remembered(1)};
      even${c} = ${remembered(2)};
    } else { score${c} = vec4f(); }`;
  });
  const slopes = four.map(
    (c) =>
      `came${c} = ${slopesCode(problem, `score${c} * (came${c} - even${c})`, (r) => [`query${c}`, `row + ${r}`])};`,
  );
  return perTile([blocks.side, blocks.side], {
    ...parts(problem, blocks, "float32"),
    body: `${placed(problem, blocks)}
  ${keys.declared}
  ${values.declared}
  for (var first = 0; first < ${size.queries}; first = first + ${blockOf(blocks)}) {
    ${products(blocks, "score", keysOf(problem), queriesOf(problem), ["first_row", "first"], size.inner)}
    ${weights.join("\n    ")}
    ${spreadOut(blocks, "score")}
    ${values.add(cotangentOf(problem), "first", size.width)}
    ${products(blocks, "came", valuesOf(problem), cotangentOf(problem), ["first_row", "first"], size.width)}
    ${slopes.join("\n    ")}
    ${spreadOut(blocks, "came")}
    ${keys.add(queriesOf(problem), "first", size.inner)}
  }
  ${keys.write("Y0", size.keys, size.inner, (sum) => sum)}
  ${values.write("Y1", size.keys, size.width, (sum) => sum)}`,
  });
}
