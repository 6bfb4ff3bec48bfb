import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FrameReader } from "../../src/runtime/framing.ts";

interface Value {
  text: string;
  buffers?: Uint8Array[];
}

test("frames come out as they went in, with their buffers, however the bytes are split", () => {
  const value = fc.record(
    { text: fc.string({ unit: "binary" }), buffers: fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1 }) },
    { requiredKeys: ["text"] },
  );
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 8 }),
      fc.array(fc.nat(60), { maxLength: 60 }),
      (values: Value[], cuts: number[]) => {
        const bytes = Buffer.concat(values.flatMap(encodeFrame));
        const reader = new FrameReader<Value>();
        const read: Value[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          read.push(...reader.read(bytes.subarray(at, at + cut)));
          at += cut;
        }
        // JSON replaces lone surrogates no more than UTF-8 does: compare what can be written at all.
        expect(read.map(({ text }) => text)).toEqual(
          values.map(({ text }) => JSON.parse(Buffer.from(JSON.stringify(text)).toString())),
        );
        expect(read.map(({ buffers = [] }) => buffers.map((buffer) => [...buffer]))).toEqual(
          values.map(({ buffers = [] }) => buffers.map((buffer) => [...buffer])),
        );
      },
    ),
  );
});

test("each buffer of a frame has memory of its own, which can be handed to another thread", () => {
  const frame = Buffer.concat(encodeFrame({ buffers: [new Uint8Array([1, 2, 3]), new Uint8Array(0)] }));
  const [{ buffers }] = [...new FrameReader<Required<Value>>().read(frame)] as [Required<Value>];
  expect(buffers.map(({ buffer, byteOffset }) => [buffer.byteLength, byteOffset])).toEqual([
    [3, 0],
    [0, 0],
  ]);
});

test("a large buffer in very small pieces takes time in proportion to its size", () => {
  const bytes = Buffer.concat(encodeFrame({ buffers: [new Uint8Array(8_000_000).fill(7)] }));
  const reader = new FrameReader<Required<Value>>();
  let found: Required<Value> | undefined;
  const started = performance.now();
  for (let at = 0; at < bytes.length; at += 100)
    for (const value of reader.read(bytes.subarray(at, at + 100))) found = value;
  // Joining what has come so far with every piece would copy 320 GB.
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(found?.buffers[0]?.at(-1)).toBe(7);
});
