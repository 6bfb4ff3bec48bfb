import type { Shape } from "../device/device.ts";
import { add, mul, square, sub } from "../operations/arithmetic.ts";
import { conv2d } from "../operations/convolution.ts";
import { scatterAdd } from "../operations/indexing.ts";
import { avgPool2d } from "../operations/pooling.ts";
import { reshape } from "../operations/rearrange.ts";
import { sum } from "../operations/reduction.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { constantInit, uniformInit, zerosInit } from "./initialisers.ts";
import { checkMaps } from "./maps.ts";
import { checkCount, Module, parameter } from "./module.ts";

/**
 * The trainable subsampling of LeNet-5: the sum over each `size × size` window times one coefficient per map, plus one
 * bias per map (LeCun, Bottou, Bengio and Haffner 1998, section II.B).
 */
export class Subsampling extends Module {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32">;
  readonly size: number;

  constructor(maps: number, size = 2) {
    super();
    checkCount("Subsampling", "maps", maps);
    checkCount("Subsampling", "size", size);
    // 1 / size² makes it a mean to begin with.
    this.weight = parameter([maps], constantInit(1 / size ** 2));
    this.bias = parameter([maps], zerosInit);
    this.size = size;
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkMaps(this.where, x, 2, this.weight.shape[0]!);
    const sums = mul(avgPool2d(x, { size: this.size }), this.size ** 2);
    return add(mul(sums, reshape(this.weight, [-1, 1, 1])), reshape(this.bias, [-1, 1, 1])) as Tensor<"float32">;
  }

  override connections(_input: Shape, output: Shape): number {
    return sizeOf(output.slice(1)) * (this.size ** 2 + 1);
  }

  override describe(): string {
    return `Subsampling(${this.weight.shape[0]}, ${this.size}×${this.size})`;
  }
}

/** Table I of LeCun et al. 1998: which maps of S2 feed each of the 16 maps of C3. */
export const c3Table: readonly (readonly number[])[] = [
  ...Array.from({ length: 6 }, (_, i) => [0, 1, 2].map((k) => (i + k) % 6).sort((a, b) => a - b)),
  ...Array.from({ length: 6 }, (_, i) => [0, 1, 2, 3].map((k) => (i + k) % 6).sort((a, b) => a - b)),
  ...Array.from({ length: 3 }, (_, i) => [0, 1, 3, 4].map((k) => (i + k) % 6).sort((a, b) => a - b)),
  [0, 1, 2, 3, 4, 5],
];

/**
 * A convolution in which each output map sees only some input maps, by a table: `weight [connected pairs, kh, kw]` in
 * the order of the table, `bias [outputs]`.
 */
export class PartialConv2d extends Module {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32">;
  readonly inputs: number;
  readonly table: readonly (readonly number[])[];
  readonly size: number;

  constructor(inputs: number, size: number, table: readonly (readonly number[])[]) {
    super();
    checkCount("PartialConv2d", "inputs", inputs);
    const outside = table.flat().find((map) => !Number.isInteger(map) || map < 0 || map >= inputs);
    if (outside !== undefined)
      throw new ArgumentError("PartialConv2d", `the table names input map ${outside}, expected 0 … ${inputs - 1}.`);
    const pairs = table.flat().length;
    const fanIn = (pairs / table.length) * size ** 2;
    this.weight = parameter([pairs, size, size], uniformInit(1 / Math.sqrt(fanIn)));
    this.bias = parameter([table.length], uniformInit(1 / Math.sqrt(fanIn)));
    this.inputs = inputs;
    this.table = table;
    this.size = size;
  }

  /** The filters as a full convolution has them, zero where the table has no connection: `[outputs, inputs, kh, kw]`. */
  filters(): Tensor<"float32"> {
    const places = this.table.flatMap((maps, output) => maps.map((input) => output * this.inputs + input));
    const indices = tensor(Int32Array.from(places), { device: this.weight.device });
    const full = scatterAdd(this.weight, indices, { axis: 0, size: this.table.length * this.inputs });
    return reshape(full, [this.table.length, this.inputs, this.size, this.size]) as Tensor<"float32">;
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkMaps(this.where, x, 2, this.inputs);
    return add(conv2d(x, this.filters()), reshape(this.bias, [-1, 1, 1])) as Tensor<"float32">;
  }

  override connections(_input: Shape, output: Shape): number {
    return sizeOf(output.slice(2)) * (sizeOf(this.weight.shape) + this.table.length);
  }

  override describe(): string {
    return `PartialConv2d(${this.inputs} → ${this.table.length}, ${this.size}×${this.size})`;
  }
}

/**
 * Euclidean radial basis units: the squared distance of the input to each of several fixed codes,
 * `[batch, width] → [batch, codes]`. Small means near, so `scores` for a softmax are its negative.
 */
export class RadialBasis extends Module {
  readonly codes: Tensor<"float32">;

  constructor(codes: readonly (readonly number[])[]) {
    super();
    this.codes = tensor(codes);
  }

  forward(x: Tensor): Tensor<"float32"> {
    const width = this.codes.shape[1]!;
    if (x.rank !== 2 || x.shape[1] !== width)
      throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected [batch, ${width}].`, [x.shape]);
    return sum(square(sub(x.expandDims(1), this.codes)), { axis: 2 }) as Tensor<"float32">;
  }

  override connections(): number {
    return sizeOf(this.codes.shape);
  }

  override describe(): string {
    return `RadialBasis(${this.codes.shape[1]} → ${this.codes.shape[0]})`;
  }
}
