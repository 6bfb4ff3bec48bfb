import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  fromNpy,
  fromNpz,
  loadNpy,
  loadNpz,
  saveNpy,
  saveNpz,
  type Tensor,
  tensor,
  toNpy,
  toNpz,
} from "../../src/index.ts";
import { python, pythonHasNumpy, seed } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

const script = fileURLToPath(new URL("./npy_files.py", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-npy-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Numbers {
  readonly kind: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | string)[];
}

function ask(...args: readonly string[]): Record<string, Numbers> {
  const { stdout, stderr, status } = spawnSync(python, [script, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const samples = (): Map<string, Tensor> =>
  new Map<string, Tensor>([
    [
      "f",
      tensor([
        [1.5, -2],
        [Number.NaN, Number.POSITIVE_INFINITY],
      ]),
    ],
    ["d", tensor([Math.PI], { dtype: "float64" })],
    ["i", tensor(Int32Array.of(-7, 2 ** 31 - 1, 0))],
    ["b", tensor([[[1], [0]]], { dtype: "bool" })],
    ["scalar", tensor(5)],
    ["empty/ä", tensor([], { shape: [0, 3] })],
  ]);

describe.skipIf(!pythonHasNumpy())("arrays of numpy", () => {
  it("are read in every kind, order of axes, order of bytes and version, alone and together", async () => {
    const expected = ask("write", String(seed), folder);
    const together = await loadNpz(join(folder, "all.npz"));
    const small = await loadNpz(join(folder, "small.npz"));
    expect([...together.keys()]).toEqual(Object.keys(expected));
    for (const [name, { shape, values }] of Object.entries(expected)) {
      const alone = await loadNpy(join(folder, `${name}.npy`));
      for (const x of [alone, together.get(name)!, small.get(name)!]) {
        expect(x.shape, `GRADBOOK_SEED=${seed}, ${name}`).toEqual(shape);
        const numbers = values.map((v) => (v === "inf" ? Infinity : v === "-inf" ? -Infinity : Number(v)));
        expect(Array.from(await x.data()), `GRADBOOK_SEED=${seed}, ${name}`).toEqual(numbers);
      }
    }
    expect(together.get("f8-big-F")!.dtype).toBe("float64");
    expect(together.get("f2-little-C")!.dtype).toBe("float32");
    expect(together.get("i8-little-C")!.dtype).toBe("int32");
    for (const [name, words] of [
      ["objects", /the array holds Python objects, expected bool, integers or floats/],
      ["records", /holds records of several fields, expected numbers of one kind/],
      ["texts", /the array holds numpy's <U2/],
      ["complex", /the array holds numpy's <c8/],
      ["large", /the array is int64 and holds 1099511627776 at place 1/],
    ] as const)
      await expect(loadNpy(join(folder, `${name}.npy`)), name).rejects.toThrow(words);
  });

  it("are what it makes of our tensors", async () => {
    const kinds: Record<string, string> = { f: "<f4", d: "<f8", i: "<i4", b: "|b1" };
    for (const compress of [false, true]) {
      const path = join(folder, `ours-${compress}.npz`);
      await saveNpz(samples(), path, { compress });
      const read = ask("read", path);
      for (const [name, x] of samples()) {
        expect(read[name]!.shape).toEqual(x.shape);
        if (kinds[name]) expect(read[name]!.kind).toBe(kinds[name]);
        const values = Array.from(await x.data(), (v) => (Number.isNaN(v) ? "nan" : v === Infinity ? "inf" : v));
        expect(read[name]!.values).toEqual(values);
      }
    }
    const path = join(folder, "one.npy");
    const turned = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]).transpose();
    await saveNpy(turned, path);
    expect(ask("read", path)[""]).toEqual({ kind: "<f4", shape: [3, 2], values: [1, 4, 2, 5, 3, 6] });
  });
});

describe("npy and npz", () => {
  it("come back as they were, the same bytes each time", async () => {
    const bytes = await toNpz(samples(), { compress: true });
    expect(await toNpz(samples(), { compress: true })).toEqual(bytes);
    const back = await fromNpz(bytes);
    for (const [name, x] of samples()) {
      expect(back.get(name)!.dtype).toBe(x.dtype);
      expect(back.get(name)!.shape).toEqual(x.shape);
      expect(await back.get(name)!.data()).toEqual(await x.data());
    }
  });
});

const changed = async (at: number, value: number) => fromNpy((await toNpy(tensor([1, 2]))).with(at, value));
const cut = async (bytes: number) => fromNpy((await toNpy(tensor([1, 2]))).slice(0, bytes));
const damaged = async () => {
  const file = await toNpz(new Map([["x", tensor([1, 2, 3])]]));
  // One bit of the last value, which ends where the directory of the zip begins.
  const directory = Buffer.from(file).indexOf(Buffer.from("PK\x01\x02", "latin1"));
  return fromNpz(file.with(directory - 20, file[directory - 20]! ^ 1));
};
const nowhere = () => loadNpy(join(folder, "none.npy"));
const notZip = () => {
  const path = join(folder, "text.npz");
  writeFileSync(path, "text");
  expect(readFileSync(path, "utf8")).toBe("text");
  return loadNpz(path);
};

describe("npy and npz files that are none", () => {
  refused([
    ["another beginning", () => changed(0, 0), /it does not begin as an npy file does\./],
    ["version 4", () => changed(6, 4), /npy version 4, expected 1, 2 or 3\./],
    ["an end inside the length", () => cut(9), /ends inside its header: it was cut off/],
    ["an end inside the header", () => cut(60), /ends inside its header: it was cut off/],
    ["an end inside the values", () => cut(130), /2 bytes of values, \[2\] of float32 takes 8: it was cut off\./],
    ["another header", () => changed(12, 0x78), /the header lacks descr, fortran_order or shape/],
    [
      "more values",
      async () => fromNpy(Buffer.concat([await toNpy(tensor(1)), Buffer.alloc(4)])),
      /nothing after them/,
    ],
    ["a file that is not there", nowhere, /there is no such file\. numpy\.save or saveNpy\(x, path\) writes one\./],
    ["text as npz", notZip, /this is no zip file, or it was cut off or damaged\. numpy\.savez/],
    ["half an npz", async () => fromNpz((await toNpz(samples())).slice(0, 300)), /no zip file, or it was cut off/],
    ["a changed bit in an npz", damaged, /do not have the checksum that they were written with: it is damaged/],
    ["an empty name", () => toNpz(new Map([["", tensor(1)]])), /a tensor has an empty name/],
  ]);
});
