import type { Source } from "../launcher.ts";
import { perElement, word } from "../wgsl/program.ts";

/** How a factorisation is done: its program, and what room a matrix takes for its parts and for the work. */
export interface Way {
  readonly source: () => Source;
  readonly parts: (m: number, n: number) => number;
  readonly work: (m: number, n: number) => number;
}

/** The sizes that every program here begins with, and where the matrix, its parts and its room for work begin. */
export const opening = `let m = ${word(1)};
  let n = ${word(2)};
  let k = min(m, n);
  let a = ${word(3)} + i * m * n;
  let y = i * ${word(4)};
  let w = i * ${word(5)};`;

export const program = (body: string) => () =>
  perElement({ reads: ["float32"], writes: ["float32", "float32"], body: `${opening}\n  ${body}` });
