import type { DType, Expression, RowProgram, Scalar } from "../device/device.ts";
import { materialise } from "../tensor/lazy.ts";
import { ownBuffer } from "../tensor/ownership.ts";
import { activeRecorders } from "../tensor/recording.ts";
import { sameShape } from "../tensor/shapes.ts";
import { stored, type Tensor } from "../tensor/tensor.ts";
import { broadcastView, contiguousView } from "../tensor/view.ts";

/** @internal A value in a row program: of every element, or one that a row has in common. */
export class Term {
  readonly expression: Expression;

  constructor(expression: Expression) {
    this.expression = expression;
  }

  static of(value: Term | number): Term {
    return typeof value === "number" ? new Term({ kind: "constant", value, dtype: "float32" }) : value;
  }

  #apply(scalar: Scalar, dtype: DType, ...others: readonly (Term | number)[]): Term {
    const to = [this, ...others].map((value) => Term.of(value).expression);
    return new Term({ kind: "apply", scalar, to, dtype });
  }

  add = (value: Term | number) => this.#apply("add", "float32", value);
  sub = (value: Term | number) => this.#apply("sub", "float32", value);
  mul = (value: Term | number) => this.#apply("mul", "float32", value);
  div = (value: Term | number) => this.#apply("div", "float32", value);
  exp = () => this.#apply("exp", "float32");
  log = () => this.#apply("log", "float32");
  sqrt = () => this.#apply("sqrt", "float32");
  tanh = () => this.#apply("tanh", "float32");
  sigmoid = () => this.#apply("sigmoid", "float32");
  equal = (value: Term | number) => this.#apply("equal", "bool", value);
  isFinite = () => this.#apply("isFinite", "bool");
  where = (yes: Term | number, no: Term | number) => this.#apply("where", "float32", yes, no);
}

/** @internal Folds the elements of a row. */
export interface Folding {
  sum(of: Term): Term;
  max(of: Term): Term;
}

/** @internal A row program that gives one result, or some side by side, and what its inputs hold. */
export interface RowFunction {
  readonly program: RowProgram;
  readonly dtypes: readonly DType[];
}

/** @internal What is done with rows of float32; truth values where `conditions` says so, by the place of the input. */
export function rowProgram(
  inputs: number,
  write: (inputs: readonly Term[], fold: Folding) => Term | readonly Term[],
  conditions: readonly number[] = [],
): RowFunction {
  const folds: { by: "sum" | "max"; of: Expression }[] = [];
  const fold = (by: "sum" | "max") => (of: Term) => {
    folds.push({ by, of: of.expression });
    return new Term({ kind: "input", index: inputs + folds.length - 1, dtype: "float32" });
  };
  const dtypes = Array.from({ length: inputs }, (_, i): DType => (conditions.includes(i) ? "bool" : "float32"));
  const given = dtypes.map((dtype, index) => new Term({ kind: "input", index, dtype }));
  const result = write(given, { sum: fold("sum"), max: fold("max") });
  const beside = !(result instanceof Term);
  const elements = (beside ? result : [result]).map(({ expression }) => expression);
  return { program: { folds, elements, beside, rows: [] }, dtypes };
}

/** @internal The mean of a row of `count`. */
export const meanOf = (of: Term, fold: Folding, count: number) => fold.sum(of).div(count);

/** @internal A row of `count` with its mean taken off, and the deviation. */
export function centredRow(x: Term, fold: Folding, count: number, epsilon: number) {
  const centred = x.sub(meanOf(x, fold, count));
  return { centred, deviation: meanOf(centred.mul(centred), fold, count).add(epsilon).sqrt() };
}

/**
 * @internal A row program along the last axis, where the device has such and nobody records the steps; else what is
 * composed of them. The inputs broadcast to the first; results that lie side by side do so along that axis.
 */
export function inRows(
  { program, dtypes }: RowFunction,
  inputs: readonly [x: Tensor, ...others: Tensor[]],
  axis: number,
  compose: () => Tensor,
): Tensor {
  const [x] = inputs;
  const { device, shape } = x;
  const isLast = axis === -1 || axis === x.rank - 1;
  const fits = inputs.every(
    (input, i) =>
      input.device === device &&
      input.dtype === dtypes[i] &&
      input.state.kind !== "batched" &&
      input.shape.length <= shape.length,
  );
  if (!isLast || !fits || x.rank === 0 || device.rows === undefined || activeRecorders().length > 0) return compose();
  const views = inputs.map((input) =>
    sameShape(input.shape, shape) ? materialise(input) : broadcastView(materialise(input), shape),
  );
  const buffer = device.rows(program, views, shape)?.elements[0];
  if (buffer === undefined) return compose();
  ownBuffer(device, buffer);
  const width = shape.at(-1)! * (program.beside ? program.elements.length : 1);
  return stored(device, "float32", contiguousView(buffer, [...shape.slice(0, -1), width]));
}
