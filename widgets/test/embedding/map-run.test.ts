import { expect, test } from "vitest";
import { type MapMoment, MapRun, type RunParts } from "../../src/embedding/map-run.ts";
import { PacedStream } from "../../src/embedding/paced-stream.ts";
import { defaultSettings } from "../../src/embedding/settings.ts";

const settings = defaultSettings(100);
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A t-SNE whose map is its iteration, and which waits until it may go on. */
function slow() {
  const calls: Parameters<RunParts["start"]>[] = [];
  const let_ = { through: Number.POSITIVE_INFINITY, ends: Number.POSITIVE_INFINITY, fails: Number.POSITIVE_INFINITY };
  let made = 0;
  let settled = 0;
  let left = 0;
  const parts: RunParts = {
    start: async function* (...call): AsyncGenerator<MapMoment> {
      calls.push(call);
      try {
        for (let iteration = 1; iteration <= let_.ends; iteration++) {
          while (made >= let_.through) await soon();
          if (iteration >= let_.fails) throw new RangeError("the perplexity is odd");
          made++;
          const positions = { shape: [1, 2], data: async () => [iteration, 0] };
          yield { iteration, positions, klDivergence: 1 / iteration };
        }
      } finally {
        left++;
      }
    },
    moved: () => undefined,
    settled: () => {
      settled++;
    },
  };
  return {
    parts,
    calls,
    let: let_,
    get made() {
      return made;
    },
    get settled() {
      return settled;
    },
    get left() {
      return left;
    },
  };
}

test("one that gives way is waited for no longer, and can go on", async () => {
  const tsne = slow();
  const run = new MapRun(tsne.parts, settings, 1000);
  tsne.let.through = 3;
  run.play(settings);
  const ended = run.ended();
  await soon();
  run.giveWay();
  await ended;
  expect(run.state.status).toBe("paused");
  tsne.let.through = Number.POSITIVE_INFINITY;
  run.play(settings);
  await run.ended();
  expect(run.state).toMatchObject({ status: "done", iteration: 1000 });
});

test("maps that cannot be read end it with their reason", async () => {
  const run = new MapRun(slow().parts, settings, 1000);
  run.play(settings);
  const ended = run.ended();
  run.fail(new Error("the device is lost"));
  await expect(ended).rejects.toThrow("the device is lost");
  expect(run.state).toMatchObject({ status: "failed", note: "the device is lost" });
  run.fail(new Error("again"));
  expect(run.state.note).toBe("the device is lost");
});

test("it runs to its end, says so, and goes on for as long again", async () => {
  const tsne = slow();
  const run = new MapRun(tsne.parts, settings, 20);
  expect(run.state).toMatchObject({ status: "waiting", iteration: 0, iterations: 20, kl: null });
  run.play(settings);
  expect(run.state.status).toBe("preparing");
  await run.ended();
  expect(run.state).toMatchObject({ status: "done", iteration: 20, kl: 1 / 20 });
  expect(await run.positions!.data()).toEqual([20, 0]);
  run.play(settings);
  expect(run.state).toMatchObject({ status: "running", iterations: 40 });
  await run.ended();
  expect(run.iteration).toBe(40);
  expect(tsne.calls).toHaveLength(1);
});

test("paused, it makes no more than the iteration it is at", async () => {
  const tsne = slow();
  const run = new MapRun(tsne.parts, settings, 1_000_000);
  run.play(settings);
  while (run.iteration < 5) await soon();
  run.pause();
  expect(run.state.status).toBe("paused");
  const { made } = tsne;
  await soon();
  await soon();
  expect(tsne.made).toBeLessThanOrEqual(made + 1);
  expect(run.state.status).toBe("paused");
  const { iteration } = run;
  run.play(settings);
  while (run.iteration < iteration + 3) await soon();
  run.pause();
});

test("paused and resumed in one turn, one loop goes on", async () => {
  const tsne = slow();
  tsne.let.through = 3;
  const run = new MapRun(tsne.parts, settings, 10);
  run.play(settings);
  while (run.iteration < 3) await soon();
  run.pause();
  run.play(settings);
  run.pause();
  run.play(settings);
  tsne.let.through = Number.POSITIVE_INFINITY;
  await run.ended();
  expect(tsne.made).toBe(10);
  expect(tsne.calls).toHaveLength(1);
});

