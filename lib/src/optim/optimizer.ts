import { pathMatcher, placesMatching } from "../gradient/paths.ts";
import { type Gradients, type HasVariables, variables } from "../gradient/tree.ts";
import { add, mul } from "../operations/arithmetic.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { materialiseTogether } from "../tensor/lazy.ts";
import { held, outlives } from "../tensor/ownership.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Unseen } from "../tensor/unseen.ts";

/** A rate that depends on the step (0, 1, 2 …). One that remembers something says so, to be saved with the optimiser. */
export interface Schedule {
  (step: number): number;
  /** What it remembers. */
  state?(): readonly number[];
  /** Goes on from what it remembered. */
  load?(state: readonly number[]): void;
}

/** Rate as a number, or as a function of the step (0, 1, 2 …). */
export type Rate = number | Schedule;

/** How some of the parameters are treated in another way than the rest. */
export interface Group {
  readonly rate?: Rate;
  readonly weightDecay?: number;
}

/** What every optimiser takes. */
export interface OptimizerOptions {
  /** How far a step goes: a number, or a function of the step such as those of `optim.cosine` and its like. */
  readonly rate: Rate;
  /** λ: draws weights to 0. Coupled, λ·w is added to the gradient; decoupled, w shrinks by rate · λ before the step. */
  readonly weightDecay?: number;
  /** Keeps weight decay apart from the gradient and what is made of it (Loshchilov and Hutter, ICLR 2019). */
  readonly decoupled?: boolean;
  /** Other rates and decays by path pattern; the first that matches counts: `{ "*.bias": { weightDecay: 0 } }`. */
  readonly groups?: Readonly<Record<string, Group>>;
}

/** The step under way, for a rule. */
export interface RuleStep {
  readonly rate: number;
  /** This parameter's steps so far, this one included: one that was frozen at first has fewer than the optimiser. */
  readonly count: number;
  /** Whether this parameter has its first step. */
  readonly first: boolean;
}

/**
 * How one parameter changes: from its value, gradient and memory to new ones. Memory is the optimiser's own, which gives
 * it back when it is replaced: a rule keeps none of it elsewhere.
 */
export interface Rule {
  /** Names of what is remembered for each parameter. */
  readonly memory: readonly string[];
  /** What is remembered at first; zeros of the parameter's shape if not said. */
  readonly start?: (parameter: Tensor, rate: number) => readonly Tensor[];
  readonly update: (
    parameter: Tensor,
    gradient: Tensor,
    memory: readonly Tensor[],
    step: RuleStep,
  ) => {
    readonly parameter: Tensor;
    readonly memory: readonly Tensor[];
  };
}

/** Everything that an optimiser needs to go on exactly: numbers, and tensors by parameter path and name. */
export interface OptimizerState {
  /** Updates made. */
  readonly step: number;
  /** Passes over the data completed. */
  readonly epoch: number;
  /** Batches done of the pass under way. */
  readonly batch?: number;
  /** What schedules remember, those of groups by their pattern, the common one under "". */
  readonly schedules?: Readonly<Record<string, readonly number[]>>;
  /** The updates of each parameter by path; those of the whole where it is not said. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Changes a model's parameters along their gradients. One optimiser serves one model. */
export class Optimizer {
  readonly name: string;
  readonly #rule: Rule;
  readonly #options: OptimizerOptions;
  readonly #groups: readonly { readonly matches: (path: string) => boolean; readonly group: Group }[];
  #memory = new Map<string, readonly Tensor[]>();
  readonly #unseen = new Unseen();
  #counts = new Map<string, number>();
  #step = 0;

  constructor(name: string, options: OptimizerOptions, rule: Rule) {
    const { rate, weightDecay = 0, groups = {} } = options;
    if (typeof rate !== "number" && typeof rate !== "function") {
      throw new ArgumentError(
        name,
        `rate is ${rate}, expected a number or a function of the step. ${name}({ rate: 0.01 }).`,
      );
    }
    requireRate(name, "rate", rate);
    requireDecay(name, "weightDecay", weightDecay);
    for (const [pattern, group] of Object.entries(groups)) {
      if (group.rate !== undefined) requireRate(name, `the rate of ${pattern}`, group.rate);
      requireDecay(name, `the weightDecay of ${pattern}`, group.weightDecay ?? 0);
    }
    this.name = name;
    this.#options = options;
    this.#rule = rule;
    this.#groups = Object.entries(groups).map(([pattern, group]) => ({ matches: pathMatcher(pattern), group }));
  }

  /** Updates made so far. */
  get step(): number {
    return this.#step;
  }

  /** Passes over the data completed so far; `train` counts them, and goes on from here. */
  epoch = 0;

  /** Batches done of the pass under way; `train` counts them, and goes on from here. */
  batch = 0;

