import { expect, test } from "vitest";
import { table } from "../src/index.ts";
import { shown } from "./showing.ts";

test("objects become rows and their fields columns, numbers to the right", async () => {
  const layers = table(
    [
      { layer: "C1", shape: [6, 28, 28], parameters: 156 },
      { layer: "C3", note: "partial" },
    ],
    { title: "Layers" },
  );
  const bundle = await shown(layers);
  expect(bundle["text/plain"]).toBe(
    [
      "Layers",
      "layer  shape        parameters  note",
      "─────  ───────────  ──────────  ───────",
      "C1     [6, 28, 28]         156",
      "C3                              partial",
    ].join("\n"),
  );
  expect(bundle["text/html"]).toContain('<td style="text-align:right">156</td>');
});

test("columns can be chosen and ordered, and text is shown as text", async () => {
  const { "text/html": html } = await shown(table([{ a: "<script>", b: 1, c: 2 }], { columns: ["c", "a"] }));
  expect(html.match(/<th [^>]*>([^<]*)/g)?.map((cell) => cell.replace(/.*>/, ""))).toEqual(["c", "a"]);
  expect(html).toContain("&lt;script&gt;");
  expect(html).not.toContain("<script>");
});

test("no rows make an empty table", async () => {
  expect((await shown(table([], { columns: ["a"] })))["text/html"]).toContain("<tbody></tbody>");
});

test("what is no list of objects is refused where it is given", () => {
  const expected = 'expected a list of objects, for example [{ layer: "C1", parameters: 156 }].';
  expect(() => table({ a: 1 } as never)).toThrow(`table: the rows are an object, ${expected}`);
  expect(() => table([{ a: 1 }, null] as never)).toThrow(`table: row 1 is null, ${expected}`);
  expect(() => table([]).update("abc" as never)).toThrow(`table: the rows are a string, ${expected}`);
  expect(() => table([3] as never)).toThrow(`table: row 0 is a number, ${expected}`);
});
