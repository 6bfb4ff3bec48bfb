import { type DeviceName, deviceNamed } from "../device/current.ts";
import { vjp } from "../gradient/grad.ts";
import { apply, operations } from "../operations/define.ts";
import { type Case, casesOf } from "../operations/samples.ts";
import { tensor } from "../tensor/create.ts";
import { Breather } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** One operation on two devices. */
export interface AgreementRow {
  readonly operation: string;
  /** Samples on which it was done. */
  readonly samples: number;
  /** How far its results are apart at most, relative to numbers above 1. */
  readonly values: number;
  /** The same for its derivatives; `null` where it has none. */
  readonly gradients: number | null;
}

/** How far apart two devices are; as text, a table. */
export interface Agreement {
  readonly device: string;
  readonly reference: string;
  readonly rows: readonly AgreementRow[];
  /** The largest distance of all. */
  readonly worst: number;
  toString(): string;
}

export interface AgreementOptions {
  /** The device in question; `"gpu"`, which has to be open, if not said. */
  readonly device?: DeviceName;
  /** What it is compared with; `"plain"`, the reference, if not said. */
  readonly reference?: DeviceName;
  /** Only operations whose name matches. */
  readonly only?: RegExp;
}

/**
 * Runs every operation, and its derivatives, on two devices, in float32, and says how far their results are apart. The
 * samples are those on which the library itself is tested.
 * @throws DeviceError where a device is not open.
 *
 * @example
 * ```ts
 * import { inspect } from "gradbook";
 *
 * const found = await inspect.agreement({ device: "cpu", only: /^(tanh|matmul)$/ });
 * found.rows.map(({ operation }) => operation); // ["tanh", "matmul"]
 * found.worst < 1e-5; // true
 * ```
 */
export async function agreement({
  device = "gpu",
  reference = "plain",
  only,
}: AgreementOptions = {}): Promise<Agreement> {
  for (const name of [device, reference]) deviceNamed(name);
  const breather = new Breather();
  const rows: AgreementRow[] = [];
  for (const operation of operations.values()) {
    if (operation.samples.length === 0 || only?.test(operation.name) === false) continue;
    let values = 0;
    let gradients: number | null = null;
    for (const one of casesOf([operation])) {
      const [here, there] = [one.inputs(device, "float32"), one.inputs(reference, "float32")];
      values = Math.max(
        values,
        await distance(apply(operation, here, one.options), apply(operation, there, one.options)),
      );
      const back = await backwards(one, here, there);
      if (back !== null) gradients = Math.max(gradients ?? 0, back);
      await breather.breathe();
    }
    rows.push({ operation: operation.name, samples: operation.samples.length, values, gradients });
  }
  const worst = Math.max(0, ...rows.map((row) => Math.max(row.values, row.gradients ?? 0)));
  return { device, reference, rows, worst, toString: () => table(device, reference, rows, worst) };
}

async function backwards({ operation, options }: Case, here: Tensor[], there: Tensor[]): Promise<number | null> {
  if (operation.pullback === null || operation.kind === "bool" || operation.kind === "int32") return null;
  let worst: number | null = null;
  const back = (points: Tensor[], i: number) => {
    const { value, pullBack } = vjp((x) => apply(operation, points.with(i, x), options), points[i]!);
    const g = Float32Array.from({ length: value.size }, (_, k) => Math.sin(k + 1));
    return pullBack(tensor(g, { shape: value.shape, device: value.device }));
  };
  for (let i = 0; i < here.length; i++)
    if (here[i]!.dtype === "float32") worst = Math.max(worst ?? 0, await distance(back(here, i), back(there, i)));
  return worst;
}

async function distance(a: Tensor, b: Tensor): Promise<number> {
  const [x, y] = [await a.data(), await b.data()];
  if (x.length !== y.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    if (Object.is(x[i], y[i]) || x[i] === y[i]) continue;
    const off = Math.abs(x[i]! - y[i]!) / Math.max(1, Math.abs(y[i]!));
    most = Math.max(most, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
  }
  return most;
}

function table(device: string, reference: string, rows: readonly AgreementRow[], worst: number): string {
  const show = (off: number | null) => (off === null ? "–" : off === 0 ? "0" : off.toExponential(1));
  const cells = [
    ["operation", "samples", "values", "gradients"],
    ...rows.map((row) => [row.operation, String(row.samples), show(row.values), show(row.gradients)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]!.length)));
  const lines = cells.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))).join("  "),
  );
  return `${device} against ${reference}: at most ${show(worst)} apart\n${lines.join("\n")}`;
}
