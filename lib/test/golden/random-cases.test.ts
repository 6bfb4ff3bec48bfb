import { describe, it } from "vitest";
import { deviceNamed } from "../../src/device/current.ts";
import { losses, nn, optim, type Tensor, tensor, valueAndGrad } from "../../src/index.ts";
import { apply, operations } from "../../src/operations/define.ts";
import { expectClose } from "./fixtures.ts";
import { drawn, pythonHasTorch, seed } from "./python.ts";

interface Stored {
  readonly dtype: "float" | "int32" | "bool";
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** How the input is made of what is stored, so that it lies strangely in memory. */
  readonly transpose?: readonly number[];
  readonly flip?: number;
}

interface Case {
  readonly operation: string;
  readonly options: unknown;
  readonly inputs: readonly Stored[];
  readonly result: Stored;
  readonly cotangent?: Stored;
  readonly gradients?: readonly (Stored | null)[];
}

const count = 1000;
const script = new URL("./random_cases.py", import.meta.url);

class Point extends nn.Module {
  readonly w = nn.parameter([1], nn.zerosInit);
}

type Float = "float32" | "float64";

function load({ dtype, shape, data, transpose, flip }: Stored, float: Float): Tensor {
  const values = data.map(Number);
  const type = dtype === "float" ? float : dtype;
  const stored = tensor(Float64Array.from(values), {
    shape,
    dtype: type,
    device: deviceNamed("cpu"),
  } as never) as Tensor;
  if (transpose) return stored.transpose(transpose);
  return flip === undefined ? stored : stored.flip(flip);
}

function run({ operation, options }: Case, inputs: readonly Tensor[]): Tensor {
  const [group, name] = operation.split(".") as [string, string?];
  if (group === "losses") {
    const { given = {}, ...rest } = options as { given?: Record<string, number> };
    const tensors = Object.entries(given).map(([option, input]) => [option, inputs[input]]);
    const [x, y] = inputs as [Tensor, Tensor];
    if (name === "ctc") return losses.ctc(x.logSoftmax(), y as Tensor<"int32">, rest);
    const own = { ...rest, ...Object.fromEntries(tensors) };
    if (name === "evidenceBound") return losses.evidenceBound(x, own as never);
    return losses[name as "huber"](x, y, own);
  }
  if (group === "optim") {
    const {
      steps,
      options: hyper,
      clip,
    } = options as {
      steps: number;
      options: never;
      clip: ["clipNorm" | "clipValue", number] | null;
    };
    const [c, t, w] = inputs as [Tensor, Tensor, Tensor];
    const optimiser = optim[name as "sgd"](hyper);
    const model = nn.init(new Point(), { seed: 0 });
    Object.assign(model, { w });
    for (let step = 0; step < steps; step++) {
      const { gradient } = valueAndGrad(model, (m) => c.mul(m.w.sub(t).square()).sum());
      optimiser.update(model, clip === null ? gradient : optim[clip[0]](gradient, clip[1]));
    }
    return model.w;
  }
  const record = operations.get(operation);
  if (!record) throw new Error(`${operation} is not an operation.`);
  return apply(record, inputs, options ?? undefined);
}

describe.skipIf(!pythonHasTorch())("random cases against PyTorch", () => {
  it(`${count} of them, values and gradients, in float64 and float32`, async () => {
    const cases = drawn<Case>(script, seed, count);
    const counts = new Map<string, number>();
    for (const [index, drawnCase] of cases.entries()) {
      const { operation, options, inputs, result, cotangent, gradients } = drawnCase;
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      const shapes = inputs.map(({ shape, dtype }) => `${dtype}[${shape}]`).join(" ");
      const what = `GRADBOOK_SEED=${seed}, case ${index}: ${operation} ${shapes} ${JSON.stringify(options)}`;
      for (const [float, tolerance] of [
        ["float64", 1e-9],
        ["float32", 1e-4],
      ] as const) {
        // Steps about a minimum double every rounding: a long run agrees in float64 alone.
        if (float === "float32" && operation.startsWith("optim.") && (options as { steps: number }).steps > 6) continue;
        const given = inputs.map((input) => load(input, float));
        await expectClose(run(drawnCase, given), result, tolerance, what);
        if (!cotangent || operation.startsWith("optim.")) continue;
        const along = load(cotangent, float);
        const floats = Object.fromEntries(given.flatMap((x, i) => (gradients![i] ? [[`input ${i}`, x]] : [])));
        const record = operations.get(operation);
        if (record && "pullback" in record && record.pullback === null) continue;
        const { gradient } = valueAndGrad(floats, (p) => {
          const inputsNow = given.map((x, i) => p[`input ${i}`] ?? x);
          return run(drawnCase, inputsNow).mul(along).sum();
        });
        for (const [name, found] of Object.entries(gradient))
          await expectClose(found, gradients![Number(name.slice(6))]!, tolerance, `${what}, gradient of ${name}`);
      }
    }
    const list = [...counts].sort().map(([name, n]) => `${name} ${n}`);
    console.log(`Seed ${seed}: ${count} random cases agree with PyTorch: ${list.join(", ")}.`);
  }, 120_000);
});
