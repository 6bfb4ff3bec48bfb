import { describe, expect, it } from "vitest";
import { nn, random, type Tensor, tensor, valueAndGrad } from "../../src/index.ts";
import { expectClose, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";

interface Case {
  readonly kind: string;
  readonly arguments: readonly never[];
  readonly training: boolean;
  /** What is not a tensor among the arguments of a pass. */
  readonly more: { readonly offsets?: readonly number[] };
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
type Layer = nn.Module & { forward(...inputs: readonly unknown[]): unknown };

const script = new URL("./torch_layers.py", import.meta.url);
const count = 320;

/** The results of one pass. */
function pass(net: Layer, inputs: readonly Tensor[], more: Case["more"]): Tensor[] {
  const [x, first, second] = inputs;
  if (net instanceof nn.EmbeddingBag) return [net.forward(x!, { ...more, ...(first && { weights: first }) })];
  if (net instanceof nn.LSTMCell) {
    const { hidden, cell } = net.forward(x!, first && second && { hidden: first, cell: second });
    return [hidden, cell];
  }
  return [net.forward(...inputs) as Tensor];
}

function load({ shape, data, dtype }: Typed): Tensor {
  if (dtype === "float64") return tensor(Float64Array.from(data), { shape });
  return tensor(data.map(Number), { shape, dtype: dtype === "bool" ? "bool" : "int32" });
}

describe("normalisation in single precision", () => {
  const x = random.seed(5).normal([64, 4, 8], { mean: 3e3, std: 0.5 });

  it.each([
    ["BatchNorm1d", new nn.BatchNorm1d(4)],
    ["InstanceNorm1d", new nn.InstanceNorm1d(4)],
    ["GroupNorm", new nn.GroupNorm(2, 4)],
    ["LayerNorm", new nn.LayerNorm([4, 8])],
  ] as const)("of %s does not lose a small variance beside a large mean", async (_name, norm) => {
    nn.init(norm, { seed: 1 });
    const y = await nn.training(random.seed(1), () => norm.forward(x)).data();
    const exact = await nn.training(random.seed(1), () => norm.forward(x.cast("float64") as Tensor)).data();
    for (const [i, value] of y.entries()) expect(Math.abs(value - exact[i]!)).toBeLessThan(2e-3);
  });
});

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
          given.inputs.flatMap((one, i) => {
            const tensors = one.map((x, k) => (values as Record<string, Tensor>)[`${i}.${k}`] ?? load(x));
            return pass(net, tensors, given.more);
          });
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
