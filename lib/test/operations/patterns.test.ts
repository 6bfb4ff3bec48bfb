import { describe, expect, it } from "vitest";
import { checkGradient, einsum, type Index, rearrange, type Tensor, tensor } from "../../src/index.ts";
import { expectClose, load, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasNumpy, seed } from "../golden/python.ts";

type Part = number | string | { readonly new: true } | { readonly list: Stored };
interface Case {
  readonly kind: "einsum" | "rearrange" | "at";
  readonly pattern: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly index: readonly Part[];
  readonly inputs: readonly Stored[];
  readonly result: Stored;
  readonly update: Stored;
  readonly added: Stored;
  readonly changed?: Stored;
}

const script = new URL("./patterns.py", import.meta.url);
const count = 300;

function indexOf(parts: readonly Part[], device: "plain" | "cpu"): Index[] {
  return parts.map((part) => {
    if (typeof part !== "object") return part;
    if ("new" in part) return null;
    return load(part.list, device, "float64").cast("int32");
  });
}

describe.skipIf(!pythonHasNumpy())("einsum, rearrange and indices against numpy", () => {
  it(`${count} random ones, and some of their gradients`, async () => {
    for (const [i, one] of drawn<Case>(script, seed, count).entries()) {
      const { kind, pattern, sizes, index, result, update } = one;
      const what = `GRADBOOK_SEED=${seed}, case ${i}: ${kind} ${pattern ?? JSON.stringify(index)}`;
      const run = (inputs: readonly Tensor[], device: "plain" | "cpu"): Tensor => {
        if (kind === "einsum") return einsum(pattern as string, ...inputs);
        if (kind === "rearrange") return rearrange(inputs[0]!, pattern as string, sizes);
        return inputs[0]!.at(...indexOf(index, device));
      };
      const inputs = one.inputs.map((input) => load(input, "cpu", "float64"));
      await expectClose(run(inputs, "cpu"), result, 1e-9, what);
      if (kind === "at") {
        const [x, y] = [inputs[0]!, load(update, "cpu", "float64")];
        await expectClose(x.addAt(indexOf(index, "cpu"), y), one.added, 1e-9, `${what}, addAt`);
        if (one.changed) await expectClose(x.set(indexOf(index, "cpu"), y), one.changed, 1e-9, `${what}, set`);
      }
      if (i % 8 > 0) continue;
      const plain = one.inputs.map((input) => load(input, "plain", "float64"));
      for (const [k, x] of plain.entries()) await checkGradient((y) => run(plain.with(k, y), "plain"), x);
    }
    console.log(`Seed ${seed}: ${count} patterns and indices agree with numpy.`);
  });
});

describe("a functional update", () => {
  it("leaves the tensor as it is and gives each part its gradient", async () => {
    const x = tensor([1, 2, 3]);
    expect(await x.set(["1:"], 9).toArray()).toEqual([1, 9, 9]);
    expect(await x.toArray()).toEqual([1, 2, 3]);
    const device = { dtype: "float64", device: "plain" } as const;
    const y = tensor([5, 7], device);
    await checkGradient((p) => p.set(["::2"], y).square(), tensor([1, 2, 3], device));
    await checkGradient((p) => tensor([1, 2, 3], device).set(["::2"], p).square(), y);
  });
});
