import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ownRendering } from "../../src/display/bundle.ts";
import { textOf } from "../../src/display/text.ts";

describe("values as text", () => {
  test("read as Node prints them", () => {
    for (const value of [
      1n,
      -0,
      "it's",
      Symbol("s"),
      null,
      undefined,
      /x/g,
      new Date(0),
      new URL("http://a/b"),
      new Map([[1, { a: [] }]]),
      Float64Array.of(1, 2),
      Buffer.from("x"),
      new DataView(new ArrayBuffer(2)),
      Promise.resolve(3),
      class A extends Map {},
    ])
      expect(textOf(value)).toBe(inspect(value, { depth: 4, breakLength: 100 }));
  });

  test("of long typed arrays are both ends and what lies between in numbers", () => {
    const numbers = Float32Array.from({ length: 1000 }, (_, i) => i / 10);
    numbers[500] = Number.NaN;
    expect(textOf(numbers)).toBe(
      "Float32Array(1000) [ 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, …, 99.2, 99.3, 99.4, 99.5, 99.6, 99.7, 99.8, 99.9 ]\n" +
        "min 0, max 99.9, mean 49.9499, NaN 1 times",
    );
    expect(textOf(new Float64Array(30).fill(Number.NaN))).toMatch(/\nNaN 30 times$/);
    expect(textOf(BigInt64Array.from({ length: 30 }, (_, i) => BigInt(i)))).toMatch(
      / 29n \]\nmin 0, max 29, mean 14.5$/,
    );
  });

  test("of functions name their parameters", () => {
    const computed = "a(b";
    const texts = [
      [
        function add(a: number, b = "x)") {
          return a + b;
        },
        '[Function: add] (a, b = "x)")',
      ],
      [async (x: number) => x, "[AsyncFunction (anonymous)] (x)"],
      [
        {
          *[computed](...rest: number[]) {
            yield* rest;
          },
        }[computed],
        "[GeneratorFunction: a(b] (...rest)",
      ],
      [Math.max, "[Function: max]"],
    ] as const;
    for (const [value, text] of texts) expect(textOf(value)).toBe(text);
  });

  test("of errors have their causes, their parts and what else they hold", () => {
    const error = Object.assign(
      new AggregateError([new RangeError("part")], "whole", { cause: new TypeError("why") }),
      { code: "E" },
    );
    const text = textOf(error);
    for (const part of ["AggregateError: whole", "RangeError: part", "[cause]: TypeError: why", "code: 'E'"])
      expect(text).toContain(part);
  });

  test("are there even when the value defends itself", () => {
    const refuse = (): never => {
      throw new Error("no");
    };
    const refusing = new Proxy({}, { get: () => refuse });
    expect(textOf({ [inspect.custom]: refuse, a: 1 })).toMatch(/a: 1[\s\S]*inspect method, which failed: Error: no/);
    expect(
      textOf({
        get [Symbol.toStringTag]() {
          return refuse();
        },
      }),
    ).toContain("cannot be printed");
    expect(
      textOf({
        [inspect.custom]: () => {
          throw Object.create(null);
        },
      }),
    ).toContain("something that cannot be printed");
    expect(textOf(Object.defineProperty([1, 2], 0, { get: refuse }))).toBe("[ [Getter], 2 ]");
    expect(textOf(new Proxy({ a: 1 }, refusing))).toBe("{ a: 1 }");
    expect(
      textOf({
        get a() {
          return refuse();
        },
      }),
    ).toBe("{ a: [Getter] }");
    for (const value of [
      new Proxy([{ a: 1 }], refusing),
      [new Proxy({}, refusing)],
      new Proxy(new Uint8Array(2), refusing),
      new Proxy(() => 1, refusing),
    ])
      expect(Object.keys(ownRendering(value).data)).toEqual(["text/plain"]);
  });

  const deep = (levels: number): object => (levels === 0 ? {} : { o: deep(levels - 1) });
  const wide = (levels: number, row: unknown = 1): unknown =>
    levels === 0 ? row : wide(levels - 1, Array(100).fill(row));
  const manyKeys = () => Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`key${i}`, i]));
  const cyclic: Record<string, unknown> = {};
  cyclic.self = [cyclic];
  test.each<[string, () => unknown, RegExp]>([
    ["a list of ten million", () => Array(1e7).fill(3), /9999900 more items/],
    ["ten million records", () => Array(1e7).fill({ a: 1 }), /9999900 more items/],
    ["a text of 100 MB", () => "x".repeat(1e8), /99990000 more characters/],
    ["an object of many keys", manyKeys, /key199: 199\n\}\n… 299800 more properties$/],
    ["an object of many keys inside others", () => ({ a: { b: manyKeys() } }), /^\{ a: \{ b: \[Object\] \} \}$/],
    ["a hundred million numbers in five dimensions", () => wide(5), /\[Array\]/],
    ["a deep structure", () => deep(5000), /\[Object\]/],
    ["a structure that contains itself", () => cyclic, /Circular/],
    ["a map of a million", () => new Map(Array.from({ length: 1e6 }, (_, i) => [i, i])), /999900 more items/],
  ])("of %s are short, and soon there", (_, make, pattern) => {
    const value = make();
    const start = performance.now();
    const text = ownRendering(value).data["text/plain"] as string;
    expect(performance.now() - start).toBeLessThan(3000);
    expect(text.length).toBeLessThan(200_100);
    expect(text).toMatch(pattern);
  });
});
