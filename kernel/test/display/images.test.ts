import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { pictureOf } from "../../src/display/images.ts";
import { newFolder } from "../run/scripted.ts";

const missing = spawnSync("chromium", ["--version"]).status !== 0;
const how = "Chromium is missing. How to get it: apt-get install chromium";
if (missing) console.warn(`Skipped: ${how}`);

// A browser draws and encodes pictures, opens each again, and says what it found.
const page = `<body><script>
const written = {};
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
function draw(name, width, height, { type, quality, hole }) {
  const canvas = document.createElement("canvas");
  canvas.width = width; canvas.height = height;
  const context = canvas.getContext("2d");
  context.fillStyle = "#c83c28";
  context.fillRect(0, 0, width, height);
  if (hole) context.clearRect(0, 0, 1, 1);
  written[name] = canvas.toDataURL(type, quality);
}
// The same WebP picture without the header that holds a colour profile.
function simple(name, from) {
  const bytes = Uint8Array.from(atob(written[from].split(",")[1]), (sign) => sign.charCodeAt(0));
  const chunk = String.fromCharCode(...bytes).lastIndexOf("VP8");
  const rest = bytes.slice(chunk);
  const whole = new Uint8Array(12 + rest.length);
  whole.set(bytes.slice(0, 12)); whole.set(rest, 12);
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true);
  written[name] = "data:image/webp;base64," + base64(whole);
}
draw("png", 301, 7, { type: "image/png" });
draw("jpeg", 19, 300, { type: "image/jpeg", quality: 0.4 });
draw("webp", 260, 33, { type: "image/webp", quality: 0.4 });
draw("webp with a hole", 34, 259, { type: "image/webp", quality: 0.4, hole: true });
draw("webp without loss", 300, 41, { type: "image/webp", quality: 1 });
simple("webp, simple", "webp");
simple("webp without loss, simple", "webp without loss");
const bmp = new DataView(new ArrayBuffer(54 + 24));
bmp.setUint16(0, 0x424d); bmp.setUint32(2, 78, true); bmp.setUint32(10, 54, true); bmp.setUint32(14, 40, true);
bmp.setInt32(18, 3, true); bmp.setInt32(22, -2, true); bmp.setUint16(26, 1, true); bmp.setUint16(28, 24, true);
written.bmp = "data:image/bmp;base64," + base64(new Uint8Array(bmp.buffer));
written.gif = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
for (const [name, source] of Object.entries(written)) {
  const image = new Image();
  image.onload = () => {
    const line = document.createElement("pre");
    line.textContent = [name, image.naturalWidth, image.naturalHeight, source].join("|");
    document.body.append(line);
  };
  image.src = source;
}
</script></body>`;

describe("pictures from bytes", () => {
  test.skipIf(missing && process.env.GRADBOOK_REQUIRE !== "all")(
    "have the type and size that a browser says they have",
    () => {
      if (missing) throw new Error(how);
      const folder = newFolder();
      writeFileSync(join(folder, "page.html"), page);
      const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${join(folder, "profile")}`];
      const { stdout } = spawnSync(
        "chromium",
        [...flags, "--virtual-time-budget=5000", "--dump-dom", pathToFileURL(join(folder, "page.html")).href],
        { encoding: "utf8", timeout: 60_000 },
      );
      const found = [...stdout.matchAll(/<pre>([^|<]*)\|(\d+)\|(\d+)\|data:([^;]*);base64,([^<]*)<\/pre>/g)];
      expect(found.map(([, name]) => name).sort()).toHaveLength(9);
      for (const [, name, width, height, type, content] of found)
        expect(pictureOf(Buffer.from(content!, "base64")), name).toMatchObject({
          type,
          width: Number(width),
          height: Number(height),
        });
    },
    70_000,
  );

  test("are recognised in AVIF, whose size stands in a box of its own", () => {
    const box = (name: string, ...content: number[]) =>
      Buffer.from([0, 0, 0, 8 + content.length, ...Buffer.from(name), ...content]);
    const head = box("ftyp", ...Buffer.from("avif"), 0, 0, 0, 0);
    const size = box("ispe", 0, 0, 0, 0, 0, 0, 1, 44, 0, 0, 0, 200);
    expect(pictureOf(Buffer.concat([head, size]))).toMatchObject({ type: "image/avif", width: 300, height: 200 });
  });

  test("are recognised in SVG, however it begins", () => {
    for (const text of [
      "<svg xmlns='http://www.w3.org/2000/svg'/>",
      '\ufeff<?xml version="1.0"?>\n<!-- drawn -->\n<svg>',
      '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n<svg>',
    ])
      expect(pictureOf(Buffer.from(text)), text).toEqual({ type: "image/svg+xml", format: "SVG" });
  });

  test("are nothing that only begins like them", () => {
    for (const bytes of [
      [],
      [0x42, 0x4d],
      [...Buffer.from("BM and then some words, long enough to hold a header of forty bytes and more")],
      [0xff, 0xd8, 0xff],
      [0xff, 0xd8, 0xff, 0xe0, 0, 0],
      [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
      [...Buffer.from("GIF89a")],
      [...Buffer.from("<html><svg></svg></html>")],
      [...Buffer.from("RIFF    WAVEfmt and what else a sound holds in its head")],
    ])
      expect(pictureOf(Uint8Array.from(bytes)), String(bytes)).toBeUndefined();
  });
});
