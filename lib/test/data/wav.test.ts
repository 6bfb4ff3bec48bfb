import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { data, random, type Tensor, tensor, zeros } from "../../src/index.ts";
import { pythonHasSklearn, runPython } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

const folder = mkdtempSync(join(tmpdir(), "gradbook-wav-"));
afterAll(() => rmSync(folder, { recursive: true }));
const py = (script: string) => runPython(script, folder);
const scipy = pythonHasSklearn();
const bytes = (text: string) => new TextEncoder().encode(text);

describe("WAV", () => {
  it("comes back as it was", async () => {
    const samples = random.seed(1).uniform([2, 100], { low: -1, high: 1 });
    const plain = data.decodeWav(await data.encodeWav({ samples, rate: 8000 }));
    expect(plain.rate).toBe(8000);
    expect(await plain.samples.sub(samples).abs().max().item()).toBeLessThan(1 / 2 ** 15);
    const floating = data.decodeWav(await data.encodeWav({ samples, rate: 44_100 }, { floating: true }));
    expect(await floating.samples.toArray()).toEqual(await samples.toArray());
  });

  /** Parts of a WAV file, each with its length, in a whole that says its own. */
  const riff = (...parts: readonly (readonly [name: string, content: Uint8Array, length?: number])[]) => {
    const body = parts.map(([name, content, length = content.length]) => {
      const head = Buffer.alloc(8);
      head.write(name, "latin1");
      head.writeUInt32LE(length, 4);
      return Buffer.concat([head, content]);
    });
    const head = Buffer.from("RIFF\0\0\0\0WAVE", "latin1");
    head.writeUInt32LE(4 + Buffer.concat(body).length, 4);
    return Buffer.concat([head, ...body]);
  };
  const mono = Buffer.from([1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0]);
  const tags = ["LIST", bytes("INFOIART")] as const;

  it("may be empty, or left open by what was still recording", async () => {
    expect(data.decodeWav(riff(["fmt ", mono], ["data", new Uint8Array()], tags)).samples.shape).toEqual([1, 0]);
    const sound = Buffer.from([0, 64, 0, 192]);
    for (const length of [0, 0xffffffff]) {
      const file = riff(["fmt ", mono], ["data", sound, length]);
      file.writeUInt32LE(length === 0 ? 36 : length, 4);
      expect(await data.decodeWav(file).samples.toArray()).toEqual([[0.5, -0.5]]);
    }
  });

  it("that is cut off or too short anywhere is refused in words", () => {
    // 40 bytes of format, the extensible kind, and 4 of samples.
    const long = Buffer.concat([mono, Buffer.from([22, 0, 16, 0, 4, 0, 0, 0, 1, 0]), Buffer.alloc(14)]);
    long.writeUInt16LE(0xfffe, 0);
    const file = riff(["fmt ", long], ["data", Buffer.from([0, 64, 0, 192])]);
    expect(data.decodeWav(file).samples.shape).toEqual([1, 2]);
    for (let end = 0; end < file.length; end++)
      expect(() => data.decodeWav(file.subarray(0, end)), `${end} bytes`).toThrow(
        /decodeWav: .*(does not begin as a WAV|cut off|holds no samples)/,
      );
    expect(() => data.decodeWav(riff(["fmt ", mono.subarray(0, 14)]))).toThrow("takes 14 bytes, expected 16 or more");
  });

  it.skipIf(!scipy)("of every kind is as scipy reads and writes it", async () => {
    py(`
import numpy as np, scipy.io.wavfile as w
t = np.linspace(-1, 1, 50)
two = np.stack([t, -t / 2], 1)
w.write("u8.wav", 8000, (t * 127 + 128).astype(np.uint8))
w.write("i16.wav", 8000, (two * 32767).astype(np.int16))
w.write("i32.wav", 8000, (two * 2147483647).astype(np.int32))
w.write("f32.wav", 8000, two.astype(np.float32))
w.write("f64.wav", 8000, two)`);
    for (const name of ["u8", "i16", "i32", "f32", "f64"]) {
      const { samples, rate } = data.decodeWav(readFileSync(join(folder, `${name}.wav`)));
      expect([rate, samples.shape]).toEqual([8000, [name === "u8" ? 1 : 2, 50]]);
      const values = (await samples.toArray()) as number[][];
      values[0]!.forEach((value, i) => {
        expect(Math.abs(value - (-1 + (2 * i) / 49))).toBeLessThan(0.02);
      });
      if (name !== "u8") expect(values[1]![49]).toBeCloseTo(-0.5, 3);
    }
    writeFileSync(
      join(folder, "ours.wav"),
      await data.encodeWav({
        samples: tensor([
          [0.25, -1],
          [0.5, 1],
        ]),
        rate: 16_000,
      }),
    );
    expect(
      py(`
import json, scipy.io.wavfile as w
rate, x = w.read("ours.wav"); print(json.dumps([rate, x.tolist()]))`),
    ).toEqual([
      16_000,
      [
        [8192, 16_384],
        [-32_768, 32_767],
      ],
    ]);
  });
});

describe("a mistake with sound", () => {
  const wav = async () => data.encodeWav({ samples: zeros([10]), rate: 8000 });
  refused([
    ["sound that is none", () => data.decodeWav(bytes("no sound at all")), /does not begin as a WAV file/],
    [
      "sound that is cut off",
      async () => data.decodeWav((await wav()).subarray(0, 50)),
      /the samples end at byte 64, the file at 50: it was cut off/,
    ],
    ["sound without samples", async () => data.decodeWav((await wav()).subarray(0, 36)), /the file holds no samples/],
    [
      "sound in a form that is not read",
      async () => {
        const file = await wav();
        file[20] = 85;
        return data.decodeWav(file);
      },
      /format 85 with 16 bits and 1 channels is not read/,
    ],
    [
      "sound of three axes",
      () => data.encodeWav({ samples: zeros([1, 2, 3]) as Tensor, rate: 8000 }),
      /the samples are \[1, 2, 3\]/,
    ],
    [
      "sound at no rate",
      () => data.encodeWav({ samples: zeros([3]), rate: 0 }),
      /rate is 0, expected samples in a second/,
    ],
    [
      "sound of too many channels",
      () => data.encodeWav({ samples: zeros([65_536, 1]), rate: 8000 }),
      /65536 channels of 1 samples at a rate of 8000 are too many.*at most 32767 channels/,
    ],
    [
      "sound at a rate beyond 32 bits",
      () => data.encodeWav({ samples: zeros([3]), rate: 2 ** 32 }),
      /a rate of 4294967296 are too many/,
    ],
  ]);
});
