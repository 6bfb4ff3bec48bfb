import { type Code, f32x4, i32x4, type Local, multiplyAdd, type Statement, v128 } from "../assembler/code.ts";
import type { Declare } from "../assembler/module.ts";

export type Vector = Local<"v128">;

const SIGN = i32x4.const(-0x80000000);

/** Straight-line code on vectors of four floats, written value by value: each is kept in a variable of its own. */
export class Vectors {
  readonly statements: Statement[] = [];
  readonly #declare: Declare;
  readonly #multiplyAdd: (a: Code<"v128">, b: Code<"v128">, c: Code<"v128">) => Code<"v128">;

  constructor(declare: Declare, fused: boolean) {
    this.#declare = declare;
    this.#multiplyAdd = multiplyAdd(fused);
  }

  keep(value: Code<"v128">): Vector {
    const variable = this.#declare("v128");
    this.statements.push(variable.set(value));
    return variable;
  }

  /** a · b + c, which engines may round once or twice: only for approximations, never for what a user wrote. */
  multiplyAdd(a: Code<"v128">, b: Code<"v128">, c: Code<"v128">): Vector {
    return this.keep(this.#multiplyAdd(a, b, c));
  }

  /** c₀ + c₁ x + c₂ x² + … */
  polynomial(x: Vector, coefficients: readonly number[]): Vector {
    const [highest, ...rest] = coefficients.map(f32x4.const).reverse();
    return rest.reduce((sum: Vector, c) => this.multiplyAdd(sum, x, c), this.keep(highest!));
  }

  /** `magnitude`, which has no sign, with the sign of `of`. */
  signed(magnitude: Code<"v128">, of: Code<"v128">): Vector {
    return this.keep(v128.or(magnitude, v128.and(of, SIGN)));
  }
}
