import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bunzip, fileIn, gunzip, untar, unxz, unzip } from "../../src/data/files/archives.ts";
import { fromLibsvm } from "../../src/data/sources/usps.ts";
import { python, pythonHasNumpy } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

const folder = mkdtempSync(join(tmpdir(), "gradbook-archives-"));
afterAll(() => rmSync(folder, { recursive: true }));
const here = pythonHasNumpy();
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const content = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) % 251);

describe.skipIf(!here)("archives that Python wrote", () => {
  beforeAll(() => {
    const script = `
import bz2, gzip, lzma, tarfile, zipfile, io
data = bytes((i * i) % 251 for i in range(70000))
open("a.gz", "wb").write(gzip.compress(data)); open("a.bz2", "wb").write(bz2.compress(data))
open("a.xz", "wb").write(lzma.compress(data))
with tarfile.open("a.tar", "w") as t:
    for name in ["./folder/a.bin", "b.txt", "folder/" + "long" * 40 + ".bin"]:
        info = tarfile.TarInfo(name); info.size = len(data); t.addfile(info, io.BytesIO(data))
with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("folder/a.bin", data); z.writestr("b.txt", "other")`;
    const { status, stderr } = spawnSync(python, ["-c", script], { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  });

  it("are unpacked", async () => {
    for (const bytes of [gunzip("a", read("a.gz")), bunzip("a", read("a.bz2")), await unxz("a", read("a.xz"))])
      expect(Buffer.compare(bytes, content)).toBe(0);
  });

  it("give those files that are wanted", async () => {
    const tar = untar("a", read("a.tar"), (path) => path.endsWith(".bin"));
    expect([...tar.keys()]).toEqual(["folder/a.bin", `folder/${"long".repeat(40)}.bin`]);
    for (const bytes of tar.values()) expect(Buffer.compare(bytes, content)).toBe(0);
    const zip = await unzip("a", read("a.zip"), (path) => path.startsWith("folder/"));
    expect([...zip.keys()]).toEqual(["folder/a.bin"]);
    expect(Buffer.compare(fileIn("a", zip, "folder/a.bin"), content)).toBe(0);
  });
});

describe("LIBSVM's digits", () => {
  it("are labels from 1 and values from −1 to 1, absent ones 0", () => {
    const { labels, images } = fromLibsvm("10 1:-1 2:1 256:0.5\n1 3:-0.5 \n");
    expect([...labels]).toEqual([9, 0]);
    expect([images.length, images[0], images[1], images[2], images[255], images[256 + 2]]).toEqual([
      512, 0, 255, 128, 191, 64,
    ]);
  });
});

describe("a damaged archive", () => {
  const junk = content.slice(0, 2000);
  refused([
    ["gzip", () => gunzip("set", junk), /set: the gzip file is damaged/],
    ["bzip2", () => bunzip("set", junk), /set: the bzip2 file is damaged/],
    ["xz", () => unxz("set", junk), /set: the xz file is damaged/],
    ["zip", () => unzip("set", junk, () => true), /set: the zip file is damaged/],
    ["a file that is not in it", () => fileIn("set", new Map(), "a.bin"), /set: the archive has no file a\.bin/],
    [
      "a digit with a value too many",
      () => fromLibsvm("1 257:1\n"),
      /line 1 has a value at place 257, expected 1 … 256/,
    ],
  ]);
});