  /** The rate of the next update. */
  get rate(): number {
    return at(this.name, this.#options.rate, this.#step);
  }

  /**
   * One update of every parameter that has a gradient. Throws an `ArgumentError`, before anything changes, where a
   * schedule gives a rate that is not finite or below 0.
   */
  update(model: HasVariables, gradients: Gradients): void {
    const places = model[variables]();
    if (this.#step === 0)
      for (const pattern of Object.keys(this.#options.groups ?? {})) placesMatching(this.name, places, pattern);
    // Before anything changes: a step with a rate that is none would spoil the parameters.
    for (const [, rate] of this.#schedules()) at(this.name, rate, this.#step);
    outlives(this);
    const step = this.#step++;
    const updated = new Map<Tensor, Tensor>();
    for (const place of places) {
      const before = place.get();
      const known = updated.get(before);
      if (known !== undefined) {
        place.set(known);
        continue;
      }
      const gradient = gradients.get(place.path);
      if (gradient === undefined) continue;
      const after = this.#updated(place.path, before, gradient, step);
      updated.set(before, after);
      place.set(after);
    }
  }

  #updated(path: string, before: Tensor, gradient: Tensor, step: number): Tensor {
    const group = this.#groups.find(({ matches }) => matches(path))?.group;
    const rate = at(this.name, group?.rate ?? this.#options.rate, step);
    const decay = group?.weightDecay ?? this.#options.weightDecay ?? 0;
    const decoupled = this.#options.decoupled === true;
    const w = decay !== 0 && decoupled ? mul(before, 1 - rate * decay) : before;
    const g = decay !== 0 && !decoupled ? add(gradient, mul(before, decay)) : gradient;
    const remembered = this.#memory.get(path);
    if (remembered?.some((tensor) => !sameShape(tensor.shape, before.shape))) {
      const shapes = `${showShape(remembered[0]!.shape)}, the parameter is ${showShape(before.shape)}`;
      throw new ShapeError(
        this.name,
        `what is remembered for ${path} is ${shapes}. One optimiser serves one model: make a new one.`,
      );
    }
    const memory = remembered ?? this.#rule.start?.(before, rate) ?? this.#rule.memory.map(() => mul(before, 0));
    const count = (this.#counts.get(path) ?? 0) + 1;
    const next = this.#rule.update(w, g, memory, { rate, count, first: remembered === undefined });
    const visible = [before, w, gradient, g, next.parameter];
    this.#unseen.made(next.memory.filter((tensor) => !visible.includes(tensor)));
    // Evaluated now: what is pending would keep every earlier step alive.
    materialiseTogether([...next.memory, next.parameter]);
    this.#memory.set(path, next.memory);
    if (remembered !== undefined) this.#unseen.replace(remembered, [...next.memory, next.parameter]);
    this.#counts.set(path, count);
    return next.parameter;
  }

  /** @internal */
  [held](): unknown {
    return this.#memory;
  }

  /** Everything needed to go on exactly, as plain numbers and tensors; what comes later does not change it. */
  state(): OptimizerState {
    this.#unseen.shown();
    const tensors = new Map<string, Tensor>();
    for (const [path, memory] of this.#memory)
      memory.forEach((tensor, i) => {
        tensors.set(`${path}.${this.#rule.memory[i]}`, tensor);
      });
    const schedules = Object.fromEntries(
      this.#schedules().flatMap(([pattern, rate]) => (rate.state === undefined ? [] : [[pattern, rate.state()]])),
    );
    const counts = Object.fromEntries(this.#counts);
    return { step: this.#step, epoch: this.epoch, batch: this.batch, schedules, counts, tensors };
  }

  /** Goes on from a saved state. Throws an `ArgumentError` for that of another kind of optimiser. */
  load(saved: OptimizerState): void {
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
    for (const [pattern, rate] of this.#schedules()) {
      const remembered = saved.schedules?.[pattern];
      if (rate.load !== undefined && remembered !== undefined) rate.load(remembered);
    }
    this.#unseen.replace([...this.#memory.values()].flat(), [...memory.values()].flat());
    this.#memory = memory;
    outlives(this);
    this.#counts = new Map(Object.entries(saved.counts ?? {}));
    for (const path of memory.keys()) if (!this.#counts.has(path)) this.#counts.set(path, saved.step);
    this.#step = saved.step;
    this.epoch = saved.epoch;
    this.batch = saved.batch ?? 0;
  }

  #schedules(): [pattern: string, rate: Schedule][] {
    const { rate, groups = {} } = this.#options;
    const all = [["", rate] as const, ...Object.entries(groups).map(([pattern, g]) => [pattern, g.rate] as const)];
    return all.flatMap(([pattern, one]) => (typeof one === "function" ? [[pattern, one]] : []));
  }
}

function at(who: string, rate: Rate, step: number): number {
  const value = typeof rate === "number" ? rate : rate(step);
  if (value >= 0 && Number.isFinite(value)) return value;
  const expected = "expected a finite number of 0 or more. See what the schedule gives";
  throw new ArgumentError(who, `the rate at step ${step} is ${value}, ${expected}: schedule(${step}).`);
}

function requireRate(who: string, what: string, rate: Rate): void {
  if (typeof rate === "number" && !(rate > 0 && Number.isFinite(rate)))
    throw new ArgumentError(who, `${what} is ${rate}, expected a positive number that is finite.`);
}

function requireDecay(who: string, what: string, decay: number): void {
  if (!(decay >= 0)) throw new ArgumentError(who, `${what} is ${decay}, expected a number of 0 or more.`);
}

/** @internal Refuses factors outside [0, 1). */
export function requireBelowOne(who: string, factors: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(factors))
    if (!(value >= 0 && value < 1)) throw new ArgumentError(who, `${name} is ${value}, expected 0 ≤ ${name} < 1.`);
}

/** @internal `a·x + b·y`. */
export function blend(a: number, x: Tensor, b: number, y: Tensor): Tensor {
  return add(mul(x, a), mul(y, b));
}
