import { type HasVariables, replaceShared, variables } from "../gradient/tree.ts";
import { add, mul, sub } from "../operations/arithmetic.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { held, outlives } from "../tensor/ownership.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Unseen } from "../tensor/unseen.ts";

/** What an average needs to go on exactly. */
export interface AverageState {
  readonly count: number;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** A running average of a model's parameters over the steps of its training; often better than the last of them. */
export class Average {
  readonly #weight: (count: number) => number;
  #values = new Map<string, Tensor>();
  readonly #unseen = new Unseen();
  #count = 0;

  /** @internal `weight` is that of the newest parameters when there have been `count` before. */
  constructor(weight: (count: number) => number) {
    this.#weight = weight;
  }

  /** How many states of the model went in. */
  get count(): number {
    return this.#count;
  }

  /** Takes in the parameters as they are now; `train` does it after every step, with its option `average`. */
  update(model: HasVariables): void {
    outlives(this);
    const weight = this.#count === 0 ? 1 : this.#weight(this.#count);
    const seen = new Set<Tensor>();
    for (const { path, get } of model[variables]()) {
      const [now, before] = [get(), this.#values.get(path)];
      // A tensor in several places goes in once, under its first path.
      if (seen.has(now)) continue;
      seen.add(now);
      const value = before === undefined ? now : add(before, mul(sub(now, before), weight));
      if (before !== undefined) this.#unseen.made([value]);
      // Evaluated now: what is pending would keep every earlier step alive.
      materialise(value);
      this.#values.set(path, value);
      if (before !== undefined) this.#unseen.replace([before], [value]);
    }
    this.#count++;
  }

  /**
   * Runs `body` while the model has the averaged parameters, and gives it its own back, whatever happens. Running
   * statistics of normalisations stay those of the model.
   */
  async using<T>(model: HasVariables, body: () => T | Promise<T>): Promise<T> {
    if (this.#count === 0)
      throw new ArgumentError(
        "average",
        "nothing went in yet, expected at least one update. train(model, batches, { average }).",
      );
    const places = model[variables]();
    const own = places.map(({ get }) => get());
    this.apply(model);
    try {
      return await body();
    } finally {
      places.forEach(({ set }, i) => {
        set(own[i]!);
      });
    }
  }

  /** Puts the averaged parameters into the model for good. */
  apply(model: HasVariables): void {
    this.#unseen.shown();
    replaceShared(model[variables](), (path, before) => this.#values.get(path) ?? before);
  }

  /** Everything needed to go on exactly. */
  state(): AverageState {
    this.#unseen.shown();
    return { count: this.#count, tensors: new Map(this.#values) };
  }

  /** Goes on from a saved state. */
  load({ count, tensors }: AverageState): void {
    this.#count = count;
    this.#unseen.replace([...this.#values.values()], [...tensors.values()]);
    this.#values = new Map(tensors);
    outlives(this);
  }

  /** @internal */
  [held](): unknown {
    return this.#values;
  }
}

/**
 * The exponential moving average of a model's parameters (Polyak and Juditsky 1992): average ← decay · average +
 * (1 − decay) · parameters, starting from the first.
 *
 * @example
 * ```ts
 * import { nn, optim, tensor } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(1, 1), { seed: 1, initialisers: { "*": nn.zerosInit } });
 * const average = optim.movingAverage({ decay: 0.75 });
 * average.update(net);
 * nn.parameters(net)[0]!.set(tensor([[4]]));
 * average.update(net);
 * await average.using(net, () => net.weight.toArray()); // [[1]]
 * ```
 */
export function movingAverage({ decay = 0.999 }: { readonly decay?: number } = {}): Average {
  if (!(decay >= 0 && decay < 1))
    throw new ArgumentError("movingAverage", `decay is ${decay}, expected 0 ≤ decay < 1.`);
  return new Average(() => 1 - decay);
}

/** The plain mean of all states of the parameters that went in (stochastic weight averaging: Izmailov et al., UAI 2018). */
export function meanAverage(): Average {
  return new Average((count) => 1 / (count + 1));
}
