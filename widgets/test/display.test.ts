import { expect, test } from "vitest";
import { confusionMatrix, displaySymbol, featureMaps, filters, lossCurve, table } from "../src/index.ts";
import { gallery, tensor } from "./browser/gallery.ts";
import { countingView, shown } from "./showing.ts";

test("the display symbol is the well-known one that kernels look for", () => {
  expect(displaySymbol).toBe(Symbol.for("Jupyter.display"));
});

test("every widget has a picture or a table, and a text that needs no front end", async () => {
  for (const [name, widget] of Object.entries(gallery())) {
    const bundle = await shown(widget);
    expect(bundle["text/plain"], name).not.toBe("");
    expect(Boolean(bundle["image/svg+xml"] ?? bundle["text/html"]), name).toBe(true);
    // Whatever is no file must survive the way to the front end as JSON.
    const { "image/png": _, ...rest } = bundle;
    expect(JSON.parse(JSON.stringify(rest)), name).toEqual(rest);
  }
});

test("all views of a widget hear of every change, each view once", async () => {
  const ones = tensor([2, 1, 3, 3], () => 1);
  const curve = lossCurve();
  const weights = filters(ones);
  const maps = featureMaps(tensor([2, 3, 3], () => 1));
  const confusion = confusionMatrix([[1]]);
  const rows = table([{ a: 1 }]);
  const changes = [
    [curve, () => curve.add({ step: 1, loss: 1 })],
    [curve, () => curve.run("second").add({ step: 1, loss: 1 })],
    [curve, () => curve.clear()],
    [weights, () => weights.update(ones)],
    [maps, () => maps.update()],
    [confusion, () => confusion.update([[2]])],
    [rows, () => rows.update([{ a: 2 }])],
  ] as const;
  for (const [widget, change] of changes) {
    const [first, second] = [countingView(), countingView()];
    await shown(widget, first);
    await shown(widget, second);
    await shown(widget, first);
    change();
    expect([first.changes, second.changes]).toEqual([1, 1]);
  }
});

test("a source that is a function is read again at each update", async () => {
  let current = tensor([1, 1, 2, 2], ([, , y, x]) => y! + x!);
  const weights = filters(() => current);
  expect((await shown(weights))["text/plain"]).toContain("0 … 2");
  current = tensor([1, 1, 2, 2], ([, , y, x]) => 10 * (y! + x!));
  weights.update();
  expect((await shown(weights))["text/plain"]).toContain("0 … 20");
});
