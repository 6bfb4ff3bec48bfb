import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Batches, data, evaluate, full, nn, optim, random, type Tensor, train } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const folder = mkdtempSync(join(tmpdir(), "gradbook-stream-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const all = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const value of stream) found.push(value);
  return found;
};
const numbers = new data.Stream(function* () {
  for (let i = 0; i < 100; i++) yield i;
});
const hundred = Array.from({ length: 100 }, (_, i) => i);

describe("streams", () => {
  it("are changed, chosen from, joined and put into batches as they come", async () => {
    const stream = numbers.filter((n) => n % 2 === 0).map(async (n) => n * 10);
    expect(await all(stream.take(3))).toEqual([0, 20, 40]);
    expect(await all(stream.take(0))).toEqual([]);
    expect((await all(numbers.take(5).batch(2))).map((batch) => batch.length)).toEqual([2, 2, 1]);
    expect((await all(numbers.take(5).batch(2, { dropLast: true }))).length).toBe(2);
    expect(await all(numbers.take(2).concat(numbers.take(1)))).toEqual([0, 1, 0]);
  });

  it("shuffle within what they hold: each once, by key and epoch", async () => {
    const mixed = numbers.shuffle({ key: random.seed(1), buffer: 20 });
    const first = await all(mixed);
    expect([...first].sort((a, b) => a - b)).toEqual(hundred);
    expect(await all(mixed)).toEqual(first);
    expect(await all(mixed.epoch(1))).not.toEqual(first);
    // Nothing can come before the buffer was filled with what lies before it.
    first.forEach((value, place) => {
      expect(value).toBeLessThan(place + 20);
    });
    // Uniform where all is held: each value's mean place is in the middle.
    let sum = 0;
    for (let epoch = 0; epoch < 40; epoch++)
      sum += (await all(numbers.shuffle({ key: random.seed(9), buffer: 100 }).epoch(epoch))).indexOf(0) / 40;
    expect(Math.abs(sum - 49.5)).toBeLessThan(20);
  });

  it("read ahead, in the same order, and close what they read from", async () => {
    let [begun, closed] = [0, false];
    const source = new data.Stream(async function* () {
      try {
        for (let i = 0; i < 50; i++) {
          begun++;
          yield i;
        }
      } finally {
        closed = true;
      }
    });
    expect(await all(source.prefetch(5))).toEqual(hundred.slice(0, 50));
    begun = 0;
    closed = false;
    for await (const value of source.prefetch(5)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (value === 3) break;
    }
    expect(begun).toBeGreaterThan(4);
    expect(begun).toBeLessThan(12);
    expect(closed).toBe(true);
  });

  it("pass on an error in its turn", async () => {
    const failing = new data.Stream(async function* () {
      yield 1;
      throw new Error("no more");
    });
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const value of failing.prefetch(3)) seen.push(value);
      })(),
    ).rejects.toThrow("no more");
    expect(seen).toEqual([1]);
  });
});

describe("files as streams", () => {
  it("give lines, JSON and rows", async () => {
    expect(await all(data.streamLines(file("a.txt", "one\r\ntwo\n\nthree")))).toEqual(["one", "two", "", "three"]);
    expect(await all(data.streamJsonLines(file("a.jsonl", '{"a":1}\n\n{"a":2}\n')))).toEqual([{ a: 1 }, { a: 2 }]);
    const rows = data.streamCsv(file("a.csv", 'x,name\n1,"a, b"\n2,c\n'));
    expect(await all(rows)).toEqual([
      { x: "1", name: "a, b" },
      { x: "2", name: "c" },
    ]);
    // Leaving early closes the file; each pass reads anew.
    expect(await all(rows.take(1))).toEqual([{ x: "1", name: "a, b" }]);
  });
});

describe("a file of records", () => {
  it("gives any batch from disk, shuffled as a dataset in memory is", async () => {
    const count = 25;
    const bytes = new Uint8Array(4 + count * 7);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < count; i++) {
      bytes[4 + 7 * i] = i;
      view.setInt16(4 + 7 * i + 1, -i, true);
      view.setFloat32(4 + 7 * i + 3, i / 4, true);
    }
    const records = await data.RecordFile.open(file("a.bin", bytes), {
      size: 7,
      header: 4,
      fields: {
        label: { offset: 0, stored: "uint8", shape: [], dtype: "int32" },
        x: { offset: 1, stored: "int16", shape: [1], dtype: "float32", scale: 2, shift: 1 },
        y: { offset: 3, stored: "float32", shape: [], dtype: "float32" },
      },
    });
    const { label, x, y } = await records.gather([24, 3]);
    expect(await label.toArray()).toEqual([24, 3]);
    expect(await x.toArray()).toEqual([[-47], [-5]]);
    expect(await y.toArray()).toEqual([6, 0.75]);
    const memory = new data.Dataset({
      label: { values: Int32Array.from({ length: count }, (_, i) => i), shape: [], dtype: "int32" },
    });
    const options = { size: 4, shuffle: random.seed(3), dropLast: true };
    for (const epoch of [0, 1]) {
      const here = await Promise.all([...memory.batches(options).epoch(epoch)].map((batch) => batch.label.toArray()));
      const there = await Promise.all(
        (await all(records.batches(options).epoch(epoch))).map((batch) => batch.label.toArray()),
      );
      expect(there).toEqual(here);
    }
    await records.close();
  });
});

