import { loadState } from "../nn/load-state.ts";
import { type Module, parameters, state } from "../nn/module.ts";
import { type Key, seed } from "../random/key.ts";
import { linspace, zerosLike } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The values of a model at a moment, by path: parameters and constants. */
export type Snapshot = ReadonlyMap<string, Tensor>;

/** The model's values of now; `nn.loadState(model, snapshot)` brings them back. */
export function snapshot(model: Module): Snapshot {
  return new Map(state(model).map(({ path, get }) => [path, get()]));
}

interface SurfaceOptions {
  /** Along each axis; 21 if not said. */
  readonly points?: number;
  /** Stops the work; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

export interface LossLineOptions extends SurfaceOptions {
  /** The solution at 0, and the one at 1. */
  readonly from: Snapshot;
  readonly to: Snapshot;
  /** Which stretch is looked at; −0.5 to 1.5 if not said. */
  readonly range?: readonly [number, number];
}

export interface LossPlaneOptions extends SurfaceOptions {
  /** Two directions by parameter path, taken as they are; random and filter-normalised ones, if not said. */
  readonly directions?: readonly [Snapshot, Snapshot];
  /** Draws the directions. */
  readonly key?: Key;
  /** Which stretch is looked at along both; −1 to 1 if not said. */
  readonly range?: readonly [number, number];
}

export interface LossLine {
  /** 0 is `from`, 1 is `to`. */
  readonly positions: readonly number[];
  readonly losses: readonly number[];
}

export interface LossPlane {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** `losses[j][i]` at `y[j]`, `x[i]`. */
  readonly losses: readonly (readonly number[])[];
}

/** The loss of a model as it is now, one number. */
export type LossOf<M> = (model: M) => Tensor | Promise<number>;

async function axis(who: string, points: number, [low, high]: readonly [number, number]): Promise<number[]> {
  if (!Number.isInteger(points) || points < 2)
    throw new ArgumentError(who, `points is ${points}, expected a whole number of 2 or more.`);
  if (!(low < high)) throw new ArgumentError(who, `the range is ${low} … ${high}, expected the smaller value first.`);
  return Array.from(await linspace(low, high, points).data());
}

/** Evaluates the loss with other values in the model, which gets its own back whatever happens. */
async function evaluated<M extends Module>(
  model: M,
  loss: LossOf<M>,
  { places, at, signal }: { places: number; at: (place: number) => Snapshot; signal: AbortSignal | undefined },
): Promise<number[]> {
  const before = snapshot(model);
  const breather = new Breather();
  const losses: number[] = [];
  try {
    for (let place = 0; place < places; place++) {
      signalOf(signal)?.throwIfAborted();
      loadState(model, at(place));
      const value = loss(model);
      losses.push(await (value instanceof Promise ? value : value.item()));
      await breather.breathe();
    }
  } finally {
    loadState(model, before);
  }
  return losses;
}

function isFloat(x: Tensor): boolean {
  return x.dtype === "float32" || x.dtype === "float64";
}

/**
 * The loss along the straight line through two solutions (Goodfellow, Vinyals and Saxe 2015). The model keeps its values.
 * @throws ArgumentError for a range or points that make no sense, DataError for snapshots of another model.
 *
 * @example
 * ```ts
 * import { inspect, nn, tensor } from "gradbook";
 *
 * const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
 * const at = (w: number) => new Map([["weight", tensor([[w]])], ["bias", tensor([0])]]);
 * const loss = (m: nn.Linear) => m.forward(tensor([[1]])).square().sum();
 * const line = await inspect.lossLine(model, loss, { from: at(0), to: at(2), points: 3, range: [0, 1] });
 * line.losses; // [0, 1, 4]
 * ```
 */
export async function lossLine<M extends Module>(
  model: M,
  loss: LossOf<M>,
  { from, to, points = 21, range = [-0.5, 1.5], signal }: LossLineOptions,
): Promise<LossLine> {
  const positions = await axis("lossLine", points, range);
  for (const path of from.keys())
    if (!to.has(path))
      throw new ArgumentError("lossLine", `"${path}" is in one solution only, expected the same paths.`);
  const at = (place: number) =>
    new Map(
      [...from].map(
        ([path, a]) => [path, isFloat(a) ? a.add(to.get(path)!.sub(a).mul(positions[place]!)) : a] as const,
      ),
    );
  return { positions, losses: await evaluated(model, loss, { places: points, at, signal }) };
}

/**
 * A random direction by parameter path, each filter as long as the model's own (filter normalisation, Li et al. 2018,
 * section 4): a row of a weight is a filter. Biases and other vectors stay as they are: their direction is 0.
 */
export async function filterDirection(model: Module, key: Key): Promise<Snapshot> {
  const direction = new Map<string, Tensor>();
  const seen = new Set<Tensor>();
  for (const { path, get } of parameters(model)) {
    const weight = get();
    // Shared, it has one direction, under its first path.
    if (seen.has(weight)) continue;
    seen.add(weight);
    if (weight.rank < 2) {
      direction.set(path, zerosLike(weight));
      continue;
    }
    const drawn = key.child(path).normal(weight.shape).cast(weight.dtype);
    const rest = weight.shape.map((_, i) => i).slice(1);
    const length = (x: Tensor) => x.square().sum({ axis: rest, keepDims: true }).sqrt();
    direction.set(path, drawn.mul(length(weight)).div(length(drawn)));
  }
  return direction;
}

/**
 * The loss in a plane around the model's values of now, spanned by two directions: random and filter-normalised, if
 * not said, so that sharpness can be compared between models (Li et al. 2018). The model keeps its values.
 * @throws ArgumentError for a range or points that make no sense, or a direction with a path that is no parameter.
 */
export async function lossPlane<M extends Module>(
  model: M,
  loss: LossOf<M>,
  options: LossPlaneOptions = {},
): Promise<LossPlane> {
  const { points = 21, range = [-1, 1], key = seed(0).child("lossPlane"), signal } = options;
  const positions = await axis("lossPlane", points, range);
  const [across, along] = options.directions ?? [
    await filterDirection(model, key.child("x")),
    await filterDirection(model, key.child("y")),
  ];
  const centre = snapshot(model);
  for (const path of [...across.keys(), ...along.keys()])
    if (!centre.has(path))
      throw new ArgumentError("lossPlane", `"${path}" is no path of the model, expected one of its own.`);
  const at = (place: number) => {
    const [x, y] = [positions[place % points]!, positions[Math.floor(place / points)]!];
    const moved = (value: Tensor, step: Tensor | undefined, by: number) =>
      step === undefined ? value : value.add(step.mul(by));
    return new Map(
      [...centre].map(([path, value]) => [path, moved(moved(value, across.get(path), x), along.get(path), y)]),
    );
  };
  const losses = await evaluated(model, loss, { places: points * points, at, signal });
  const rows = Array.from({ length: points }, (_, j) => losses.slice(j * points, (j + 1) * points));
  return { x: positions, y: positions, losses: rows };
}
