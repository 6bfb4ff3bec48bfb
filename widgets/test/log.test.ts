import fc from "fast-check";
import { expect, test } from "vitest";
import { Line } from "../src/series/line.ts";
import { Log, type News, type PackedLog } from "../src/series/log.ts";
import { metricsOf } from "../src/series/metrics.ts";
import { packed, unpacked } from "../src/series/packed.ts";
import { lineKey, type Run } from "../src/series/run.ts";

type Given = { readonly step: number; readonly [field: string]: number };

const wanted = { metrics: undefined, higherIsBetter: [] };
const began = Date.UTC(2026, 10, 29);

function feed(log: Log, run: Run, observations: readonly Given[], followed = true): void {
  for (const [index, observation] of observations.entries())
    log.add(run, observation, metricsOf(observation, wanted), began + 1000 * index, followed);
}

/** Everything that a log holds, as plain lists. */
function contents({ runs }: Log) {
  return runs.map(({ id, name, began, lastStep, epochs, lines }) => ({
    ...{ id, name, began, lastStep, knots: epochs.knots() },
    lines: [...lines].map(([key, line]) => ({
      ...{ key, total: line.total, notFinite: line.notFinite, higherIsBetter: line.higherIsBetter },
      points: ["ordinals", "steps", "seconds", "walls", "values"].map((column) => [...line.column(column as "steps")]),
    })),
  }));
}

/** As it goes through a message: the JSON as text, the bytes apart. */
function sent<T>(value: T): T {
  const bytes: DataView[] = [];
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (!ArrayBuffer.isView(part)) return part;
    const copy = Uint8Array.from(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    return { bytes: bytes.push(new DataView(copy.buffer)) - 1 };
  });
  return JSON.parse(text, (_, part: { bytes?: number } | null) =>
    part && typeof part === "object" && part.bytes !== undefined ? bytes[part.bytes] : part,
  ) as T;
}

const views = (buffers: readonly Float64Array[]) => buffers.map(({ buffer }) => new DataView(buffer));

const steps = (count: number, from = 1): Given[] =>
  Array.from({ length: count }, (_, i) => ({
    step: from + i,
    epoch: 1 + Math.floor((from + i - 1) / 10),
    loss: Math.fround(1 / (from + i)),
    rate: 0.1,
    gradNorm: i % 3 === 0 ? Number.NaN : 2 + i / 7,
  }));

test("columns come back bit for bit, evenly spaced ones as next to nothing", () => {
  const numbers = fc.array(fc.double(), { maxLength: 50 });
  fc.assert(
    fc.property(numbers, (values) => {
      expect([...unpacked(sent(packed(Float64Array.from(values))))].map((value) => value + 0)).toEqual(
        values.map((value) => value + 0),
      );
    }),
  );
  expect(packed(Float64Array.from([1, 2, 3, 4]))).toEqual({ first: 1, by: 1, length: 4 });
  expect(packed(Float64Array.from([0.5, 0.25, 7]))).toEqual({ single: Float32Array.from([0.5, 0.25, 7]) });
  expect(packed(Float64Array.from([0.1, 0.25, 7]))).toHaveProperty("double");
});

test("a log that was packed is the same on the other side", () => {
  const log = new Log();
  feed(log, log.start("", began), [...steps(100), { step: 100, "test error": 0.3 }]);
  feed(log, log.start("other", began + 5), steps(5));
  const there = new Log();
  there.restore(sent(log.packed()));
  expect(contents(there)).toEqual(contents(log));
});

test("100,000 steps of a training take 20 bytes each", () => {
  const log = new Log();
  feed(log, log.start("", began), steps(100_000), false);
  let bytes = 0;
  JSON.stringify(log.packed(), (_, part: unknown) => {
    if (!ArrayBuffer.isView(part)) return part;
    bytes += part.byteLength;
    return null;
  });
  expect(bytes / 100_000).toBeLessThanOrEqual(20);
});

test("news are followed one after another, given twice they are passed over, and a gap is noticed", () => {
  const [log, there] = [new Log(), new Log()];
  const run = log.start("", began);
  const news: { content: News; buffers: Float64Array[] }[] = [];
  for (let from = 1; from < 100; from += 20) {
    feed(log, run, steps(20, from));
    news.push(log.news()!);
  }
  expect(log.news()).toBeUndefined();
  const follow = ({ content, buffers }: (typeof news)[number]) => there.follow(sent(content), views(buffers));
  expect(follow(news[0]!)).toBe(true);
  expect(follow(news[2]!)).toBe(false);
  expect(follow(news[1]!)).toBe(true);
  expect(follow(news[1]!)).toBe(true);
  for (const each of news.slice(2)) expect(follow(each)).toBe(true);
  expect(contents(there)).toEqual(contents(log));
});

