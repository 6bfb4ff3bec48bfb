import type { Shape } from "../device/device.ts";
import { add } from "../operations/arithmetic.ts";
import { conv1d, conv2d, conv3d } from "../operations/convolution.ts";
import { pad } from "../operations/padding.ts";
import type { Pair, Triple } from "../operations/pair.ts";
import { reshape } from "../operations/rearrange.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fanInUniform, type Initialiser } from "./initialisers.ts";
import { checkMaps, type Places, wholeNumbers } from "./maps.ts";
import { checkCount, Module, parameter } from "./module.ts";

/** What a convolution fills the places beyond the edge with. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

interface ConvOptions<Size> {
  readonly stride?: Size;
  /** Places added on every side; 0 if not said. "same" adds as many as keep the size, "valid" none. */
  readonly padding?: Size | "same" | "valid";
  /** "zeros" if not said; "reflect" mirrors without the edge, "replicate" repeats it, "circular" goes round. */
  readonly paddingMode?: PaddingMode;
  readonly dilation?: Size;
  readonly groups?: number;
  readonly bias?: boolean;
  /** Draws the filters; uniform in ±1/√fan-in if not said, as in PyTorch. */
  readonly initialiser?: Initialiser;
}

export interface Conv1dOptions extends ConvOptions<number> {}
export interface Conv2dOptions extends ConvOptions<Pair> {}
export interface Conv3dOptions extends ConvOptions<Triple> {}

const modes = { zeros: "constant", reflect: "reflect", replicate: "replicate", circular: "circular" } as const;

/** A convolution over lines, images or volumes: `weight [outputs, inputs / groups, …size]`, `bias [outputs]`. */
abstract class Convolution extends Module {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32"> | null;
  readonly inputs: number;
  readonly stride: readonly number[];
  /** Places added before and after each axis. */
  readonly padding: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly paddingMode: PaddingMode;
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly #places: Places;

  constructor(
    places: Places,
    [inputs, outputs]: readonly [number, number],
    size: number | readonly number[],
    options: ConvOptions<number | readonly number[]>,
  ) {
    super();
    const who = this.constructor.name;
    checkCount(who, "inputs", inputs);
    checkCount(who, "outputs", outputs);
    const { groups = 1, bias = true, paddingMode = "zeros" } = options;
    checkCount(who, "groups", groups);
    if (inputs % groups !== 0 || outputs % groups !== 0)
      throw new ArgumentError(
        who,
        `${inputs} inputs and ${outputs} outputs do not both divide into ${groups} groups, expected multiples.`,
      );
    if (!Object.hasOwn(modes, paddingMode))
      throw new ArgumentError(who, `paddingMode is ${paddingMode}, expected one of ${Object.keys(modes).join(", ")}.`);
    const taps = wholeNumbers(who, "size", places, size, { least: 1 });
    const fanIn = (inputs / groups) * sizeOf(taps);
    this.#places = places;
    this.inputs = inputs;
    this.groups = groups;
    this.stride = wholeNumbers(who, "stride", places, options.stride, { least: 1 });
    this.dilation = wholeNumbers(who, "dilation", places, options.dilation, { least: 1 });
    this.paddingMode = paddingMode;
    this.padding = this.#paddings(options.padding, taps);
    this.weight = parameter([outputs, inputs / groups, ...taps], options.initialiser ?? fanInUniform(fanIn));
    this.bias = bias ? parameter([outputs], fanInUniform(fanIn)) : null;
  }

  #paddings(said: number | readonly number[] | "same" | "valid" | undefined, taps: readonly number[]) {
    if (said === "same") {
      if (this.stride.some((n) => n !== 1))
        throw new ArgumentError(
          this.constructor.name,
          `padding "same" with a stride of ${this.stride.join(" × ")}, expected 1: with others the size does not stay.`,
        );
      const all = taps.map((n, axis) => this.dilation[axis]! * (n - 1));
      return { before: all.map((n) => Math.floor(n / 2)), after: all.map((n) => Math.ceil(n / 2)) };
    }
    const or = ', "same" or "valid"';
    const who = this.constructor.name;
    const each = wholeNumbers(who, "padding", this.#places, said === "valid" ? 0 : said, { least: 0, or });
    return { before: each, after: each };
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkMaps(this.where, x, this.#places, this.inputs);
    const { before, after } = this.padding;
    const even = this.paddingMode === "zeros" && before.every((n, axis) => n === after[axis]);
    const mode = modes[this.paddingMode];
    const given = even ? x : pad(x, { before: [0, 0, ...before], after: [0, 0, ...after], mode });
    const y = this.#convolved(given, even ? before : before.map(() => 0));
    const perChannel = [-1, ...new Array<number>(this.#places).fill(1)];
    return (this.bias === null ? y : add(y, reshape(this.bias, perChannel))) as Tensor<"float32">;
  }

  #convolved(x: Tensor, padding: readonly number[]): Tensor {
    const { stride, dilation, groups, weight } = this;
    if (this.#places === 1)
      return conv1d(x, weight, { stride: stride[0]!, padding: padding[0]!, dilation: dilation[0]!, groups });
    const options = { stride, padding, dilation, groups } as never;
    return this.#places === 2 ? conv2d(x, weight, options) : conv3d(x, weight, options);
  }

  override connections(_input: Shape, output: Shape): number {
    return sizeOf(output.slice(1)) * (sizeOf(this.weight.shape.slice(1)) + (this.bias === null ? 0 : 1));
  }

  override describe(): string {
    const [outputs, , ...size] = this.weight.shape;
    return `${this.constructor.name}(${this.inputs} → ${outputs}, ${size.join("×")})`;
  }
}

/** One-dimensional convolution: `[batch, inputs, length] → [batch, outputs, …]`; `weight [outputs, inputs / groups, taps]`. */
export class Conv1d extends Convolution {
  constructor(inputs: number, outputs: number, size: number, options: Conv1dOptions = {}) {
    super(1, [inputs, outputs], size, options);
  }
}

/**
 * Two-dimensional convolution: `[batch, inputs, h, w] → [batch, outputs, oh, ow]`; `weight [outputs, inputs / groups, kh, kw]`.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const conv = nn.init(new nn.Conv2d(1, 6, 5, { padding: "same", paddingMode: "reflect" }), { seed: 1 });
 * conv.forward(zeros([1, 1, 28, 28])).shape; // [1, 6, 28, 28]
 * ```
 */
export class Conv2d extends Convolution {
  constructor(inputs: number, outputs: number, size: Pair, options: Conv2dOptions = {}) {
    super(2, [inputs, outputs], size, options);
  }
}

/** Three-dimensional convolution of `[batch, inputs, depth, height, width]`; `weight [outputs, inputs / groups, kd, kh, kw]`. */
export class Conv3d extends Convolution {
  constructor(inputs: number, outputs: number, size: Triple, options: Conv3dOptions = {}) {
    super(3, [inputs, outputs], size, options);
  }
}
