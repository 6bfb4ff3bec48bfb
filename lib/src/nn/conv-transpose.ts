import type { Shape } from "../device/device.ts";
import { add } from "../operations/arithmetic.ts";
import type { Pair } from "../operations/pair.ts";
import { reshape } from "../operations/rearrange.ts";
import { convTranspose1d, convTranspose2d } from "../operations/transposed-convolution.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fanInUniform, type Initialiser } from "./initialisers.ts";
import { checkMaps, type Places, wholeNumbers } from "./maps.ts";
import { checkCount, Module, parameter } from "./module.ts";

interface TransposedOptions<Size> {
  readonly stride?: Size;
  /** What the convolution it turns round would add on every side: so much is cut off here. */
  readonly padding?: Size;
  /** Places added at the end of each axis of the output. */
  readonly outputPadding?: Size;
  readonly dilation?: Size;
  readonly groups?: number;
  readonly bias?: boolean;
  /** Draws the filters; uniform in ±1/√(outputs / groups · places of a filter) if not said, as in PyTorch. */
  readonly initialiser?: Initialiser;
}

export interface ConvTranspose1dOptions extends TransposedOptions<number> {}
export interface ConvTranspose2dOptions extends TransposedOptions<Pair> {}

/** A transposed convolution: `weight [inputs, outputs / groups, …size]`, `bias [outputs]`. */
abstract class TransposedConvolution extends Module {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32"> | null;
  readonly outputs: number;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly #places: Places;

  constructor(
    places: Places,
    [inputs, outputs]: readonly [number, number],
    size: number | readonly number[],
    options: TransposedOptions<number | readonly number[]>,
  ) {
    super();
    const who = this.constructor.name;
    checkCount(who, "inputs", inputs);
    checkCount(who, "outputs", outputs);
    const { groups = 1, bias = true } = options;
    checkCount(who, "groups", groups);
    if (inputs % groups !== 0 || outputs % groups !== 0)
      throw new ArgumentError(
        who,
        `${inputs} inputs and ${outputs} outputs do not both divide into ${groups} groups, expected multiples.`,
      );
    const taps = wholeNumbers(who, "size", places, size, { least: 1 });
    this.#places = places;
    this.outputs = outputs;
    this.groups = groups;
    this.stride = wholeNumbers(who, "stride", places, options.stride, { least: 1 });
    this.padding = wholeNumbers(who, "padding", places, options.padding, { least: 0 });
    this.outputPadding = wholeNumbers(who, "outputPadding", places, options.outputPadding, { least: 0 });
    this.dilation = wholeNumbers(who, "dilation", places, options.dilation, { least: 1 });
    const start = fanInUniform((outputs / groups) * sizeOf(taps));
    this.weight = parameter([inputs, outputs / groups, ...taps], options.initialiser ?? start);
    this.bias = bias ? parameter([outputs], start) : null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkMaps(this.where, x, this.#places, this.weight.shape[0]!);
    const { stride, padding, outputPadding, dilation, groups, weight } = this;
    const first = (list: readonly number[]) => (this.#places === 1 ? list[0]! : list);
    const options = {
      stride: first(stride),
      padding: first(padding),
      outputPadding: first(outputPadding),
      dilation: first(dilation),
      groups,
    } as never;
    const y = this.#places === 1 ? convTranspose1d(x, weight, options) : convTranspose2d(x, weight, options);
    const perChannel = [-1, ...new Array<number>(this.#places).fill(1)];
    return (this.bias === null ? y : add(y, reshape(this.bias, perChannel))) as Tensor<"float32">;
  }

  /** Every input to a filter's places in each output map, at the edges, too. */
  override connections(input: Shape, output: Shape): number {
    const biases = this.bias === null ? 0 : sizeOf(output.slice(1));
    return sizeOf(input.slice(1)) * sizeOf(this.weight.shape.slice(1)) + biases;
  }

  override describe(): string {
    const [inputs, , ...size] = this.weight.shape;
    return `${this.constructor.name}(${inputs} → ${this.outputs}, ${size.join("×")})`;
  }
}

/** Transposed convolution of lines: `[batch, inputs, length]`; `weight [inputs, outputs / groups, taps]`. */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(inputs: number, outputs: number, size: number, options: ConvTranspose1dOptions = {}) {
    super(1, [inputs, outputs], size, options);
  }
}

/**
 * Transposed convolution (Zeiler, Krishnan, Taylor and Fergus, CVPR 2010): what the gradient of `Conv2d` does to its input,
 * which makes images larger. `[batch, inputs, h, w]`; `weight [inputs, outputs / groups, kh, kw]`, as in PyTorch.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const up = nn.init(new nn.ConvTranspose2d(8, 3, 4, { stride: 2, padding: 1 }), { seed: 1 });
 * up.forward(zeros([1, 8, 16, 16])).shape; // [1, 3, 32, 32]
 * ```
 */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(inputs: number, outputs: number, size: Pair, options: ConvTranspose2dOptions = {}) {
    super(2, [inputs, outputs], size, options);
  }
}