test("a snapshot that is older than the news takes nothing away", () => {
  const [log, there] = [new Log(), new Log()];
  const run = log.start("", began);
  feed(log, run, steps(10));
  const old = sent<PackedLog>(log.packed());
  log.news();
  there.restore(old);
  feed(log, run, steps(10, 11));
  feed(log, log.start("", began), steps(3));
  const { content, buffers } = log.news()!;
  there.follow(sent(content), views(buffers));
  there.restore(old);
  expect(contents(there)).toEqual(contents(log));
});

test("what was cleared stays away, whether news or a snapshot say so first", () => {
  const [log, there, late] = [new Log(), new Log(), new Log()];
  feed(log, log.start("", began), steps(10));
  const before = log.news()!;
  for (const other of [there, late]) other.follow(sent(before.content), views(before.buffers));
  log.clear();
  feed(log, log.start("", began), steps(3));
  const { content, buffers } = log.news()!;
  there.follow(sent(content), views(buffers));
  late.restore(sent(log.packed()));
  late.follow(sent(before.content), views(before.buffers));
  expect(contents(there)).toEqual(contents(log));
  expect(contents(late)).toEqual(contents(log));
});

test("a line that was thinned goes on on the other side as it does here, whenever it was packed", () => {
  const values = fc.array(fc.oneof({ weight: 20, arbitrary: fc.double({ noNaN: true }) }, fc.constant(Number.NaN)), {
    minLength: 100,
    maxLength: 300,
  });
  fc.assert(
    fc.property(values, fc.integer({ min: 40, max: 100 }), (all, until) => {
      const [log, there] = [new Log(), new Log()];
      const runs = [log, there].map((each) => {
        const run = each.start("", began);
        run.lines.set(lineKey("loss", false), new Line("loss", { most: 32 }));
        return run;
      });
      feed(
        log,
        runs[0]!,
        all.slice(0, until).map((loss, step) => ({ step, loss })),
      );
      there.restore(sent(log.packed()));
      log.news();
      feed(
        log,
        runs[0]!,
        all.slice(until).map((loss, step) => ({ step: until + step, loss })),
      );
      const news = log.news();
      if (news) expect(there.follow(sent(news.content), views(news.buffers))).toBe(true);
      expect(contents(there)).toEqual(contents(log));
      const [here, other] = runs.map(({ lines }) => lines.get(lineKey("loss", false))!);
      expect(other!.thinned).toEqual(here!.thinned);
    }),
  );
});

test("a line that was thinned before means were kept is read as it lies there", () => {
  const places = { ordinals: [0, 2, 5, 7], steps: [1, 3, 6, 8], seconds: [0, 2, 5, 7], walls: [0, 2, 5, 7] };
  const column = (numbers: readonly number[]) => packed(Float64Array.from(numbers));
  const old = {
    ...{ metric: "loss", aside: false, higherIsBetter: false, total: 8, notFinite: 0 },
    places: Object.fromEntries(Object.entries(places).map(([name, numbers]) => [name, column(numbers)])),
    values: column([4, 1, 3, 2]),
  };
  const log = new Log();
  const head = {
    id: 1,
    family: "",
    ordinal: 1,
    began,
    lastStep: 8,
    knots: { from: 0, steps: [], epochs: [], whole: true },
  };
  log.restore({ first: 1, runs: [{ ...head, lines: [old] }] } as unknown as PackedLog);
  const line = log.runs[0]!.lines.get(lineKey("loss", false))!;
  expect([...line.column("values")]).toEqual([4, 1, 3, 2]);
  expect([0, 1, 2, 3].map((at) => [line.meanAt(at), line.countAt(at)])).toEqual([
    [4, 1],
    [1, 2],
    [3, 3],
    [2, 2],
  ]);
});

test("seconds that start from 0 again, as of a training that is continued, go on", () => {
  const log = new Log();
  const run = log.start("", began);
  feed(log, run, [
    { step: 1, loss: 1, seconds: 1 },
    { step: 2, loss: 1, seconds: 2 },
    { step: 3, loss: 1, seconds: 0.5 },
    { step: 4, loss: 1, seconds: 1.5 },
  ]);
  expect([...run.lines.get(lineKey("loss", false))!.column("seconds")]).toEqual([1, 2, 2, 3]);
});
