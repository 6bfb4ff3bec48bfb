import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  Checkpoints,
  data,
  flatten,
  losses,
  nn,
  optim,
  random,
  relu,
  type Stateful,
  type Tensor,
  tensor,
  train,
} from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "gradbook-checkpoints-"));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});
const fresh = () => mkdtempSync(join(root, "run-"));

const images = random.seed(7);
const digits = async () =>
  new data.Dataset({
    image: { values: await images.child("x").normal([70, 1, 6, 6]).data(), shape: [1, 6, 6], dtype: "float32" },
    label: {
      values: Int32Array.from(await images.child("y").uniform([70]).data(), (u) => Math.floor(3 * u)),
      shape: [],
      dtype: "int32",
    },
  });

const net = () =>
  new nn.Sequential([
    new nn.Conv2d(1, 4, 3),
    new nn.BatchNorm2d(4),
    relu,
    (x) => flatten(x, 1),
    new nn.Dropout(0.3),
    new nn.Linear(64, 3),
  ]);
const adam = () => optim.adam({ rate: (step) => 0.01 / (1 + step / 10) });
const begun = () => ({ model: nn.init(net(), { seed: 1 }), optimizer: adam() });

const keys = { train: random.seed(5).child("train"), shuffle: random.seed(6) };

interface Going {
  readonly model: nn.Sequential;
  readonly optimizer: optim.Optimizer;
}

/** Trains up to an epoch, from where the optimiser is, and gives the loss of every step that comes out. */
async function* run({ model, optimizer }: Going, upTo: number, { train: key, shuffle } = keys) {
  const loader = (await digits()).batches({ size: 16, shuffle });
  yield* train(model, loader, {
    loss: (m, { image, label }) => losses.crossEntropy(m.forward(image), label),
    optimizer,
    epochs: upTo - optimizer.epoch,
    key,
  });
}

async function bits(model: nn.Module): Promise<Record<string, Uint32Array>> {
  const list = await Promise.all(
    nn.state(model).map(async ({ path, get }) => [path, new Uint32Array((await get().data()).slice().buffer)] as const),
  );
  return Object.fromEntries(list);
}

describe("training that goes on from a checkpoint", () => {
  // Five batches make an epoch: inside the first, inside the third, and at the end of the second.
  it.each([3, 12, 10])("after step %i ends bit for bit as if it had never stopped", async (stop) => {
    const whole = begun();
    const expected: number[] = [];
    for await (const { loss } of run(whole, 4)) expected.push(loss);

    const folder = fresh();
    const losses: number[] = [];
    const first = begun();
    for await (const { step, loss } of run(first, 4)) {
      losses.push(loss);
      if (step < stop) continue;
      await new Checkpoints(folder).save(first.model, { optimizer: first.optimizer, keys, card: { seed: 1 } });
      break;
    }
    // Nothing is left but the folder: another model, another optimiser, the keys out of the file.
    const second = { model: nn.init(net(), { seed: 99 }), optimizer: adam() };
    const found = await new Checkpoints(folder).load(second.model, second);
    expect(found).toMatchObject({ step: stop, card: { seed: 1 } });
    for await (const { loss } of run(second, 4, found.keys as typeof keys)) losses.push(loss);
    expect(losses).toEqual(expected);
    expect(await bits(second.model)).toEqual(await bits(whole.model));
    const [a, b] = [whole.optimizer.state(), second.optimizer.state()];
    expect({ step: b.step, epoch: b.epoch }).toEqual({ step: a.step, epoch: a.epoch });
    for (const [name, x] of a.tensors) expect(await b.tensors.get(name)!.data(), name).toEqual(await x.data());
  });

  it("may stop and go on more than once within an epoch", async () => {
    const whole = begun();
    for await (const _ of run(whole, 2));
    const checkpoints = new Checkpoints(fresh());
    let going = begun();
    for (const stop of [2, 4, 7]) {
      for await (const { step } of run(going, 2)) if (step === stop) break;
      await checkpoints.save(going.model, going);
      going = { model: net(), optimizer: adam() };
      expect(await checkpoints.load(going.model, going)).toMatchObject({ step: stop, batch: stop % 5 });
    }
    for await (const _ of run(going, 2));
    expect(await bits(going.model)).toEqual(await bits(whole.model));
  });
});

