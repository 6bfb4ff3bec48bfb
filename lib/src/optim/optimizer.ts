import type { Gradients, HasVariables } from "../gradient/tree.ts";
import { variables } from "../gradient/tree.ts";
import { mul, square } from "../operations/arithmetic.ts";
import { sum } from "../operations/reduction.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Rate as a number, or as a function of the step (0, 1, 2 …). */
export type Rate = number | ((step: number) => number);

/** How one parameter changes: from its value, gradient and memory to new ones. */
export interface Rule {
  /** Names of what is remembered for each parameter, all of its shape and zero at first. */
  readonly memory: readonly string[];
  readonly update: (
    parameter: Tensor,
    gradient: Tensor,
    memory: readonly Tensor[],
    step: { readonly rate: number; readonly count: number },
  ) => {
    readonly parameter: Tensor;
    readonly memory: readonly Tensor[];
  };
}

/** Changes a model's parameters along their gradients. */
export class Optimizer {
  readonly name: string;
  readonly #rule: Rule;
  readonly #rate: Rate;
  #memory = new Map<string, readonly Tensor[]>();
  #step = 0;

  constructor(name: string, rate: Rate, rule: Rule) {
    if (typeof rate !== "number" && typeof rate !== "function") {
      throw new ArgumentError(
        name,
        `rate is ${rate}, expected a number or a function of the step. ${name}({ rate: 0.01 }).`,
      );
    }
    if (typeof rate === "number" && !(rate > 0))
      throw new ArgumentError(name, `rate is ${rate}, expected a positive number.`);
    this.name = name;
    this.#rate = rate;
    this.#rule = rule;
  }

  /** Updates made so far. */
  get step(): number {
    return this.#step;
  }

  /** Passes over the data completed so far; `train` counts them, and goes on from here. */
  epoch = 0;

  /** Batches of the pass under way that have been trained on; `train` counts them. */
  batch = 0;

  /** The rate of the next update. */
  get rate(): number {
    return typeof this.#rate === "number" ? this.#rate : this.#rate(this.#step);
  }

  /** One update of every parameter that has a gradient. */
  update(model: HasVariables, gradients: Gradients): void {
    const rate = this.rate;
    const count = ++this.#step;
    const updated = new Map<Tensor, Tensor>();
    for (const place of model[variables]()) {
      const before = place.get();
      const known = updated.get(before);
      if (known !== undefined) {
        place.set(known);
        continue;
      }
      const gradient = gradients.get(place.path);
      if (gradient === undefined) continue;
      const remembered = this.#memory.get(place.path);
      if (remembered?.some((tensor) => !sameShape(tensor.shape, before.shape))) {
        const shapes = `${showShape(remembered[0]!.shape)}, the parameter is ${showShape(before.shape)}`;
        throw new ShapeError(
          this.name,
          `what is remembered for ${place.path} is ${shapes}. One optimiser serves one model: make a new one.`,
        );
      }
      const memory = remembered ?? this.#rule.memory.map(() => mul(before, 0));
      const next = this.#rule.update(before, gradient, memory, { rate, count });
      // Evaluated now: what is pending would keep every earlier step alive.
      for (const tensor of [...next.memory, next.parameter]) materialise(tensor);
      this.#memory.set(place.path, next.memory);
      updated.set(before, next.parameter);
      place.set(next.parameter);
    }
  }

  /** What is remembered, by parameter path and name, and the step: everything needed to go on exactly. */
  state(): { readonly step: number; readonly epoch: number; readonly tensors: ReadonlyMap<string, Tensor> } {
    const tensors = new Map<string, Tensor>();
    for (const [path, memory] of this.#memory)
      memory.forEach((tensor, i) => {
        tensors.set(`${path}.${this.#rule.memory[i]}`, tensor);
      });
    return { step: this.#step, epoch: this.epoch, tensors };
  }

  /** Goes on from a saved state. */
  load(saved: { readonly step: number; readonly epoch: number; readonly tensors: ReadonlyMap<string, Tensor> }): void {
    const names = this.#rule.memory;
    const memory = new Map<string, readonly Tensor[]>();
    for (const key of saved.tensors.keys()) {
      const name = names.find((n) => key.endsWith(`.${n}`));
      if (name === undefined)
        throw new ArgumentError(
          this.name,
          `the saved state has ${key}, expected parameter paths ending in ${names.join(" or ") || "nothing"}.`,
        );
      const path = key.slice(0, -name.length - 1);
      memory.set(
        path,
        names.map((n) => {
          const tensor = saved.tensors.get(`${path}.${n}`);
          if (tensor === undefined) throw new ArgumentError(this.name, `the saved state lacks ${path}.${n}.`);
          return tensor;
        }),
      );
    }
    this.#memory = memory;
    this.#step = saved.step;
    this.epoch = saved.epoch;
  }
}

/** Euclidean norm of all gradients together. */
export function gradientNorm(gradients: Gradients): Tensor {
  const squares = [...gradients.values()].map((g) => sum(square(g)));
  return squares.reduce((total, part) => total.add(part), tensor(0)).sqrt();
}
