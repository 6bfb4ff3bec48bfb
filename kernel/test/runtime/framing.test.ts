import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FrameReader } from "../../src/runtime/framing.ts";

test("frames come out as they went in, however the bytes are split", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ text: fc.string({ unit: "binary" }) }), { maxLength: 8 }),
      fc.array(fc.nat(60), { maxLength: 60 }),
      (values, cuts) => {
        const bytes = Buffer.concat(values.map(encodeFrame));
        const reader = new FrameReader<{ text: string }>();
        const read: { text: string }[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          read.push(...reader.read(bytes.subarray(at, at + cut)));
          at += cut;
        }
        // JSON replaces lone surrogates no more than UTF-8 does: compare what can be written at all.
        expect(read).toEqual(values.map((value) => JSON.parse(Buffer.from(JSON.stringify(value)).toString())));
      },
    ),
  );
});
