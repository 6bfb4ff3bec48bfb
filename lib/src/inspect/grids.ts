import type { Shape, TypedArray } from "../device/device.ts";
import { type Module, modulesOf } from "../nn/module.ts";
import { ArgumentError, IndexError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { capture } from "./capture.ts";
import type { Model, Run } from "./watch.ts";

/** A row of pictures as widgets take them: sizes and values like a tensor's, with a name for each picture. */
export interface Grid {
  /** The layer's path. */
  readonly path: string;
  /** What the layer is: `Conv2d(1 → 6, 5×5)`; "function" for one that is no module. */
  readonly layer: string;
  /** A name for each along the first axis. */
  readonly names: readonly string[];
  readonly shape: Shape;
  /** The values, row by row; of parameters, those of now. */
  data(): Promise<TypedArray>;
}

function grid(path: string, layer: string, what: string, read: () => Tensor): Grid {
  const names = Array.from({ length: read().shape[0]! }, (_, i) => `${what} ${i}`);
  return {
    path,
    layer,
    names,
    get shape() {
      return read().shape;
    },
    data: () => read().data(),
  };
}

/**
 * The filters of every convolution of a model, `[outputs, inputs, height, width]`, by the layer's path. They follow the
 * model: after more training `data()` gives the new values. `widgets.filters(inspect.filters(model).get("c1")!)`.
 * @throws ArgumentError where there is none.
 */
export function filters(model: Module): Map<string, Grid> {
  const found = new Map<string, Grid>();
  for (const { path, module } of modulesOf(model)) {
    const weight = () => (module as Module & { readonly weight?: Tensor }).weight!;
    if (weight()?.rank === 4) found.set(path, grid(path, module.describe(), "filter", weight));
  }
  if (found.size === 0)
    throw new ArgumentError("filters", `${model.constructor.name} has no layer with a weight of four axes.`);
  return found;
}

/**
 * What the channels of each layer make of one example, `[channels, height, width]`, by path: every layer and function
 * that gives maps `[batch, channels, height, width]`.
 * @throws ArgumentError where there is none, IndexError for an example that there is not.
 *
 * @example
 * ```ts
 * import { inspect, nn, random, relu } from "gradbook";
 *
 * const model = nn.init(new nn.Sequential([new nn.Conv2d(1, 6, 5), relu, new nn.MaxPool2d(2)]), { seed: 1 });
 * const maps = inspect.featureMaps(model, random.seed(2).uniform([4, 1, 28, 28]), { example: 3 });
 * maps.get("2")!.shape; // [6, 12, 12]
 * maps.get("0")!.layer; // "Conv2d(1 → 6, 5×5)"
 * ```
 */
export function featureMaps<M extends Model>(
  model: M,
  on: Run<M>,
  { example = 0 }: { readonly example?: number } = {},
): Map<string, Grid> {
  const layers = new Map(modulesOf(model).map(({ path, module }) => [path, module.describe()]));
  const found = new Map<string, Grid>();
  for (const [path, y] of capture(model, on)) {
    if (y.rank !== 4 || path === "") continue;
    const batch = y.shape[0]!;
    if (!Number.isInteger(example) || example < 0 || example >= batch)
      throw new IndexError("featureMaps", `example ${example}, expected one of 0 … ${batch - 1}.`);
    const maps = y.slice({ axis: 0, start: example, stop: example + 1 }).squeeze(0);
    found.set(
      path,
      grid(path, layers.get(path) ?? "function", "channel", () => maps),
    );
  }
  if (found.size === 0)
    throw new ArgumentError(
      "featureMaps",
      `no layer of ${model.constructor.name} gives [batch, channels, height, width].`,
    );
  return found;
}