test("a step is one iteration, and none while it runs: then it pauses", async () => {
  const tsne = slow();
  const run = new MapRun(tsne.parts, settings, 10);
  const rest = async () => {
    while (run.active) await soon();
  };
  run.step(settings);
  await rest();
  expect(run.state).toMatchObject({ status: "paused", iteration: 1, iterations: 10 });
  run.step(settings);
  await rest();
  expect(run.iteration).toBe(2);
  run.play(settings);
  run.step(settings);
  expect(run.state.status).toBe("paused");
  await soon();
  run.play(settings);
  await run.ended();
  run.step(settings);
  await rest();
  expect(run.iteration).toBe(11);
});

test("a restart begins anew with other settings, also in the middle of an iteration", async () => {
  const tsne = slow();
  tsne.let.through = 4;
  const run = new MapRun(tsne.parts, settings, 8);
  run.play(settings);
  while (run.iteration < 4) await soon();
  const other = { ...settings, perplexity: 5 };
  run.restart(other);
  expect(run.state).toMatchObject({ status: "preparing", iteration: 0, kl: null, settings: other });
  tsne.let.through = Number.POSITIVE_INFINITY;
  await run.ended();
  expect(tsne.calls.map(([given, from]) => [given.perplexity, from])).toEqual([
    [30, undefined],
    [5, undefined],
  ]);
  expect(run.iteration).toBe(8);
  await soon();
  // The first one was told to leave.
  expect(tsne.left).toBe(1);
});

test("what t-SNE throws is kept in words, and play tries again", async () => {
  const tsne = slow();
  tsne.let.fails = 3;
  const run = new MapRun(tsne.parts, settings, 10);
  run.play(settings);
  await expect(run.ended()).rejects.toThrow("the perplexity is odd");
  expect(run.state).toMatchObject({ status: "failed", iteration: 2, note: "the perplexity is odd" });
  tsne.let.fails = Number.POSITIVE_INFINITY;
  run.play(settings);
  await run.ended();
  expect(run.state).toMatchObject({ status: "done", iteration: 10, note: "" });
});

test("one that ends by itself goes on from where it ended", async () => {
  const tsne = slow();
  tsne.let.ends = 6;
  const run = new MapRun(tsne.parts, settings, 10);
  run.play(settings);
  await run.ended();
  expect(run.state).toMatchObject({ status: "done", iteration: 6, iterations: 6 });
  tsne.let.ends = Number.POSITIVE_INFINITY;
  run.play(settings);
  await run.ended();
  expect(run.iteration).toBe(16);
  expect(tsne.calls[1]![1]).toMatchObject({ iteration: 6 });
  expect(await tsne.calls[1]![1]!.positions.data()).toEqual([6, 0]);
});

test("an iteration that an interrupt has cut off is not waited for", async () => {
  const tsne = slow();
  tsne.let.through = 4;
  const run = new MapRun(tsne.parts, settings, 9);
  run.play(settings);
  while (run.iteration < 4) await soon();
  // The fifth is being made, and will never end.
  await soon();
  run.interrupted();
  expect(run.state.status).toBe("paused");
  run.play(settings);
  expect(tsne.calls).toHaveLength(2);
  expect(tsne.calls[1]![1]).toMatchObject({ iteration: 4 });
  tsne.let.through = Number.POSITIVE_INFINITY;
  await run.ended();
  expect(run.iteration).toBe(9);
});

test("messages wait for the slowest view, and for a thirtieth of a second", () => {
  let now = 0;
  const stream = new PacedStream(() => now);
  expect(stream.open).toBe(false);
  stream.join("a");
  stream.join("b");
  expect(stream.open).toBe(true);
  const first = stream.next();
  now += 20;
  stream.drawn("a", first);
  stream.drawn("b", first);
  // Both have drawn, but it is too soon.
  expect(stream.open).toBe(false);
  now += 20;
  expect(stream.open).toBe(true);
  const second = stream.next();
  now += 500;
  stream.drawn("a", second);
  expect(stream.open).toBe(false);
  stream.drawn("b", second);
  expect(stream.open).toBe(true);
});

test("a view that says nothing for two seconds is given up until it is back", () => {
  let now = 0;
  const stream = new PacedStream(() => now);
  stream.join("gone");
  const first = stream.next();
  now += 1900;
  expect(stream.open).toBe(false);
  now += 200;
  // Nobody is left to send to.
  expect(stream.open).toBe(false);
  stream.join("fresh");
  expect(stream.open).toBe(true);
  stream.next();
  stream.leave("fresh");
  now += 100;
  expect(stream.open).toBe(false);
  stream.drawn("gone", first + 1);
  expect(stream.open).toBe(true);
});
