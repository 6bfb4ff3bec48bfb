import { add } from "../operations/arithmetic.ts";
import { concat } from "../operations/joining.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Child, Module } from "./module.ts";
import { type Layer, run } from "./sequential.ts";

/**
 * A layer beside which the input goes on as it is: `x + layer(x)` (He et al., CVPR 2016). `shortcut` takes its place where
 * the shapes differ, a convolution of 1 × 1, say. Paths begin with `layer` and `shortcut`.
 *
 * @example
 * ```ts
 * import { nn, relu, zeros } from "gradbook";
 *
 * const conv = () => new nn.Conv2d(8, 8, 3, { padding: 1 });
 * const block = nn.init(new nn.Residual(new nn.Sequential([conv(), relu, conv()])), { seed: 1 });
 * block.forward(zeros([1, 8, 6, 6])).shape; // [1, 8, 6, 6]
 * ```
 */
export class Residual extends Module {
  readonly layer: Layer;
  readonly shortcut: Layer | null;

  constructor(layer: Layer, { shortcut }: { readonly shortcut?: Layer } = {}) {
    super();
    this.layer = layer;
    this.shortcut = shortcut ?? null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    const y = run(this.layer, x);
    const beside = this.shortcut === null ? x : run(this.shortcut, x);
    if (!sameShape(y.shape, beside.shape))
      throw new ShapeError(
        this.where,
        `the layer gives ${showShape(y.shape)}, beside it is ${showShape(beside.shape)}; expected the same shape. Bring it there: { shortcut: new nn.Conv2d(…, 1) }.`,
        [y.shape, beside.shape],
      );
    return add(y, beside) as Tensor<"float32">;
  }
}

/** How the outputs of several layers become one. */
export interface ParallelOptions {
  /** "concat" if not said, along `axis`; or the sum; or a function of yours. */
  readonly join?: "concat" | "sum" | ((outputs: readonly Tensor[]) => Tensor);
  /** Of "concat": 1, the channels or features, if not said. */
  readonly axis?: number;
}

/** Layers beside each other on the same input (Szegedy et al., CVPR 2015). Children are named by position. */
export class Parallel extends Module {
  readonly layers: readonly Layer[];
  readonly join: "concat" | "sum" | ((outputs: readonly Tensor[]) => Tensor);
  readonly axis: number;
  readonly #join: (outputs: readonly Tensor[]) => Tensor;

  constructor(layers: readonly Layer[], { join = "concat", axis = 1 }: ParallelOptions = {}) {
    super();
    if (layers.length === 0) throw new ArgumentError("Parallel", "no layers, expected at least one.");
    this.layers = layers;
    this.join = join;
    this.axis = axis;
    if (typeof join === "function") this.#join = join;
    else if (join === "sum") this.#join = (outputs) => outputs.reduce((a, b) => add(a, b));
    else if (join === "concat") this.#join = (outputs) => concat([...outputs], axis);
    else throw new ArgumentError("Parallel", `join is ${String(join)}, expected concat, sum or a function.`);
  }

  forward(x: Tensor): Tensor<"float32"> {
    return this.#join(this.layers.map((layer) => run(layer, x))) as Tensor<"float32">;
  }

  override children(): readonly Child[] {
    return this.layers.flatMap((layer, i) => (layer instanceof Module ? [{ name: String(i), child: layer }] : []));
  }

  override describe(): string {
    return `Parallel(${this.layers.length})`;
  }
}
