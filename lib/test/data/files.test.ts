import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { data, random, tensor, zeros } from "../../src/index.ts";
import { pythonHasSklearn, runPython } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

const folder = mkdtempSync(join(tmpdir(), "gradbook-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const py = (script: string) => runPython(script, folder);
const scipy = pythonHasSklearn();
const bytes = (text: string) => new TextEncoder().encode(text);

describe("comma-separated values", () => {
  const text = '\ufeffname,n,x,ok\r\n"Smith, ""J""",3,1.5e2,yes\r\n"two\nlines",-4,NA,false\r\n\r\nç,0,.5,1\r\n';

  it("are read by kind: quotes, breaks, missing values", () => {
    const table = data.readCsv(text, {
      columns: { name: "text", n: "integer", x: "number", ok: "boolean" },
      missing: ["NA"],
    });
    expect(table.name).toEqual(['Smith, "J"', "two\nlines", "ç"]);
    expect([...table.n]).toEqual([3, -4, 0]);
    expect([...table.x]).toEqual([150, Number.NaN, 0.5]);
    expect([...table.ok]).toEqual([1, 0, 1]);
  });

  it("are numbers where all are numbers, if no kinds are said", () => {
    const table = data.readCsv("a;b\n1;x\n;y\n2;\n", { separator: ";" });
    expect(table).toEqual({ a: Float64Array.of(1, Number.NaN, 2), b: ["x", "y", ""] });
    expect(data.readCsv("# note\n1,2\n3,4\n", { names: ["p", "q"], comment: "#" }).q).toEqual(Float64Array.of(2, 4));
  });

  it("keep what looks like a comment inside a row", () => {
    const table = data.readCsv("# colours\nname,code\nred,#f00\n# and\nC# major,a # b\n", { comment: "#" });
    expect(table).toEqual({ name: ["red", "C# major"], code: ["#f00", "a # b"] });
  });
});

describe("JSON lines", () => {
  it("are written and read back", () => {
    const values = [{ a: 1 }, [1, 2], "x\ny", null];
    expect(data.readJsonLines(data.writeJsonLines(values))).toEqual(values);
    expect(data.readJsonLines("\n1\r\n\n2")).toEqual([1, 2]);
  });
});

describe("PNG", () => {
  it.each([1, 2, 3, 4])("of %d channels comes back as it was", async (channels) => {
    const image = random.seed(channels).uniform([channels, 5, 7]).mul(255).round().div(255);
    const again = data.decodePng(await data.encodePng(image));
    expect(again.shape).toEqual(image.shape);
    expect(await again.sub(image).abs().max().item()).toBeLessThan(1e-6);
    const deep = data.decodePng(await data.encodePng(image, { depth: 16 }));
    expect(await deep.sub(image).abs().max().item()).toBeLessThan(1e-5);
  });

  it("clips what lies outside and rounds", async () => {
    const again = data.decodePng(await data.encodePng(tensor([[-1, 0.5, 2]])));
    expect(await again.mul(255).round().toArray()).toEqual([[[0, 128, 255]]]);
  });

  it("of one, two and four bits, and of a palette, is read", async () => {
    // Written by hand: signature, header, one row of data.
    const chunk = (name: string, content: Uint8Array) => {
      const body = Buffer.concat([Buffer.from(name), content]);
      const out = Buffer.alloc(content.length + 12);
      out.writeUInt32BE(content.length);
      body.copy(out, 4);
      out.writeUInt32BE(crc32(body), content.length + 8);
      return out;
    };
    const png = (depth: number, kind: number, row: number[], palette?: number[]) => {
      const header = Buffer.from([0, 0, 0, 3, 0, 0, 0, 1, depth, kind, 0, 0, 0]);
      return Buffer.concat([
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
        chunk("IHDR", header),
        ...(palette === undefined ? [] : [chunk("PLTE", Uint8Array.from(palette))]),
        chunk("IDAT", deflateSync(Uint8Array.from([0, ...row]))),
        chunk("IEND", new Uint8Array()),
      ]);
    };
    const read = async (file: Buffer) => [...(await data.decodePng(file).mul(15).data())].map(Math.round);
    expect(await read(png(1, 0, [0b10100000]))).toEqual([15, 0, 15]);
    expect(await read(png(2, 0, [0b11011000]))).toEqual([15, 5, 10]);
    expect(await read(png(4, 0, [0x1f, 0x70]))).toEqual([1, 15, 7]);
    const colours = data.decodePng(png(8, 3, [1, 0, 1], [255, 0, 0, 0, 255, 0]));
    expect(await colours.toArray()).toEqual([[[0, 1, 0]], [[1, 0, 1]], [[0, 0, 0]]]);
  });
});

describe("JPEG", () => {
  it("comes back nearly as it was, in colour and in grey", async () => {
    const ramp = tensor(
      Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => ((i % 32) + (Math.floor(i / 32) % 32)) / 62),
    );
    for (const channels of [1, 3]) {
      const image = ramp.reshape([3, 32, 32]).slice({ axis: 0, start: 0, stop: channels });
      const again = data.decodeJpeg(await data.encodeJpeg(image, { quality: 95 }));
      expect(again.shape).toEqual([3, 32, 32]);
      expect(await again.sub(image).abs().max().item()).toBeLessThan(0.03);
    }
  });
});

describe("image files", () => {
  it("are written by their name and read by what they are", async () => {
    const image = zeros([3, 8, 8]).add(0.5);
    for (const name of ["a.png", "a.jpg", "a.JPEG"]) {
      await data.writeImage(join(folder, name), image);
      expect(await (await data.readImage(join(folder, name))).sub(image).abs().max().item()).toBeLessThan(0.01);
    }
  });
});

describe("MATLAB files", () => {
  it.skipIf(!scipy)("are read as scipy writes them, packed or not", () => {
    py(`
import numpy as np, scipy.io as s
m = {"d": np.arange(6.0).reshape(2, 3) / 4, "u": np.array([[1, 255]], np.uint8), "i": np.array([[-7]], np.int16),
     "f": np.ones((2, 2, 2), np.float32), "text": "no matrix", "c": np.array([[1 + 2j]])}
s.savemat("plain.mat", m); s.savemat("packed.mat", m, do_compression=True)`);
    for (const name of ["plain.mat", "packed.mat"]) {
      const found = data.readMat(name, readFileSync(join(folder, name)));
      expect([...found.keys()].sort()).toEqual(["d", "f", "i", "u"]);
      expect(found.get("d")!.shape).toEqual([2, 3]);
      // The first axis runs fastest.
      expect([...found.get("d")!.values]).toEqual([0, 0.75, 0.25, 1, 0.5, 1.25]);
      expect([...found.get("u")!.values]).toEqual([1, 255]);
      expect([...found.get("i")!.values]).toEqual([-7]);
      expect(found.get("f")!.shape).toEqual([2, 2, 2]);
    }
  });
});

describe("CIFAR's binary files", () => {
  it("are labels and images", () => {
    const records = Uint8Array.from({ length: 2 * 3073 }, (_, i) => (i === 0 ? 6 : i === 3073 ? 9 : i % 256));
    const { labels, images } = data.readCifar("batch", records);
    expect([...labels]).toEqual([6, 9]);
    expect([images.length, images[0], images[3072]]).toEqual([6144, 1, 3074 % 256]);
  });
});

describe("a mistake with files", () => {
  refused([
    ["a quote that is never closed", () => data.readCsv('a,b\n1,"2\n'), /a quoted field is never closed/],
    [
      "rows of different lengths",
      () => data.readCsv("a,b\n1,2\n3\n"),
      /line 3 has (1 fields, expected 2|another number of fields)/,
    ],
    [
      "text among numbers",
      () => data.readCsv("a,b\n1,2\n3,x\n", { columns: { b: "number" } }),
      /b on line 3 is "x", expected a number/,
    ],
    [
      "a whole number that is missing",
      () => data.readCsv("a,b\n1,2\n,3\n", { columns: { a: "integer" } }),
      /a on line 3 is missing, expected a whole number/,
    ],
    [
      "a truth that is none",
      () => data.readCsv("a\nmaybe\n", { columns: { a: "boolean" } }),
      /a on line 2 is "maybe", expected true or false/,
    ],
    [
      "a whole number that stands for a missing one",
      () => data.readCsv("a\n1\n-1\n", { columns: { a: "integer" }, missing: ["-1"] }),
      /a on line 3 is missing, expected a whole number/,
    ],
    [
      "a truth that stands for a missing one",
      () => data.readCsv("a\nyes\nno\n", { columns: { a: "boolean" }, missing: ["no"] }),
      /a on line 3 is missing, expected true or false/,
    ],
    [
      "a column that is not there",
      () => data.readCsv("a,b\n1,2\n", { columns: { c: "text" } }),
      /there is no column c\. The columns are a, b/,
    ],
    ["no text", () => data.readCsv(""), /the text is empty, expected a header/],
    ["a line that is no JSON", () => data.readJsonLines('{"a":1}\n{oh\n'), /line 2 is no JSON: "\{oh"/],
    ["bytes that are no PNG", () => data.decodePng(bytes("no picture")), /the 10 bytes are no PNG file/],
    ["bytes that are no JPEG", () => data.decodeJpeg(bytes("no picture")), /the 10 bytes are no JPEG file/],
    [
      "a picture of five channels",
      () => data.encodePng(zeros([5, 2, 2])),
      /the picture is \[5, 2, 2\], expected \[channels, height, width\] with 1 … 4/,
    ],
    ["a batch as a picture", () => data.encodeJpeg(zeros([2, 3, 4, 4])), /the picture is \[2, 3, 4, 4\]/],
    [
      "a quality beyond the best",
      () => data.encodeJpeg(zeros([3, 4, 4]), { quality: 101 }),
      /quality is 101, expected 1 … 100/,
    ],
    ["a picture that is not there", () => data.readImage(join(folder, "none.png")), /there is no such file/],
    ["a picture of another kind", () => data.readImage(file("a.gif", "GIF89a")), /a\.gif is neither a PNG nor a JPEG/],
    [
      "a picture file of no kind",
      () => data.writeImage(join(folder, "a.bmp"), zeros([1, 2, 2])),
      /ends neither in \.png nor in \.jpg/,
    ],
    [
      "a file that is no MATLAB file",
      () => data.readMat("faces", bytes("x".repeat(200))),
      /does not begin as a little-endian MATLAB file/,
    ],
    [
      "half a CIFAR file",
      () => data.readCifar("batch", new Uint8Array(5000)),
      /holds 5000 bytes, expected a multiple of 3073/,
    ],
    [
      "labels that are none of ten",
      () => data.readCifar("batch", new Uint8Array(3073).fill(77)),
      /label of image 0 is 77, expected 0 … 9/,
    ],
  ]);
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
