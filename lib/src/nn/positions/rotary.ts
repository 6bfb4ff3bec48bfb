import { add, mul, sub } from "../../operations/arithmetic.ts";
import { slice } from "../../operations/indexing.ts";
import { concat, stack } from "../../operations/joining.ts";
import { reshape, squeeze } from "../../operations/rearrange.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";

export interface RotaryOptions {
  /** The position of the first step; 0 if not said. A decoder that goes on says how far it has come. */
  readonly offset?: number;
  /** 10,000 if not said: pair i turns by base^(−2i / width) at every step. */
  readonly base?: number;
  /** Which elements turn together: neighbours (the paper's, if not said), or one of each half as in GPT-NeoX and Llama. */
  readonly pairs?: "adjacent" | "halves";
}

/**
 * Queries or keys `[…, steps, width]` turned by their positions (RoFormer, Su et al. 2021), so that their products
 * depend on how far apart they are and on nothing else of the positions. Lengths stay as they are.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * const turned = nn.rotaryPositions(tensor([[1, 0], [1, 0]]));
 * console.log(await turned.toArray()); // [ [ 1, 0 ], [ 0.5403022766113281, 0.8414709568023682 ] ]
 * ```
 */
export function rotaryPositions(
  x: Tensor,
  { offset = 0, base = 10_000, pairs = "adjacent" }: RotaryOptions = {},
): Tensor {
  const who = "rotaryPositions";
  const [steps, width] = x.shape.slice(-2) as [number, number];
  if (x.rank < 2 || width % 2 !== 0)
    throw new ShapeError(who, `the input is ${showShape(x.shape)}, expected […, steps, an even width].`, [x.shape]);
  if (!(base > 0)) throw new ArgumentError(who, `base is ${base}, expected a positive number.`);
  if (!Number.isInteger(offset)) throw new ArgumentError(who, `offset is ${offset}, expected a whole number.`);
  if (pairs !== "adjacent" && pairs !== "halves")
    throw new ArgumentError(who, `pairs is ${String(pairs)}, expected "adjacent" or "halves".`);
  const half = width / 2;
  const table = (wave: (angle: number) => number) => {
    const angle = (k: number) => (offset + Math.floor(k / half)) * base ** ((-2 * (k % half)) / width);
    const values = Float64Array.from({ length: steps * half }, (_, k) => wave(angle(k)));
    const on = x.dtype === "float64" ? values : Float32Array.from(values);
    return tensorOf(on, x.dtype === "float64" ? "float64" : "float32", [steps, half], x.device);
  };
  const [cos, sin] = [table(Math.cos), table(Math.sin)];
  const twos = reshape(x, [...x.shape.slice(0, -1), half, 2]);
  const part = (i: 0 | 1) =>
    pairs === "halves"
      ? slice(x, { axis: -1, start: i * half, stop: (i + 1) * half })
      : squeeze(slice(twos, { axis: -1, start: i, stop: i + 1 }), -1);
  const [a, b] = [part(0), part(1)];
  const turned = [sub(mul(a, cos), mul(b, sin)), add(mul(a, sin), mul(b, cos))];
  return pairs === "halves" ? concat(turned, -1) : reshape(stack(turned, -1), x.shape);
}