/** Something that remembers numbers of every kind, a map and a tensor. */
class Memory implements Stateful {
  held: object;
  constructor(held: object) {
    this.held = held;
  }
  state() {
    return this.held;
  }
  load(state: object) {
    this.held = state;
  }
}

describe("a folder of checkpoints", () => {
  it("keeps the last and the best", async () => {
    const checkpoints = new Checkpoints(fresh(), { keep: 2, better: "higher" });
    const { model, optimizer } = begun();
    const metrics = [0.1, 0.9, 0.3, 0.9, 0.5, 0.6];
    for (const [i, metric] of metrics.entries()) {
      optimizer.load({ step: i, epoch: 0, tensors: new Map() });
      await checkpoints.save(model, { optimizer, metric });
    }
    expect((await checkpoints.list()).map(({ step }) => step)).toEqual([1, 4, 5]);
    expect((await checkpoints.best())!.metric).toBe(0.9);
    expect((await checkpoints.last())!.step).toBe(5);
    expect((await checkpoints.load(model, { optimizer, which: "best" })).step).toBe(1);
    expect((await checkpoints.load(model, { optimizer, which: 4 })).step).toBe(4);
    expect(readdirSync(checkpoints.folder).sort()).toEqual(["step-00000001", "step-00000004", "step-00000005"]);
  });

  const savedAt = async (checkpoints: Checkpoints, step: number, metric?: number) => {
    const { model, optimizer } = begun();
    optimizer.load({ step, epoch: 0, tensors: new Map() });
    return checkpoints.save(model, { optimizer, ...(metric === undefined ? {} : { metric }) });
  };
  const stepsOf = async (checkpoints: Checkpoints) => (await checkpoints.list()).map(({ step }) => step);

  it("keeps what was saved last where training went back to an earlier step", async () => {
    const checkpoints = new Checkpoints(fresh(), { keep: 2 });
    for (const step of [10, 20, 30]) await savedAt(checkpoints, step);
    const { path } = await savedAt(checkpoints, 11);
    expect(readFileSync(join(path, "checkpoint.json"), "utf8")).toContain('"step": 11');
    expect(await stepsOf(checkpoints)).toEqual([30, 11]);
    expect((await new Checkpoints(checkpoints.folder).last())!.step).toBe(11);
    // A step saved again counts as new.
    await savedAt(checkpoints, 30);
    await savedAt(checkpoints, 12);
    expect(await stepsOf(checkpoints)).toEqual([30, 12]);
  });

  it("passes over one whose note is damaged, says so once, and goes on", async () => {
    const checkpoints = new Checkpoints(fresh(), { keep: 2 });
    for (const step of [1, 2]) await savedAt(checkpoints, step, step);
    writeFileSync(join(checkpoints.folder, "step-00000002", "checkpoint.json"), '{"gradbook": "check');
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { model, optimizer } = begun();
    expect((await checkpoints.load(model, { optimizer })).step).toBe(1);
    await savedAt(checkpoints, 3, 0);
    expect(await stepsOf(checkpoints)).toEqual([1, 3]);
    expect((await checkpoints.best())!.step).toBe(3);
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/step-00000002.*is no JSON; was it cut off\? This checkpoint is passed over\.$/),
    ]);
    await expect(checkpoints.load(model, { optimizer, which: 2 })).rejects.toThrow("is no JSON; was it cut off?");
    warned.mockRestore();
    // Saved anew, it is whole.
    await savedAt(checkpoints, 2);
    expect(await stepsOf(checkpoints)).toEqual([3, 2]);
  });

  it("takes no half of a checkpoint for one", async () => {
    const checkpoints = new Checkpoints(fresh());
    const { model, optimizer } = begun();
    await checkpoints.save(model, { optimizer });
    // What a crash while writing step 1 leaves.
    mkdirSync(join(checkpoints.folder, "step-00000001.part"));
    writeFileSync(join(checkpoints.folder, "step-00000001.part", "model.safetensors"), "half");
    expect((await checkpoints.load(model, { optimizer })).step).toBe(0);
    optimizer.load({ step: 1, epoch: 0, tensors: new Map() });
    await checkpoints.save(model, { optimizer });
    expect((await checkpoints.last())!.step).toBe(1);
    expect(await checkpoints.list()).toHaveLength(2);
  });

  it("holds whatever else remembers something", async () => {
    const checkpoints = new Checkpoints(fresh());
    const { model, optimizer } = begun();
    const held = {
      best: Number.POSITIVE_INFINITY,
      none: Number.NaN,
      zero: -0,
      list: [1, "two", null, true],
      map: new Map<string, unknown>([
        ["a/b", tensor([1, 2], { dtype: "float64" })],
        ["c", 3],
      ]),
    };
    await checkpoints.save(model, { optimizer, others: { plateau: new Memory(held) } });
    const memory = new Memory({});
    await checkpoints.load(model, { optimizer, others: { plateau: memory } });
    const back = memory.held as typeof held;
    expect({ ...back, map: [...back.map.keys()] }).toEqual({ ...held, map: ["a/b", "c"] });
    expect(await (back.map.get("a/b") as Tensor).data()).toEqual(Float64Array.of(1, 2));
    expect(back.map.get("c")).toBe(3);
  });
});

