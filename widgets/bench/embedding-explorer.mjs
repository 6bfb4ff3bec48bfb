// How many frames a second the map of an embedding explorer makes while it is dragged: `npm run bench -- embedding-explorer`.
// In Chromium without a graphics card, with the built view: 10,000 points of 24 classes as marks in the plane, as
// thumbnails, with names, and turning in space. Asked for are 30 frames a second in the plane.
// Prints a Markdown table; `--json FILE` writes the figures, `--points N` takes another number.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { framesDuring, keepState, machine, openView } from "./view-page.mjs";

const { values: options } = parseArgs({ options: { json: { type: "string" }, points: { type: "string" } } });
const count = Number(options.points ?? 10_000);
const seconds = 4;
const asked = 30;
const kept = keepState();
const { displaySymbol, embeddingExplorer } = await import("../dist/index.js");

let random = 1;
const next = () => {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
  return random / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(next() || 1e-9)) * Math.cos(2 * Math.PI * next());
const tensor = (shape, at) => {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i));
  return { shape, data: async () => values };
};

const classes = 24;
const centres = Array.from({ length: classes * 3 }, () => 6 * normal());
const positions = tensor([count, 3], (i) => centres[3 * (Math.floor(i / 3) % classes) + (i % 3)] + normal());
// Rings of all sizes, 28 × 28.
const images = tensor([count, 28, 28], (i) => {
  const [image, pixel] = [Math.floor(i / 784), i % 784];
  const radius = 4 + (image % 8);
  return Math.max(0, 1 - Math.abs(Math.hypot((pixel % 28) - 13.5, Math.floor(pixel / 28) - 13.5) - radius) / 2);
});
const explorer = embeddingExplorer(positions, {
  title: "10,000 points",
  positions,
  labels: Array.from({ length: count }, (_, i) => `class ${i % classes}`),
  names: Array.from({ length: count }, (_, i) => `point ${i}`),
  images,
});
await explorer[displaySymbol]();

const { browser, page } = await openView("embedding-explorer", kept.state, { width: 1280, height: 900 });
const map = await page.locator(".gb-map > canvas").boundingBox();
const [x, y] = [map.x + map.width / 2, map.y + map.height / 2];

async function dragged() {
  await page.mouse.move(x, y);
  await page.mouse.down();
  const began = performance.now();
  const result = await framesDuring(page, async () => {
    while (performance.now() - began < 1000 * seconds) {
      const angle = (performance.now() - began) / 300;
      await page.mouse.move(x + 120 * Math.sin(angle), y + 80 * Math.sin(1.3 * angle));
    }
  });
  await page.mouse.up();
  return result;
}

const rows = [];
for (const [what, settings] of [
  ["marks", { showImages: false, showNames: false, inSpace: false, camera: null }],
  ["marks and names", { showNames: true, camera: null }],
  ["thumbnails", { showImages: true, showNames: false, camera: null }],
  ["thumbnails, close", { camera: { x: 0, y: 0, zoom: 6, yaw: 0, pitch: 0 } }],
  ["turning in space", { showImages: false, inSpace: true, camera: null }],
]) {
  await page.evaluate((values) => {
    for (const [name, value] of Object.entries(values)) globalThis.model.set(name, value);
  }, settings);
  // Images are read, stamps are made.
  await page.waitForTimeout(500);
  rows.push({ what, ...(await dragged()) });
}
await browser.close();

console.log(`| ${count} points | frames a second | median | p95 | worst frame | work a frame |`);
console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
for (const { what, perSecond, median, p95, worst, work } of rows) {
  const times = [median, p95, worst, work].map((time) => `${time.toFixed(1)} ms`).join(" | ");
  console.log(`| ${what} | ${perSecond.toFixed(1)} | ${times} |`);
}
const result = { points: count, seconds, ...machine(), rows };
if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
const slow = rows.filter(({ perSecond }) => perSecond < asked).map(({ what }) => what);
console.log(
  slow.length === 0 ? `All make ${asked} frames a second.` : `Fewer than ${asked} frames a second: ${slow.join(", ")}.`,
);
