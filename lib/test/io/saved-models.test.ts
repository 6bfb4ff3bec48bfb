import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromSafetensors, load, loadTensors, nn, random, relu, save, saveTensors, tensor } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-saved-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const net = () => new nn.Sequential([new nn.Linear(8, 16), relu, new nn.Linear(16, 4)]);

describe("a model in shards", () => {
  it("is spread over files with an index, and comes back from the index, its name or its folder", async () => {
    const inside = mkdtempSync(join(folder, "shards-"));
    const model = nn.init(net(), { seed: 1 });
    const path = join(inside, "model.safetensors");
    await save(model, path, { shardBytes: 336 });
    expect(readdirSync(inside).sort()).toEqual([
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
    ]);
    const index = JSON.parse(readFileSync(`${path}.index.json`, "utf8"));
    expect(index.metadata.total_size).toBe(4 * (8 * 16 + 16 + 16 * 4 + 4));
    expect(index.weight_map["0.weight"]).toBe("model-00001-of-00002.safetensors");
    expect(index.weight_map["2.bias"]).toBe("model-00002-of-00002.safetensors");
    const x = random.seed(2).normal([3, 8]);
    for (const from of [path, `${path}.index.json`, inside]) {
      const again = await load(net(), from);
      expect(await again.forward(x).data()).toEqual(await model.forward(x).data());
    }
  });

  it("may be one large tensor a file", async () => {
    const inside = mkdtempSync(join(folder, "large-"));
    const path = join(inside, "x.safetensors");
    await saveTensors(
      new Map([
        ["a", tensor([1, 2, 3])],
        ["b", tensor([4])],
      ]),
      path,
      { shardBytes: 4 },
    );
    expect(readdirSync(inside)).toHaveLength(3);
    expect(await (await loadTensors(path)).get("a")!.toArray()).toEqual([1, 2, 3]);
  });
});

describe("a model saved over another", () => {
  const single = {};
  const two = { shardBytes: 336 };
  const three = { shardBytes: 300 };
  const files = (shards: number) => [
    ...Array.from({ length: shards }, (_, i) => `model-0000${i + 1}-of-0000${shards}.safetensors`),
    "model.safetensors.index.json",
  ];
  it.each([
    ["shards over a file", single, two, files(2)],
    ["a file over shards", two, single, ["model.safetensors"]],
    ["fewer shards over more", three, two, files(2)],
    ["more shards over fewer", two, three, files(3)],
  ])("is the one that comes back, with nothing of the other: %s", async (_, first, second, left) => {
    const inside = mkdtempSync(join(folder, "over-"));
    const path = join(inside, "model.safetensors");
    // A stranger with a similar name stays.
    writeFileSync(join(inside, "model-of-another.safetensors"), "");
    await save(nn.init(net(), { seed: 1 }), path, first);
    const model = nn.init(net(), { seed: 2 });
    await save(model, path, second);
    expect(readdirSync(inside).sort()).toEqual(["model-of-another.safetensors", ...left].sort());
    const x = random.seed(2).normal([3, 8]);
    for (const from of [path, inside])
      expect(await (await load(net(), from)).forward(x).data()).toEqual(await model.forward(x).data());
  });
});

describe("16-bit floats", () => {
  it("halve the file and keep eleven bits", async () => {
    const path = join(folder, "half.safetensors");
    const model = nn.init(net(), { seed: 1 });
    await save(model, path, { floats: "float16" });
    const weight = await nn.parameters(model)[0]!.get().data();
    const back = await nn
      .parameters(await load(net(), path))[0]!
      .get()
      .data();
    expect(Math.max(...weight.map((value, i) => Math.abs(value - back[i]!) / Math.abs(value)))).toBeLessThan(2 ** -10);
  });
});

