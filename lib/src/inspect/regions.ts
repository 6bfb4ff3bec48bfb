import { Linear } from "../nn/linear.ts";
import type { Sequential } from "../nn/sequential.ts";
import { relu } from "../operations/activation.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type Affine, type Cell, divided, measure, type Point } from "./cells.ts";

/** A part of the input on which a net of rectifiers is one affine function. */
export interface LinearRegion {
  /** Its corners in turn; the two ends of an interval for nets of one input. */
  readonly corners: readonly Point[];
  /** Length or area. */
  readonly size: number;
  /** Which rectifiers let through, layer by layer. */
  readonly active: readonly (readonly boolean[])[];
  /** The function: `output = weight · x + bias`, `weight [outputs, inputs]`. */
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

export interface RegionOptions {
  /** The box that is looked at, from here in all inputs; −1 if not said. */
  readonly low?: number;
  /** To here; 1 if not said. */
  readonly high?: number;
}

/**
 * The regions into which a net of linear layers and `relu` divides a box of one or two inputs, exactly: each layer's
 * units cut every region along a line of their own (Pascanu, Montúfar and Bengio 2014; Montúfar, Pascanu, Cho and Bengio,
 * NIPS 2014). One for every set of active rectifiers that occurs; neighbours may have the same function where a unit has
 * no influence.
 *
 * Throws an `ArgumentError` for other layers or another number of inputs.
 *
 * @example
 * ```ts
 * import { inspect, nn, relu } from "gradbook";
 *
 * const net = nn.init(new nn.Sequential([new nn.Linear(2, 8), relu, new nn.Linear(8, 1)]), { seed: 1 });
 * const regions = await inspect.linearRegions(net, { low: -10, high: 10 });
 * regions.length <= inspect.mostRegions(2, 8); // true
 * ```
 */
export async function linearRegions(
  net: Sequential,
  { low = -1, high = 1 }: RegionOptions = {},
): Promise<LinearRegion[]> {
  if (!(low < high))
    throw new ArgumentError("linearRegions", `the box goes from ${low} to ${high}, expected low < high.`);
  const layers = await readLayers(net);
  const inputs = layers[0]!.weight[0]!.length;
  const corners: Point[] =
    inputs === 1
      ? [[low], [high]]
      : [
          [low, low],
          [high, low],
          [high, high],
          [low, high],
        ];
  const identity = {
    weight: corners[0]!.map((_, i) => corners[0]!.map((_, j) => Number(i === j))),
    bias: corners[0]!.map(() => 0),
  };
  let cells: Cell[] = [{ corners, active: [], map: identity }];
  for (const { weight, bias, rectified } of layers)
    cells = cells.flatMap((cell) => {
      const input = after(cell.map, { weight, bias });
      return rectified ? divided({ ...cell, map: input }) : [{ ...cell, map: input }];
    });
  return cells.map(({ corners: found, active, map }) => ({ corners: found, size: measure(found), active, ...map }));
}

/**
 * The most regions that one layer of rectifiers makes of its inputs: Σ over j ≤ inputs of `width` over j (Zaslavsky 1975).
 */
export function mostRegions(inputs: number, width: number): number {
  requireCounts("mostRegions", [inputs, width]);
  let [sum, term] = [1, 1];
  for (let j = 1; j <= Math.min(inputs, width); j++) {
    term = (term * (width - j + 1)) / j;
    sum += term;
  }
  return sum;
}

/**
 * So many regions some net of rectifiers with these layers has: `Π ⌊widthₗ / inputs⌋^inputs` over all layers but the last,
 * times the most regions of the last (Montúfar et al. 2014, theorem 4). Layers have at least as many units as inputs.
 */
export function deepRegions(inputs: number, widths: readonly number[]): number {
  requireCounts("deepRegions", [inputs, ...widths]);
  const thin = widths.find((width) => width < inputs);
  if (thin !== undefined || widths.length === 0)
    throw new ArgumentError(
      "deepRegions",
      `a layer of ${thin ?? "no"} units for ${inputs} inputs, expected at least as many.`,
    );
  const folds = widths.slice(0, -1).map((width) => Math.floor(width / inputs) ** inputs);
  return folds.reduce((product, fold) => product * fold, mostRegions(inputs, widths.at(-1)!));
}

interface LayerValues extends Affine {
  readonly rectified: boolean;
}

async function readLayers(net: Sequential): Promise<LayerValues[]> {
  const layers: LayerValues[] = [];
  for (const [i, layer] of net.layers.entries()) {
    if (layer === relu && i > 0) continue;
    if (!(layer instanceof Linear)) {
      const what =
        typeof layer === "function" ? `the function ${layer.name || "without a name"}` : layer.constructor.name;
      throw new ArgumentError("linearRegions", `layer ${i} is ${what}, expected linear layers with relu between them.`);
    }
    const weight = (await layer.weight.toArray()) as number[][];
    const bias = layer.bias === null ? weight.map(() => 0) : ((await layer.bias.toArray()) as number[]);
    layers.push({ weight, bias, rectified: net.layers[i + 1] === relu });
  }
  const inputs = layers[0]?.weight[0]?.length;
  if (inputs !== 1 && inputs !== 2)
    throw new ArgumentError("linearRegions", `the net has ${inputs ?? "no"} inputs, expected 1 or 2.`);
  return layers;
}

/** One affine function after another. */
function after(first: Affine, second: Affine): Affine {
  const product = (row: readonly number[], column: (k: number) => number) =>
    row.reduce((sum, value, k) => sum + value * column(k), 0);
  return {
    weight: second.weight.map((row) => first.weight[0]!.map((_, j) => product(row, (k) => first.weight[k]![j]!))),
    bias: second.weight.map((row, i) => product(row, (k) => first.bias[k]!) + second.bias[i]!),
  };
}

function requireCounts(who: string, counts: readonly number[]): void {
  const bad = counts.find((count) => !Number.isInteger(count) || count < 1);
  if (bad !== undefined) throw new ArgumentError(who, `a size is ${bad}, expected positive integers.`);
}
