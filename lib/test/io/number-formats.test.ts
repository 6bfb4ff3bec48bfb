import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromSafetensors, safetensorsHeader, type Tensor, tensor, toSafetensors } from "../../src/index.ts";
import { python, pythonHasTorch, seed } from "../golden/python.ts";

const script = fileURLToPath(new URL("./number_formats.py", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-formats-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function ask<T>(...args: readonly string[]): T {
  const { stdout, stderr, status } = spawnSync(python, [script, ...args], { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

interface Numbers {
  readonly format?: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | boolean | string)[];
}

/** NaN and infinities come as words. */
const numbers = (values: readonly (number | boolean | string)[]) =>
  values.map((value) => (value === "inf" ? Number.POSITIVE_INFINITY : value === "-inf" ? -Infinity : Number(value)));

describe.skipIf(!pythonHasTorch())("numbers of safetensors files", () => {
  it("of every format are read as numpy reads them, all 65,536 of float16 and bfloat16", async () => {
    const path = join(folder, "theirs.safetensors");
    const expected = ask<Record<string, Numbers>>("write", String(seed), path);
    const bytes = readFileSync(path);
    const found = fromSafetensors(bytes);
    const message = `GRADBOOK_SEED=${seed}`;
    expect([...found.keys()]).toEqual(Object.keys(expected));
    for (const [name, { shape, values }] of Object.entries(expected)) {
      expect(found.get(name)!.shape, `${message} ${name}`).toEqual(shape);
      const data = await found.get(name)!.data();
      const wrong = numbers(values).findIndex((value, i) => !Object.is(value, data[i]));
      expect([data.length, wrong], `${message}, ${name}: ${data[wrong]} for ${values[wrong]}`).toEqual([
        values.length,
        -1,
      ]);
    }
    const dtypes = { flag: "bool", I64: "int32", U8: "int32", F16: "float32", BF16: "float32", F64: "float64" };
    for (const [name, dtype] of Object.entries(dtypes)) expect(found.get(name)!.dtype).toBe(dtype);
    expect(safetensorsHeader(bytes).metadata).toEqual({ format: "pt", by: "hand" });
    expect(safetensorsHeader(bytes).tensors.get("U64")!.format).toBe("uint64");
  });

  it("of ours are read by numpy", async () => {
    const path = join(folder, "ours.safetensors");
    const given = new Map<string, Tensor>([
      ["b", tensor([1, 0, 1], { dtype: "bool" })],
      ["f", tensor([1.5, -2, Number.NaN, Number.NEGATIVE_INFINITY], { shape: [2, 2] })],
      ["__proto__", tensor(Int32Array.of(-7, 2 ** 31 - 1))],
      ["d", tensor([Math.PI], { dtype: "float64" })],
      ["e", tensor([], { shape: [0, 3] })],
    ]);
    const file = await toSafetensors(given, { metadata: { note: "ä" } });
    writeFileSync(path, file);
    const read = ask<Record<string, Numbers>>("read", path);
    expect(Object.keys(read)).toEqual([...given.keys()]);
    const kinds = { b: "BOOL", f: "F32", d: "F64", e: "F32" };
    for (const [name, kind] of Object.entries(kinds)) {
      expect(read[name]!.format).toBe(kind);
      expect(read[name]!.shape).toEqual(given.get(name)!.shape);
      expect(numbers(read[name]!.values)).toEqual(Array.from(await given.get(name)!.data()));
    }
    const { metadata, tensors } = safetensorsHeader(file);
    expect(metadata).toEqual({ format: "pt", note: "ä" });
    // Every tensor lies where its numbers' size divides.
    expect(tensors.get("d")!.from % 8).toBe(0);
    expect(tensors.get("f")!.from % 4).toBe(0);
  });

  it("round to 16 bits as PyTorch's do, bit by bit", async () => {
    const path = join(folder, "bits.safetensors");
    const expected = ask<Record<"float16" | "bfloat16", number[]>>("round", String(seed), path);
    const given = fromSafetensors(readFileSync(path));
    const x = await given.get("x")!.data();
    for (const floats of ["float16", "bfloat16"] as const) {
      const file = await toSafetensors(given, { floats });
      const { from, to, format } = safetensorsHeader(file).tensors.get("x")!;
      expect(format).toBe(floats);
      const words = new Uint16Array(file.slice(from, to).buffer);
      const wrong = Array.from(words).findIndex((word, i) => word !== expected[floats][i] && !Number.isNaN(x[i]));
      expect(wrong, `GRADBOOK_SEED=${seed}, ${floats} of ${x[wrong]}: ${words[wrong]}`).toBe(-1);
      // NaN stays NaN, with whichever bits.
      const back = await fromSafetensors(file).get("x")!.data();
      expect(Array.from(back).every((value, i) => Number.isNaN(value) === Number.isNaN(x[i]))).toBe(true);
    }
  });
});

describe("8-bit floats", () => {
  const read = async (kind: string, bytes: readonly number[]) => {
    const header = JSON.stringify({ x: { dtype: kind, shape: [bytes.length], data_offsets: [0, bytes.length] } });
    const file = new Uint8Array(8 + header.length + bytes.length);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(new TextEncoder().encode(header), 8);
    file.set(bytes, 8 + header.length);
    return Array.from(await fromSafetensors(file).get("x")!.data());
  };

  // Table 1 of Micikevicius et al., FP8 formats for deep learning, 2022.
  it("have the published extremes", async () => {
    expect(await read("F8_E4M3", [0x7e, 0xfe, 0x08, 0x07, 0x01, 0x00, 0x38])).toEqual([
      448,
      -448,
      2 ** -6,
      0.875 * 2 ** -6,
      2 ** -9,
      0,
      1,
    ]);
    expect(await read("F8_E5M2", [0x7b, 0xfb, 0x04, 0x03, 0x01, 0x7c, 0xfc, 0x3c])).toEqual([
      57344,
      -57344,
      2 ** -14,
      0.75 * 2 ** -14,
      2 ** -16,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1,
    ]);
    expect(await read("F8_E4M3", [0x7f, 0xff])).toEqual([Number.NaN, Number.NaN]);
    expect(await read("F8_E5M2", [0x7d, 0xff])).toEqual([Number.NaN, Number.NaN]);
  });
});
