import { currentDevice, withDevice } from "../device/current.ts";
import type { Shape } from "../device/device.ts";
import { cast } from "../operations/define.ts";
import { qr } from "../operations/linear-algebra.ts";
import type { Key } from "../random/key.ts";
import { full, tensorOf } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Draws the first values of a parameter. */
export type Initialiser = (shape: Shape, key: Key) => Tensor<"float32">;

/** Zeros everywhere. */
export const zerosInit: Initialiser = (shape) => full(shape, 0);
/** Ones everywhere. */
export const onesInit: Initialiser = (shape) => full(shape, 1);

/** The same value everywhere. */
export function constantInit(value: number): Initialiser {
  return (shape) => full(shape, value);
}

/** Uniform in ±bound. */
export function uniformInit(bound: number): Initialiser {
  return (shape, key) => key.uniform(shape, { low: -bound, high: bound });
}

/** Normal with mean 0 and that standard deviation. */
export function normalInit(std: number): Initialiser {
  return (shape, key) => key.normal(shape, { std });
}

/** Normal with that standard deviation, cut off at ± 2 · std (or another number of deviations). */
export function truncatedNormal(std: number, { cut = 2 }: { readonly cut?: number } = {}): Initialiser {
  if (!(cut > 0)) throw new ArgumentError("nn.truncatedNormal", `cut is ${cut}, expected a positive number.`);
  return (shape, key) => {
    const most = full([], cut / Math.SQRT2).erf();
    return key
      .uniform(shape, { low: -1, high: 1 })
      .mul(most)
      .erfInv()
      .mul(std * Math.SQRT2)
      .clamp({
        min: -cut * std,
        max: cut * std,
      }) as Tensor<"float32">;
  };
}

/** How many values feed one unit of a weight, and how many units one value feeds. */
interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Of weights `[outputs, inputs, …]`, as PyTorch counts: the sizes after the second are a filter's. */
function fansOf(who: string, shape: Shape): Fans {
  const [outputs, inputs, ...filter] = shape;
  if (outputs === undefined || inputs === undefined)
    throw new ArgumentError(
      who,
      `a parameter ${showShape(shape)} has no fan-in, expected weights [outputs, inputs, …]. For a bias: zerosInit.`,
    );
  return { fanIn: inputs * sizeOf(filter), fanOut: outputs * sizeOf(filter) };
}

/** An initialiser by what feeds a unit: as said, or by the shape. */
function byFans(who: string, said: Partial<Fans>, of: (fans: Fans) => Initialiser): Initialiser {
  return (shape, key) => {
    const { fanIn, fanOut } = said;
    const all = fanIn !== undefined && fanOut !== undefined ? { fanIn, fanOut } : { ...fansOf(who, shape), ...said };
    return of(all)(shape, key);
  };
}

const only = (fanIn: number | undefined): Partial<Fans> => (fanIn === undefined ? {} : { fanIn, fanOut: Number.NaN });

/** Uniform in ±1/√fan-in, PyTorch's default; fan-in counts what feeds one unit, by the shape if not said. */
export function fanInUniform(fanIn?: number): Initialiser {
  return byFans("nn.fanInUniform", only(fanIn), (fans) => uniformInit(1 / Math.sqrt(fans.fanIn)));
}

/** Uniform with variance 1 / fan-in, which keeps the variance of linear units (LeCun, Bottou, Orr and Müller 1998, 4.6). */
export function lecunUniform(fanIn?: number): Initialiser {
  return byFans("nn.lecunUniform", only(fanIn), (fans) => uniformInit(Math.sqrt(3 / fans.fanIn)));
}

/** Normal with variance 1 / fan-in (LeCun, Bottou, Orr and Müller 1998, 4.6). */
export function lecunNormal(fanIn?: number): Initialiser {
  return byFans("nn.lecunNormal", only(fanIn), (fans) => normalInit(Math.sqrt(1 / fans.fanIn)));
}

/** Uniform with variance 2 / (fan-in + fan-out) (Glorot and Bengio, AISTATS 2010). */
export function glorotUniform(fanIn?: number, fanOut?: number): Initialiser {
  return byFans("nn.glorotUniform", both(fanIn, fanOut), (fans) =>
    uniformInit(Math.sqrt(6 / (fans.fanIn + fans.fanOut))),
  );
}

