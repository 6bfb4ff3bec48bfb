import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromSafetensors, load, nn, random, save, type Tensor, tensor, toSafetensors } from "../../src/index.ts";
import { python, pythonHasTorch } from "../golden/python.ts";
import { modernLeNet } from "../nn/lenet.ts";

const script = fileURLToPath(new URL("./torch_lenet.py", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-safetensors-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("safetensors", () => {
  it("hold every dtype and shape", async () => {
    const tensors = new Map<string, Tensor>([
      [
        "f",
        tensor([
          [1.5, -2],
          [3, 4],
        ]),
      ],
      ["d", tensor([Math.PI], { dtype: "float64" })],
      ["i", tensor(Int32Array.of(-7, 8))],
      ["b", tensor([1, 0, 1], { dtype: "bool" })],
      ["scalar", tensor(5)],
      ["empty", tensor([], { shape: [0, 3] })],
    ]);
    const back = fromSafetensors(await toSafetensors(tensors));
    expect([...back.keys()]).toEqual([...tensors.keys()]);
    for (const [name, x] of tensors) {
      expect(back.get(name)!.dtype).toBe(x.dtype);
      expect(back.get(name)!.shape).toEqual(x.shape);
      expect(await back.get(name)!.data()).toEqual(await x.data());
    }
  });

  it("save and load a model", async () => {
    const path = join(folder, "model.safetensors");
    const model = nn.init(modernLeNet(), { seed: 1 });
    await save(model, path);
    const other = await load(nn.init(modernLeNet(), { seed: 2 }), path);
    const image = random.seed(3).normal([2, 1, 28, 28]);
    expect(await other.forward(image).data()).toEqual(await model.forward(image).data());
    // Loading straight into a model that was never initialised works as well, and its parameters stay trainable.
    const fresh = await load(modernLeNet(), path);
    expect(nn.parameters(fresh).length).toBe(10);
  });

  it("refuse what does not fit, by name", async () => {
    const path = join(folder, "linear.safetensors");
    await save(nn.init(new nn.Linear(2, 3), { seed: 1 }), path);
    await expect(load(new nn.Linear(2, 3, { bias: false }), path)).rejects.toThrow(
      "Linear: the saved values do not fit: not in the model: bias.",
    );
    await expect(load(new nn.Linear(4, 3), path)).rejects.toThrow(
      "weight: the saved values are [3, 2], the model expects [3, 4].",
    );
    writeFileSync(path, "nonsense that is no safetensors file");
    await expect(load(new nn.Linear(2, 3), path)).rejects.toThrow(
      `${path}: the file is too short for a safetensors header.`,
    );
  });
});

describe.skipIf(!pythonHasTorch())("PyTorch", () => {
  it("reads our weights, we read its, and both compute the same logits", async () => {
    const [ours, theirs, images, logits] = ["ours", "theirs", "images", "logits"].map((name) =>
      join(folder, `${name}.safetensors`),
    ) as [string, string, string, string];
    const model = nn.init(modernLeNet(), { seed: 1 });
    const x = random.seed(5).uniform([8, 1, 28, 28]);
    await save(model, ours);
    writeFileSync(images, await toSafetensors(new Map([["x", x]])));
    const { status, stderr } = spawnSync(python, [script, ours, images, theirs, logits], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const answers = fromSafetensors(readFileSync(logits));
    const close = async (got: Tensor, expected: Tensor) => {
      const [a, b] = [await got.data(), await expected.data()];
      expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))).toBeLessThan(1e-4);
    };
    await close(model.forward(x), answers.get("with our weights")!);
    await close((await load(modernLeNet(), theirs)).forward(x), answers.get("with its own weights")!);
  });
});
