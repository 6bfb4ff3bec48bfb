import type { AttentionViews, View } from "../../../device.ts";
import { sizeOf } from "../../../size.ts";
import { joined } from "../../layout.ts";
import { bitsOf, floatWord, word } from "../../wgsl/program.ts";
import { offsetOf, unravelled } from "../index-code.ts";

/** What the programs of attention read: the operands, and on the way back what came of them and the cotangent of that. */
export type Operand = keyof Omit<AttentionViews, "causal"> | "output" | "cotangent";

/** Parameters of every program of attention, before those of its operands. */
const parameter = { queries: 0, keys: 1, inner: 2, width: 3, root: 4 } as const;
const FIRST = 5;

/** Sizes and places of an attention: its parameters, and the code that finds elements by them. */
export class Problem {
  readonly operands: readonly Operand[];
  readonly views: readonly View[];
  readonly causal: boolean;
  readonly matrices: number;
  readonly queries: number;
  readonly keys: number;
  /** Numbers in a query and in a key. */
  readonly inner: number;
  /** Numbers in a value. */
  readonly width: number;
  readonly words: readonly number[];
  readonly #rank: number;

  constructor({ causal, ...given }: AttentionViews, more: { readonly output?: View; readonly cotangent?: View } = {}) {
    const all = Object.entries({ ...given, ...more }) as [Operand, View][];
    this.operands = all.map(([name]) => name);
    this.views = all.map(([, view]) => view);
    this.causal = causal;
    const lead = given.queries.shape.slice(0, -2);
    const walk = joined(
      lead,
      this.views.map(({ strides }) => strides.slice(0, -2)),
    );
    this.#rank = walk.shape.length;
    this.matrices = sizeOf(lead);
    [this.queries, this.inner] = given.queries.shape.slice(-2) as [number, number];
    [this.keys, this.width] = given.values.shape.slice(-2) as [number, number];
    const words = [this.queries, this.keys, this.inner, this.width, bitsOf(Math.sqrt(this.inner)), ...walk.shape];
    this.views.forEach(({ offset, strides }, i) => {
      words.push(offset, strides.at(-2)!, strides.at(-1)!, ...walk.strides[i]!);
    });
    this.words = words;
  }

  /** What tells programs apart. */
  get key(): string {
    return `${this.#rank} ${this.operands.join()} ${this.causal}`;
  }

  has(operand: Operand): boolean {
    return this.operands.includes(operand);
  }

  /** The array that holds an operand. */
  array(operand: Operand): number {
    return this.operands.indexOf(operand);
  }

  /** Lines that say where the operands of a matrix start. */
  get starts(): string {
    const lines = this.operands.map((name) => {
      const at = this.#place(name);
      return `let ${name}_start = ${offsetOf("lead", this.#rank, at + 3, word(at))};`;
    });
    return [unravelled("lead", "matrix", this.#rank, FIRST), ...lines].join("\n  ");
  }

  element(operand: Operand, row: string, column: string): string {
    const at = this.#place(operand);
    const place = `${operand}_start + (${row}) * ${word(at + 1)} + (${column}) * ${word(at + 2)}`;
    return `A${this.array(operand)}[${place}]`;
  }

  #place(operand: Operand): number {
    return FIRST + this.#rank + this.array(operand) * (3 + this.#rank);
  }
}

/** Sizes in programs. */
export const size = {
  queries: word(parameter.queries),
  keys: word(parameter.keys),
  inner: word(parameter.inner),
  width: word(parameter.width),
  /** √ of the numbers in a query. */
  root: floatWord(parameter.root),
};