const made = async (change: (path: string) => void = () => {}) => {
  const checkpoints = new Checkpoints(fresh());
  const { model, optimizer } = begun();
  const { path } = await checkpoints.save(model, { optimizer });
  change(path);
  return { checkpoints, model, optimizer };
};
const changed = async (file: string, content: (before: Buffer) => string | Buffer) => {
  const { checkpoints, model, optimizer } = await made((path) => {
    writeFileSync(join(path, file), content(readFileSync(join(path, file))));
  });
  return checkpoints.load(model, { optimizer });
};
const bitChanged = (bytes: Buffer) => {
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
};
const odd = { state: () => ({ when: new Date(0) }), load: () => {} };

describe("checkpoints that do not fit", () => {
  refused([
    ["keeping none", () => new Checkpoints("x", { keep: 0 }), /keep is 0, expected a positive integer or Infinity\./],
    ["an odd way of being better", () => new Checkpoints("x", { better: "more" as never }), /expected lower or higher/],
    [
      "an empty folder",
      () => new Checkpoints("/tmp/none").load(net(), { optimizer: adam() }),
      /has none, expected one\./,
    ],
    [
      "a step that is not there",
      async () => {
        const { checkpoints, model, optimizer } = await made();
        return checkpoints.load(model, { optimizer, which: 7 });
      },
      /has those of steps 0, expected one of step 7\./,
    ],
    [
      "the best without a metric",
      async () => {
        const { checkpoints, model, optimizer } = await made();
        return checkpoints.load(model, { optimizer, which: "best" });
      },
      /expected one with a metric\./,
    ],
    ["a changed bit", () => changed("model.safetensors", bitChanged), /is not what was written: its checksum differs/],
    ["half a note", () => changed("checkpoint.json", (text) => text.subarray(0, 40)), /is no JSON; was it cut off\?/],
    ["another JSON", () => changed("checkpoint.json", () => "{}"), /is no note of a checkpoint, expected one\./],
    [
      "a newer version",
      () => changed("checkpoint.json", (text) => text.toString().replace('"version": 1', '"version": 2')),
      /is of version 2, expected 1\. A newer Gradbook reads it\./,
    ],
    [
      "another model",
      async () => {
        const { checkpoints, optimizer } = await made();
        return checkpoints.load(new nn.Linear(2, 2), { optimizer });
      },
      /Linear: the saved values do not fit: missing weight, bias/,
    ],
    [
      "others that were not saved",
      async () => {
        const { checkpoints, model, optimizer } = await made();
        return checkpoints.load(model, { optimizer, others: { plateau: new Memory({}) } });
      },
      /the checkpoint has of others: none; given: plateau\./,
    ],
    [
      "a state that no file holds",
      () => new Checkpoints("/tmp/none").save(net(), { optimizer: adam(), others: { odd } }),
      /its state has a Date at others\/odd\/when, expected numbers, texts and tensors/,
    ],
    [
      "a metric that is no number",
      () => new Checkpoints("/tmp/none").save(net(), { optimizer: adam(), metric: Number.NaN }),
      /metric is NaN, expected a number/,
    ],
  ]);
});
