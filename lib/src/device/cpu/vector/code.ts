/**
 * Straight-line code on vectors of 32-bit lanes, for whatever machine: each instruction makes one value. A mask is a
 * value whose lanes have all bits set, or none.
 */
export interface Value {
  /** Its place among the values of the code. */
  readonly index: number;
}

/** A value, or a float for every lane. */
export type Operand = Value | number;

export type UnaryOp =
  | "sqrt"
  | "ceil"
  | "floor"
  | "trunc"
  /** Half to even. */
  | "nearest"
  | "abs"
  | "neg"
  | "not"
  | "fromInt";

export type BinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  /** NaN if either is, and −0 below 0; so is `max`. */
  | "min"
  | "max"
  /** `b` if b < a, else `a`: one instruction, and a NaN in `a` passes through. */
  | "pmin"
  /** `b` if a < b, else `a`. */
  | "pmax"
  | "equal"
  | "notEqual"
  | "less"
  | "lessEqual"
  | "and"
  /** The bits of `a` that are not in `b`. */
  | "andNot"
  | "or"
  | "xor"
  | "addInt"
  | "subInt";

export type Shift = "shl" | "shr";

export type Instruction =
  | { readonly op: "constant"; readonly bits: number }
  /** An element of a stream: a float, or a mask from a truth value. */
  | { readonly op: "stream"; readonly stream: number }
  /** A value that all elements of a row have in common. */
  | { readonly op: "common"; readonly slot: number }
  | { readonly op: UnaryOp; readonly of: readonly [number] }
  | { readonly op: BinaryOp; readonly of: readonly [number, number] }
  | { readonly op: Shift; readonly of: readonly [number]; readonly by: number }
  /** a · b + c, rounded once where the machine can: only for approximations, never for what a user wrote. */
  | { readonly op: "multiplyAdd"; readonly of: readonly [number, number, number] }
  /** The whole number nearest to a · b, plus a bias, in the last ten bits; what is in the others is left open. */
  | { readonly op: "toBiased"; readonly of: readonly [number, number]; readonly bias: number }
  /** Such a number as a float, without the bias. */
  | { readonly op: "fromBiased"; readonly of: readonly [number]; readonly bias: number }
  /** The second where the mask's bits are set, else the third. */
  | { readonly op: "select"; readonly of: readonly [mask: number, yes: number, no: number] };

/** Added to a number below 2²² in size, it leaves the whole number nearest to it in the last bits of the sum. */
export const WHOLE = 12582912;

const bitsOf = (value: number) => new Int32Array(new Float32Array([value]).buffer)[0]!;

/** Writes code value by value; the same constant, stream or common value is one. */
export class VectorCode {
  readonly instructions: Instruction[] = [];
  readonly #known = new Map<string, Value>();

  stream(stream: number): Value {
    return this.#once(`stream ${stream}`, { op: "stream", stream });
  }

  common(slot: number): Value {
    return this.#once(`common ${slot}`, { op: "common", slot });
  }

  /** A float in every lane. */
  number(value: number): Value {
    return this.#constant(bitsOf(value));
  }

  /** A whole number in every lane. */
  integer(value: number): Value {
    return this.#constant(value | 0);
  }

  unary(op: UnaryOp, a: Operand): Value {
    return this.#push({ op, of: [this.#index(a)] });
  }

  binary(op: BinaryOp, a: Operand, b: Operand): Value {
    return this.#push({ op, of: [this.#index(a), this.#index(b)] });
  }

  shift(op: Shift, a: Operand, by: number): Value {
    return this.#push({ op, of: [this.#index(a)], by });
  }

  select(mask: Value, yes: Operand, no: Operand): Value {
    return this.#push({ op: "select", of: [mask.index, this.#index(yes), this.#index(no)] });
  }

  multiplyAdd(a: Operand, b: Operand, c: Operand): Value {
    return this.#push({ op: "multiplyAdd", of: [this.#index(a), this.#index(b), this.#index(c)] });
  }

  toBiased(a: Operand, b: Operand, bias: number): Value {
    return this.#push({ op: "toBiased", of: [this.#index(a), this.#index(b)], bias });
  }

  fromBiased(a: Value, bias: number): Value {
    return this.#push({ op: "fromBiased", of: [a.index], bias });
  }

  readonly add = (a: Operand, b: Operand) => this.binary("add", a, b);
  readonly sub = (a: Operand, b: Operand) => this.binary("sub", a, b);
  readonly mul = (a: Operand, b: Operand) => this.binary("mul", a, b);
  readonly div = (a: Operand, b: Operand) => this.binary("div", a, b);
  readonly less = (a: Operand, b: Operand) => this.binary("less", a, b);
  readonly equal = (a: Operand, b: Operand) => this.binary("equal", a, b);
  readonly pmin = (a: Operand, b: Operand) => this.binary("pmin", a, b);
  readonly pmax = (a: Operand, b: Operand) => this.binary("pmax", a, b);
  readonly abs = (a: Operand) => this.unary("abs", a);
  readonly neg = (a: Operand) => this.unary("neg", a);

  /** c₀ + c₁ x + c₂ x² + … */
  polynomial(x: Value, coefficients: readonly number[]): Value {
    const [highest, ...rest] = coefficients.toReversed();
    return rest.reduce((sum: Value, c) => this.multiplyAdd(sum, x, c), this.number(highest!));
  }

  /** `magnitude`, which has no sign, with the sign of `of`. */
  signed(magnitude: Value, of: Value): Value {
    return this.binary("or", magnitude, this.binary("and", of, this.integer(-0x80000000)));
  }

  #constant(bits: number): Value {
    return this.#once(`constant ${bits}`, { op: "constant", bits });
  }

  #once(key: string, instruction: Instruction): Value {
    const known = this.#known.get(key) ?? this.#push(instruction);
    this.#known.set(key, known);
    return known;
  }

  #push(instruction: Instruction): Value {
    return { index: this.instructions.push(instruction) - 1 };
  }

  #index(operand: Operand): number {
    return (typeof operand === "number" ? this.number(operand) : operand).index;
  }
}
