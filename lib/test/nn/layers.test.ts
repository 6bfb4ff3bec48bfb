import { describe, expect, it } from "vitest";
import { nn, random, type Tensor, tensor, valueAndGrad } from "../../src/index.ts";
import { expectClose, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";

interface Case {
  readonly kind: string;
  readonly arguments: readonly never[];
  readonly training: boolean;
  /** Of each pass. */
  readonly inputs: readonly (readonly Typed[])[];
  readonly weights: Readonly<Record<string, Typed>>;
  /** Buffers before and after. */
  readonly before: Readonly<Record<string, Typed>>;
  readonly after: Readonly<Record<string, Typed>>;
  readonly results: readonly Typed[];
  readonly cotangents: readonly Typed[];
  readonly gradients: Readonly<Record<string, Stored>>;
}
interface Typed extends Stored {
  readonly dtype: "float64" | "int64" | "bool";
}
type Layer = nn.Module & { forward(...inputs: readonly Tensor[]): Tensor };

const script = new URL("./torch_layers.py", import.meta.url);
const count = 200;

function load({ shape, data, dtype }: Typed): Tensor {
  if (dtype === "float64") return tensor(Float64Array.from(data), { shape });
  return tensor(data.map(Number), { shape, dtype: dtype === "bool" ? "bool" : "int32" });
}

describe.skipIf(!pythonHasTorch())("layers against PyTorch", () => {
  it(`${count} random layers: values, all gradients and running statistics, in float64`, async () => {
    for (const [index, given] of drawn<Case>(script, seed, count).entries()) {
      const what = `GRADBOOK_SEED=${seed}, case ${index}: ${given.kind}(${JSON.stringify(given.arguments)})`;
      const make = (nn as unknown as Record<string, new (...args: readonly never[]) => Layer>)[given.kind]!;
      const net = new make(...given.arguments);
      const places = new Map(nn.state(net).map((place) => [place.path, place]));
      expect([...places.keys()].sort(), what).toEqual(
        [...Object.keys(given.weights), ...Object.keys(given.before)].sort(),
      );
      const put = (values: Readonly<Record<string, Tensor>>) => {
        for (const [path, value] of Object.entries(values)) places.get(path)?.set(value);
      };
      const all = (values: Readonly<Record<string, Typed>>) =>
        Object.fromEntries(Object.entries(values).map(([name, value]) => [name, load(value)]));
      const inputs = given.inputs.flatMap((one, i) => one.map((x, k) => [`${i}.${k}`, load(x)] as const));
      const fractions = Object.fromEntries(inputs.filter(([, x]) => x.dtype === "float64"));
      const leaves = { ...fractions, ...all(given.weights) };
      put(all(given.before));
      const results: Tensor[] = [];
      const { gradient } = valueAndGrad(leaves, (values) => {
        put(values);
        const run = () =>
          given.inputs.map((one, i) =>
            net.forward(...one.map((x, k) => (values as Record<string, Tensor>)[`${i}.${k}`] ?? load(x))),
          );
        results.push(...(given.training ? nn.training(random.seed(1), run) : run()));
        return results.map((y, i) => y.mul(load(given.cotangents[i]!)).sum()).reduce((a, b) => a.add(b));
      });
      for (const [i, result] of results.entries()) await expectClose(result, given.results[i]!, 1e-9, `${what}, ${i}`);
      for (const [name, expected] of Object.entries(given.gradients))
        await expectClose(gradient[name]!, expected, 1e-9, `${what}, gradient of ${name}`);
      for (const [name, expected] of Object.entries(given.after))
        await expectClose(places.get(name)!.get(), expected, 1e-9, `${what}, ${name}`);
    }
    console.log(`Seed ${seed}: ${count} random layers agree with PyTorch.`);
  }, 240_000);
});
