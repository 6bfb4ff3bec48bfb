import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { tableOf } from "../../src/display/table.ts";

/** The texts of a table's rows, the head first. */
function rowsOf(value: unknown): string[][] | undefined {
  return tableOf(value)
    ?.split("<tr>")
    .slice(1)
    .map((row) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, text]) => text!.replace(/<[^>]*>/g, "")));
}

describe("tables", () => {
  test("show records by index and name, with what is missing left empty", () => {
    expect(
      rowsOf([
        { name: "a<b", n: 1 },
        { name: "c", n: -0, more: true },
      ]),
    ).toEqual([
      ["", "name", "n", "more"],
      ["0", "a&#60;b", "1", ""],
      ["1", "c", "-0", "true"],
    ]);
  });

  test("put numbers to the right and all else to the left", () => {
    const html = tableOf([
      { name: "a", n: 1.23456789 },
      { name: "b", n: 12n },
    ])!;
    expect(html).toContain('<th style="text-align: right">n</th>');
    expect(html).toContain('<td style="text-align: right">1.23457</td>');
    expect(html).toContain('<td style="text-align: left">a</td>');
  });

  test("shorten what is nested or long instead of giving up", () => {
    const long = "x".repeat(1000);
    const [, row] = rowsOf([{ nested: { deep: [1, 2] }, when: new Date(0), long, nothing: null, f: () => 1 }])!;
    expect(row).toEqual([
      "0",
      "{ deep: [ 1, 2 ] }",
      "1970-01-01T00:00:00.000Z",
      `${"x".repeat(99)}…`,
      "null",
      "[Function: f]",
    ]);
  });

  test("show instances of one class by their fields, and call no getter", () => {
    class Point {
      x: number;
      constructor(x: number) {
        this.x = x;
        Object.defineProperty(this, "y", {
          enumerable: true,
          get: () => {
            throw new Error("called");
          },
        });
      }
    }
    expect(rowsOf([new Point(1), new Point(2)])).toEqual([
      ["", "x", "y"],
      ["0", "1", "getter"],
      ["1", "2", "getter"],
    ]);
    expect(rowsOf([new Point(1), { x: 2 }])).toBeUndefined();
  });

  test("show rows of numbers, in arrays of either kind", () => {
    expect(rowsOf([[1, 2.5], Float32Array.of(3, 4)])).toEqual([
      ["", "0", "1"],
      ["0", "1", "2.5"],
      ["1", "3", "4"],
    ]);
  });

  test("show both ends of long ones, and say how much more there is", () => {
    const rows = Array.from({ length: 1000 }, (_, n) =>
      Object.fromEntries(Array.from({ length: 33 }, (_, c) => [`c${c}`, n])),
    );
    const shown = rowsOf(rows)!;
    expect(shown.map(([index]) => index)).toEqual(["", ...Array(20).keys(), "⋮", 995, 996, 997, 998, 999].map(String));
    expect(new Set(shown.map((row) => row.length))).toEqual(new Set([32]));
    expect(tableOf(rows)).toMatch(/<p>… and 975 more rows and 3 more columns<\/p>$/);
    expect(rowsOf(rows.slice(0, 50))).toHaveLength(51);
    expect(rowsOf(rows.slice(0, 51))).toHaveLength(27);
    expect(tableOf(rows.slice(0, 60).map(({ c0, c1 }) => ({ c0, c1 })))).toMatch(/<p>… and 35 more rows<\/p>$/);
  });

  test("are not made of what shows itself, is empty or is something else", () => {
    for (const value of [
      [],
      [{}],
      [1, 2],
      [[1, 2]],
      [[1], [{}]],
      [new Date(), new Date()],
      [new Map([[1, 2]])],
      [{ a: 1 }, 2],
      Array(2),
      [{ [inspect.custom]: () => "mine", a: 1 }],
      [{ [Symbol.for("Jupyter.display")]: () => ({}), a: 1 }],
      [new Proxy({ a: 1 }, {})],
      { a: 1 },
    ])
      expect(tableOf(value)).toBeUndefined();
  });
});