/** Normal with variance 2 / (fan-in + fan-out) (Glorot and Bengio, AISTATS 2010). */
export function glorotNormal(fanIn?: number, fanOut?: number): Initialiser {
  return byFans("nn.glorotNormal", both(fanIn, fanOut), (fans) =>
    normalInit(Math.sqrt(2 / (fans.fanIn + fans.fanOut))),
  );
}

function both(fanIn: number | undefined, fanOut: number | undefined): Partial<Fans> {
  return { ...(fanIn !== undefined && { fanIn }), ...(fanOut !== undefined && { fanOut }) };
}

/** For which rectifiers. */
export interface HeOptions {
  /** Of a leaky rectifier on its negative side; 0 if not said. */
  readonly slope?: number;
}

/** Uniform with variance 2 / ((1 + slope²) · fan-in), for rectifiers (He et al., ICCV 2015). */
export function heUniform(fanIn?: number, { slope = 0 }: HeOptions = {}): Initialiser {
  return byFans("nn.heUniform", only(fanIn), (fans) => uniformInit(Math.sqrt(6 / ((1 + slope ** 2) * fans.fanIn))));
}

/** Normal with variance 2 / ((1 + slope²) · fan-in), for rectifiers (He et al., ICCV 2015). */
export function heNormal(fanIn?: number, { slope = 0 }: HeOptions = {}): Initialiser {
  return byFans("nn.heNormal", only(fanIn), (fans) => normalInit(Math.sqrt(2 / ((1 + slope ** 2) * fans.fanIn))));
}

/** Rows or columns that are orthonormal, whichever are fewer, times `gain` (Saxe, McClelland and Ganguli, ICLR 2014). */
export function orthogonalInit(gain = 1): Initialiser {
  return (shape, key) => {
    fansOf("nn.orthogonalInit", shape);
    const [rows, columns] = [shape[0]!, sizeOf(shape.slice(1))];
    return onCpu(() => orthogonal(rows, columns, key).mul(gain).reshape(shape));
  };
}

function orthogonal(rows: number, columns: number, key: Key): Tensor {
  const tall = key.normal(rows < columns ? [columns, rows] : [rows, columns]);
  // R has a positive diagonal, which makes every orthogonal matrix as likely as any other (Mezzadri 2007).
  const { q } = qr(cast(tall, "float64"));
  return rows < columns ? q.transpose() : q;
}

/** Values computed in double precision on the CPU, for the current device. */
function onCpu(body: () => Tensor): Tensor<"float32"> {
  const device = currentDevice();
  if (device.dtypes === undefined) return cast(body(), "float32");
  const values = withDevice("cpu", () => cast(body(), "float32"));
  const { buffer } = materialise(values);
  return tensorOf(values.device.peek!(buffer) as Float32Array, "float32", values.shape, device);
}

/** The identity: a square or longish matrix with ones on its diagonal; of filters, that which gives each map back. */
export const identityInit: Initialiser = (shape) => {
  fansOf("nn.identityInit", shape);
  const [outputs, inputs, ...filter] = shape as [number, number, ...number[]];
  const size = sizeOf(filter);
  const middle = filter.reduce((at, n) => at * n + Math.floor(n / 2), 0);
  const values = new Float32Array(outputs * inputs * size);
  for (let i = 0; i < Math.min(outputs, inputs); i++) values[(i * inputs + i) * size + middle] = 1;
  return tensorOf(values, "float32", shape);
};

/** So many random connections into each unit, normal with deviation `std`, the others 0 (Martens, ICML 2010). */
export function sparseInit({
  connections = 15,
  std = 1,
}: {
  readonly connections?: number;
  readonly std?: number;
} = {}): Initialiser {
  if (!Number.isInteger(connections) || connections < 1)
    throw new ArgumentError("nn.sparseInit", `connections is ${connections}, expected a positive integer.`);
  return (shape, key) => {
    const { fanIn } = fansOf("nn.sparseInit", shape);
    const chosen = new Uint8Array(sizeOf(shape));
    for (let unit = 0; unit < shape[0]!; unit++)
      for (const place of key.child(unit).permutation(fanIn).subarray(0, connections)) chosen[unit * fanIn + place] = 1;
    const mask = tensorOf(chosen, "bool", shape);
    return mask.where(key.child("values").normal(shape, { std }), 0) as Tensor<"float32">;
  };
}
