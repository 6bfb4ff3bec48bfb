import { expect, test } from "vitest";
import { further, nearest } from "../src/browser/loss-curve/places.ts";
import { Readings, sceneOf } from "../src/browser/loss-curve/scene.ts";
import { firstView, type Horizontal } from "../src/series/curve-state.ts";
import { Log } from "../src/series/log.ts";
import { metricsOf } from "../src/series/metrics.ts";

/** What is to be seen of a training of so many steps, which were done at these milliseconds. */
function sceneWith(x: Horizontal, milliseconds: readonly number[]) {
  const log = new Log();
  const began = Date.UTC(2026, 10, 29) + 0.123;
  const run = log.start("", began);
  milliseconds.forEach((after, step) => {
    const observation = { step, epoch: 1 + Math.floor(step / 7), loss: 1 / (step + 1) };
    log.add(run, observation, metricsOf(observation, { metrics: undefined, higherIsBetter: [] }), began + after, false);
  });
  const size = { width: 900, heightOf: () => 300, density: 1 };
  return sceneOf(log.runs, "linear", firstView({ x, smoothing: 0 }), new Readings(), size);
}

/** The places of all points on the axis, in order. */
function placesOf({ panels }: ReturnType<typeof sceneWith>): number[] {
  const { along, member } = panels[0]!.lines[0]!;
  return [...new Set([...member.line.column(along.column)].map((number) => along.value(number)))];
}

const times = Array.from({ length: 300 }, (_, step) => 17.3 * step + 3 * Math.sin(step));
// Thirty steps of every instant.
const atOnce = Array.from({ length: 300 }, (_, step) => 100 * Math.floor(step / 30));

test.each(["step", "epoch", "time", "wall"] as const)(
  "arrow keys come by every point on the axis of %s, both ways",
  (x) => {
    for (const milliseconds of [times, atOnce]) {
      const scene = sceneWith(x, milliseconds);
      const places = placesOf(scene);
      const walked = [nearest(scene, scene.left)!];
      for (let key = 1; key < places.length; key++) walked.push(further(scene, walked.at(-1)!, 1)!);
      expect(walked).toEqual(places);
      expect(further(scene, walked.at(-1)!, 1)).toBe(places.at(-1));
      const back = [walked.at(-1)!];
      for (let key = 1; key < places.length; key++) back.push(further(scene, back.at(-1)!, -1)!);
      expect(back.reverse()).toEqual(places);
      expect(further(scene, places[0]!, -1)).toBe(places[0]);
    }
  },
);

test("long words of an axis have room, on either side", () => {
  const log = new Log();
  const run = log.start("", 0);
  for (let step = 0; step < 200; step++) {
    const observation = { step, loss: 123_456.7 + step / 1e5, rate: 0.001 / (1 + step / 1e5) };
    log.add(run, observation, metricsOf(observation, { metrics: undefined, higherIsBetter: [] }), step, false);
  }
  const size = { width: 900, heightOf: () => 300, density: 1 };
  const scene = sceneOf(
    log.runs,
    "linear",
    { ...firstView({ x: "step", smoothing: 0 }), aside: "rate" },
    new Readings(),
    size,
  );
  const longest = (labels: readonly { label: string }[]) => Math.max(...labels.map(({ label }) => label.length));
  const [panel] = scene.panels;
  expect(longest(panel!.aside!.y.ticks)).toBeGreaterThan(7);
  // Digits of the page's font are below 7 pixels wide; words begin 8 pixels beside the panel.
  expect(900 - scene.right).toBeGreaterThan(8 + 7 * longest(panel!.aside!.y.ticks));
  expect(scene.left).toBeGreaterThan(8 + 7 * longest(panel!.y.ticks));
});
