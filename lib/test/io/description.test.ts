import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  build,
  flatten,
  loadModel,
  describe as modelOf,
  nn,
  random,
  relu,
  save,
  softmax,
  type Tensor,
} from "../../src/index.ts";
import { readArguments } from "../../src/io/module-arguments.ts";
import { Tensor as AnyTensor } from "../../src/tensor/tensor.ts";
import { refused } from "../misuse/refused.ts";
import { constructorOptions } from "./constructor-options.ts";
import { image, models, sequence } from "./describable-models.ts";

const flat = (x: Tensor) => flatten(x, 1);

/** A class of the reader's, made without arguments. */
class Head extends nn.Module {
  readonly linear = new nn.Linear(16, 3);
  forward(x: Tensor): Tensor {
    return softmax(this.linear.forward(x));
  }
}

async function values(result: unknown): Promise<unknown> {
  if (result instanceof AnyTensor) return result.data();
  if (typeof result !== "object" || result === null) return result;
  return Promise.all(Object.values(result).map(values));
}

function canBeDescribed(name: string): boolean {
  try {
    return readArguments(name, {} as nn.Module) !== undefined;
  } catch {
    return true;
  }
}

type Forward = nn.Module & { forward(...inputs: never[]): unknown };

const json = (model: unknown) => build({ gradbook: "model", version: 1, model: model as never });

describe("a model described as JSON", () => {
  it.each(Object.keys(models))("%s comes back as it was, also for training", async (name) => {
    const [model, ...inputs] = models[name]! as [Forward, ...never[]];
    nn.init(model, { seed: 1 });
    const text = JSON.stringify(modelOf(model));
    const again = build(JSON.parse(text)) as Forward;
    expect(again.constructor).toBe(model.constructor);
    expect(JSON.stringify(modelOf(again))).toBe(text);
    expect(nn.state(again).map(({ path }) => path)).toEqual(nn.state(model).map(({ path }) => path));
    nn.loadState(again, new Map(nn.state(model).map(({ path, get }) => [path, get()])));
    expect(await values(again.forward(...inputs))).toEqual(await values(model.forward(...inputs)));
    const trained = (m: Forward) => nn.training(random.seed(3), () => m.forward(...inputs));
    expect(await values(trained(again))).toEqual(await values(trained(model)));
  });

  it("loses no option that a constructor of what can be described takes", () => {
    const described = new Map<string, (readonly unknown[])[]>();
    const collect = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      const { module, arguments: given } = value as { readonly module?: string; readonly arguments?: unknown[] };
      if (module !== undefined && given) described.set(module, [...(described.get(module) ?? []), given]);
      Object.values(value).forEach(collect);
    };
    for (const [model] of Object.values(models)) collect(modelOf(model));
    const recordOf = (given: readonly unknown[]): Record<string, unknown> | undefined => {
      const last = given.at(-1);
      const record = typeof last === "object" && last !== null && !Array.isArray(last) && !("module" in last);
      return record ? (last as Record<string, unknown>) : undefined;
    };
    const usual = (name: string, given: readonly unknown[]): Record<string, unknown> => {
      const positional = given.slice(0, given.length - (recordOf(given) === undefined ? 0 : 1)) as never;
      try {
        const { model } = modelOf(json({ module: name, arguments: positional }));
        return recordOf((model as { readonly arguments: unknown[] }).arguments) ?? {};
      } catch {
        // Some options have to be said.
        return {};
      }
    };
    // Values at the beginning; a file brings others.
    const beginnings = /[iI]nitialiser$|^(identityStart|forgetBias|slope)$/;
    const lost: string[] = [];
    for (const [name, options] of constructorOptions()) {
      if (!canBeDescribed(name)) continue;
      const given = described.get(name);
      if (given === undefined) {
        lost.push(name);
        continue;
      }
      for (const option of options) {
        if (beginnings.test(option)) continue;
        const told = given.some((one) => {
          const value = JSON.stringify(recordOf(one)?.[option]);
          return value !== undefined && value !== JSON.stringify(usual(name, one)[option]);
        });
        if (!told) lost.push(`${name}: ${option}`);
      }
    }
    expect(lost).toEqual([]);
  }, 60_000);

  it("knows functions and classes of the reader's by names that both sides are given", async () => {
    const known = { flat, Head };
    const model = nn.init(new nn.Sequential([new nn.MaxPool2d(2), flat, new nn.Linear(64, 16), new Head()]), {
      seed: 1,
    });
    const json = modelOf(model, { known });
    expect(json.model).toEqual({
      module: "Sequential",
      arguments: [
        [
          { module: "MaxPool2d", arguments: [2, { stride: 2, padding: 0 }] },
          { known: "flat" },
          { module: "Linear", arguments: [64, 16, { bias: true }] },
          { known: "Head" },
        ],
      ],
    });
    const again = nn.init(build(json, { known }), { seed: 1 }) as typeof model;
    expect(await again.forward(image()).data()).toEqual(await model.forward(image()).data());
  });

  it("makes a file enough to load a model, also in shards", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gradbook-description-"));
    const model = nn.init(new nn.Sequential([new nn.Linear(6, 4), relu, new nn.BatchNorm1d(5)]), { seed: 1 });
    for (const shards of [{}, { shardBytes: 60 }]) {
      const path = join(folder, `${Object.keys(shards).length}.safetensors`);
      await save(model, path, { ...shards, description: modelOf(model) });
      const again = (await loadModel(path)) as typeof model;
      expect(await again.forward(sequence()).data()).toEqual(await model.forward(sequence()).data());
    }
    const plain = join(folder, "plain.safetensors");
    await save(model, plain);
    await expect(loadModel(plain)).rejects.toThrow(/has no description\. save\(model, path, \{ description/);
    rmSync(folder, { recursive: true });
  });

  it("keeps one module in two places one", () => {
    const again = build(modelOf(models["one module twice"]![0])) as nn.Sequential;
    expect(again.layers[2]).toBe(again.layers[0]);
    expect(nn.parameters(again)).toHaveLength(2);
  });
});

describe("descriptions that cannot be", () => {
  refused([
    [
      "a function of yours",
      () => modelOf(new nn.Sequential([flat])),
      /the model\.0\.0 is a function of yours, expected an/,
    ],
    [
      "a class of yours",
      () => modelOf(new nn.Sequential([new Head()])),
      /is a Head, expected modules of nn that can be/,
    ],
    ["another JSON", () => build({} as never), /this is no description of a model\. describe\(model\) makes one\./],
    ["a newer version", () => build({ gradbook: "model", version: 2 } as never), /of version 2, expected 1\./],
    ["no module at the top", () => json({ function: "relu" }), /has no module at its top, expected one\./],
    ["an unknown module", () => json({ module: "Magic", arguments: [] }), /there is no module of nn called Magic\./],
    ["what is no module", () => json({ module: "init", arguments: [] }), /or is no module, expected both\./],
    ["no arguments", () => json({ module: "Linear" }), /Linear has no list of arguments/],
    [
      "an unknown function",
      () => json({ module: "Sequential", arguments: [[{ function: "x" }]] }),
      /no operation called x/,
    ],
    [
      "what nobody knows",
      () => json({ known: "Head" }),
      /Head is not known\. Say what it is: \{ known: \{ Head \} \}\./,
    ],
    ["arguments that a module refuses", () => json({ module: "Linear", arguments: [0, 1] }), /inputs is 0, expected a/],
    ["a module before it is made", () => json({ same: 3 }), /module 3 is used before it is made, expected after\./],
  ]);
});