describe("threads", () => {
  it("change examples beside the main one, in order", async () => {
    const module = file(
      "square.mjs",
      "import { threadId } from 'node:worker_threads';\nexport default async (n) => { await new Promise((r) => setTimeout(r, n % 3)); return { square: n * n, threadId }; };\n",
    );
    const found = await all(
      data.inWorkers<number, { square: number; threadId: number }>(numbers, pathToFileURL(module), { workers: 2 }),
    );
    expect(found.map(({ square }) => square)).toEqual(hundred.map((n) => n * n));
    expect(new Set(found.map(({ threadId }) => threadId)).size).toBe(2);
    const some = data.inWorkers<number, { square: number }>(numbers, pathToFileURL(module)).take(3);
    expect((await all(some)).length).toBe(3);
  });
});

describe("a mistake with streams", () => {
  const bad = pathToFileURL(file("bad.mjs", "export default () => { throw new Error('no such thing'); };"));
  const ends = pathToFileURL(
    file("ends.mjs", "export default (n) => n < 20 ? n : (process.exit(3), new Promise(() => {}));"),
  );
  const later = pathToFileURL(
    file(
      "later.mjs",
      "setTimeout(() => { throw new Error('too late'); }, 50); export default () => new Promise(() => {});",
    ),
  );
  const odd = pathToFileURL(
    file("odd.mjs", "setTimeout(() => { throw 7; }, 50); export default () => new Promise(() => {});"),
  );
  const open = (size: number, offset = 0) =>
    data.RecordFile.open(file("b.bin", new Uint8Array(10)), {
      size,
      fields: { a: { offset, stored: "int16", shape: [], dtype: "int32" } },
    });
  refused([
    ["batches of nothing", () => numbers.batch(0), /size is 0, expected a whole number of 1 or more/],
    ["fewer than none", () => numbers.take(-1), /count is -1, expected a whole number of 0 or more/],
    ["a buffer of nothing", () => numbers.shuffle({ key: random.seed(1), buffer: 0 }), /buffer is 0/],
    ["half a batch ahead", () => numbers.prefetch(0.5), /count is 0\.5/],
    ["lines of no file", () => all(data.streamLines(join(folder, "none"))), /none: there is no such file/],
    ["lines of a folder", () => all(data.streamLines(folder)), /streamLines: .* is a folder, expected a file/],
    ["JSON of a folder", () => all(data.streamJsonLines(folder)), /is a folder, expected a file/],
    ["rows of a folder", () => all(data.streamCsv(folder)), /streamCsv: .* is a folder, expected a file/],
    ["rows of no file", () => all(data.streamCsv(join(folder, "none"))), /none: there is no such file/],
    [
      "rows of different lengths",
      () => all(data.streamCsv(file("odd.csv", "a,b\n1\n"))),
      /odd\.csv: Invalid Record Length/,
    ],
    ["a line that is no JSON", () => all(data.streamJsonLines(file("odd.jsonl", "1\n{\n"))), /line 2 is no JSON/],
    ["records that do not fill a file", () => open(3), /holds 3\.33\d* records of 3 bytes, expected a whole number/],
    ["a field outside the record", () => open(5, 4), /a does not lie within the 5 bytes of a record/],
    [
      "a file of records that is not there",
      () => data.RecordFile.open(join(folder, "none"), { size: 1, fields: {} }),
      /there is no such file/,
    ],
    ["a record past the last", async () => (await open(5)).gather([2]), /record 2 is outside 0 … 1/],
    ["a module that throws", () => all(data.inWorkers(numbers, bad)), /bad\.mjs: no such thing/],
    [
      "a module that is not there",
      () => all(data.inWorkers(numbers, new URL("file:///none.mjs"))),
      /none\.mjs: Cannot find module/,
    ],
    [
      "a thread that ends itself",
      () => all(data.inWorkers(numbers, ends)),
      /ends\.mjs: a thread ended with 3 before its work/,
    ],
    ["an error that nobody catches", () => all(data.inWorkers(numbers, later)), /later\.mjs: too late/],
    ["an error that is none", () => all(data.inWorkers(numbers, odd)), /odd\.mjs: 7\./],
    ["no workers", () => data.inWorkers(numbers, bad, { workers: 0 }), /workers is 0, expected a positive integer/],
  ]);
});

describe("training", () => {
  it("takes batches as they come from a stream, as from a list", async () => {
    const batches = numbers.take(20).map((n) => ({ x: full([1, 1], n / 20), y: full([1, 1], n / 10) }));
    const squared = (m: nn.Sequential, { x, y }: { x: Tensor; y: Tensor }) => m.forward(x).sub(y).square().mean();
    const run = async (from: Batches<{ x: Tensor; y: Tensor }>) => {
      const model = nn.init(new nn.Sequential([new nn.Linear(1, 1)]), { seed: 1 });
      const losses: number[] = [];
      const options = { loss: squared, optimizer: optim.sgd({ rate: 0.1 }), epochs: 2 };
      for await (const { loss } of train(model, from, options)) losses.push(loss);
      return [...losses, await evaluate(model, batches, squared)];
    };
    const found = await run(batches.prefetch(2));
    expect(found.length).toBe(41);
    expect(found).toEqual(await run(await all(batches)));
  });
});
