import type { Tensor } from "../tensor/tensor.ts";
import { type Child, Module } from "./module.ts";

/** A module with one tensor in and one out, or a plain function. */
export type Layer = { forward(x: Tensor): Tensor } | ((x: Tensor) => Tensor);

/** Layers one after another; modules and functions alike. Children are named by position, as in PyTorch. */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    super();
    this.layers = layers;
  }

  forward(x: Tensor): Tensor {
    return this.layers.reduce((value, layer) => run(layer, value), x);
  }

  override children(): readonly Child[] {
    return this.layers.flatMap((layer, i) => (layer instanceof Module ? [{ name: String(i), child: layer }] : []));
  }

  override describe(): string {
    return `Sequential(${this.layers.length})`;
  }
}

/** One layer's output. */
export function run(layer: Layer, x: Tensor): Tensor {
  return typeof layer === "function" ? layer(x) : layer.forward(x);
}