describe("a file that cannot be written to its end", () => {
  it("leaves the one that was there, and nothing else", async () => {
    const inside = mkdtempSync(join(folder, "whole-"));
    const path = join(inside, "net.safetensors");
    const model = nn.init(net(), { seed: 1 });
    await save(model, path);
    const before = readFileSync(path);
    const half = new nn.Sequential([nn.init(new nn.Linear(8, 16), { seed: 2 }), relu, new nn.Linear(16, 4)]);
    await expect(save(half, path)).rejects.toThrow("this parameter has no values yet");
    expect(readdirSync(inside)).toEqual(["net.safetensors"]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

const file = (header: unknown, values = 0, text = JSON.stringify(header)) => {
  const bytes = new Uint8Array(8 + text.length + values);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(new TextEncoder().encode(text), 8);
  return bytes;
};
const entry = (dtype: string, shape: readonly unknown[], ...offsets: readonly unknown[]) => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const read = (header: unknown, values: number) => () => fromSafetensors(file(header, values));
const beyond = () => {
  const bytes = file({ x: entry("I64", [2], 0, 16) }, 16);
  new DataView(bytes.buffer).setBigInt64(bytes.length - 8, 2n ** 40n, true);
  return fromSafetensors(bytes);
};
const indexed = async (json: string) => {
  const path = join(folder, "odd.safetensors.index.json");
  writeFileSync(path, json);
  return loadTensors(path);
};

describe("a damaged or strange file", () => {
  refused([
    ["an empty file", () => fromSafetensors(new Uint8Array(0)), /the file is too short for a safetensors header\./],
    ["a header that is longer than the file", () => fromSafetensors(file({}).with(0, 200)), /too short/],
    ["a header that is no JSON", () => fromSafetensors(file(0, 0, "{x")), /not JSON; is this a safetensors file\?/],
    ["a header that is a list", () => fromSafetensors(file([])), /no JSON object/],
    ["notes that are no texts", () => fromSafetensors(file({ __metadata__: { n: 1 } })), /something else than texts/],
    ["an unknown number format", read({ x: entry("C64", [1], 0, 8) }, 8), /x is C64, expected one of BOOL, I8/],
    ["half a size", read({ x: entry("F32", [0.5], 0, 2) }, 2), /the header entry of x has 0\.5, expected whole/],
    ["a negative offset", read({ x: entry("U8", [1], -1, 0) }, 1), /has -1, expected whole numbers/],
    ["a shape that takes more", read({ x: entry("F32", [3], 0, 8) }, 8), /x has 8 bytes, its shape \[3\] takes 12\./],
    [
      "tensors that overlap",
      read({ x: entry("U8", [4], 0, 4), y: entry("U8", [4], 2, 6) }, 6),
      /y begins at byte \d+, inside x, which ends at/,
    ],
    [
      "bytes that no tensor has",
      read({ x: entry("U8", [4], 0, 4), y: entry("U8", [4], 6, 10) }, 10),
      /2 bytes between x and y belong to no tensor\./,
    ],
    [
      "a file that was cut off",
      read({ x: entry("F32", [4], 0, 16) }, 9),
      /end at byte \d+, the file at \d+: it was cut/,
    ],
    ["bytes after the end", read({ x: entry("U8", [1], 0, 1) }, 5), /expected nothing after them/],
    ["a number that int32 cannot hold", beyond, /x is int64 and holds 1099511627776 at place 1, expected numbers of/],
    ["an index that is no JSON", () => indexed("{"), /the index is no JSON; was it cut off\?/],
    ["an index without a map", () => indexed("{}"), /the index has no weight_map/],
    [
      "an index that points elsewhere",
      () => indexed(JSON.stringify({ weight_map: { x: "../secret.safetensors" } })),
      /x is in "\.\.\/secret\.safetensors", expected the name of a file beside the index\./,
    ],
    ["a shard that is missing", () => indexed('{"weight_map":{"x":"none.safetensors"}}'), /there is no such file/],
    [
      "a folder without a model",
      () => loadTensors(tmpdir()),
      /has no model\.safetensors and no model\.safetensors\.index/,
    ],
    ["a folder that is not there", () => save(nn.init(net(), { seed: 1 }), "/nowhere/x.safetensors"), /no such folder/],
    ["shards of no size", () => saveTensors(new Map(), "x.safetensors", { shardBytes: 0 }), /shardBytes is 0/],
    ["shards of another ending", () => saveTensors(new Map(), "x.bin", { shardBytes: 9 }), /expected one ending in/],
    ["an odd float format", () => saveTensors(new Map(), "x", { floats: "int8" as never }), /floats is int8, expected/],
    ["a reserved name", () => saveTensors(new Map([["__metadata__", tensor(1)]]), "x"), /which the format keeps/],
  ]);
});
