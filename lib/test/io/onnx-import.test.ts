import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadNpz, loadOnnx, nn, type Tensor, valueAndGrad } from "../../src/index.ts";
import { python, pythonHasTorch, seed } from "../golden/python.ts";

const script = fileURLToPath(new URL("./onnx_models.py", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-onnx-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The largest difference, as a share of the largest value or of 1. */
async function apart(found: Tensor, expected: Tensor): Promise<number> {
  expect(found.shape).toEqual(expected.shape);
  const [a, b] = [await found.data(), await expected.data()];
  const scale = Math.max(1, ...Array.from(b, Math.abs).filter(Number.isFinite));
  return Math.max(0, ...Array.from(a, (value, i) => (Object.is(value, b[i]) ? 0 : Math.abs(value - b[i]!) / scale)));
}

describe.skipIf(!pythonHasTorch())("models that PyTorch has exported", () => {
  it("compute what they compute there, in every version of the operations, and can be trained", async () => {
    const { stdout, stderr, status } = spawnSync(python, [script, String(seed), folder], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    const names: string[] = JSON.parse(stdout.trim().split("\n").at(-1)!);
    expect(names.length).toBeGreaterThan(50);
    const wrong: string[] = [];
    for (const name of names) {
      const given = await loadNpz(join(folder, `${name}.npz`));
      try {
        const model = await loadOnnx(join(folder, `${name}.onnx`));
        const inputs = model.inputs().map((_, i) => given.get(`in${i}`)!);
        const outputs = model.run(Object.fromEntries(model.inputs().map((input, i) => [input, inputs[i]!])));
        for (const [i, output] of model.outputs().entries()) {
          const difference = await apart(outputs[output]!, given.get(`out${i}`)!);
          if (!(difference < 1e-5)) wrong.push(`${name}, result ${i}: ${difference}`);
        }
        if (nn.parameters(model).length === 0) continue;
        const { gradient } = valueAndGrad(model, (m) =>
          m
            .forward(...inputs)
            .square()
            .sum(),
        );
        expect(gradient.size).toBe(nn.parameters(model).length);
      } catch (error) {
        wrong.push(`${name}: ${(error as Error).message}`);
      }
    }
    expect(wrong, `GRADBOOK_SEED=${seed}`).toEqual([]);
  }, 300_000);
});
