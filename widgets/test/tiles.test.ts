import { decode } from "fast-png";
import { describe, expect, test } from "vitest";
import { featureMaps, filters, imageGrid } from "../src/index.ts";
import { tensor } from "./browser/gallery.ts";
import { type Bundle, shown } from "./showing.ts";

/** The colour of the pixel at x, y of the PNG in a bundle. */
function pixel(bundle: Bundle, x: number, y: number): number[] {
  const { width, data } = decode(bundle["image/png"]);
  return [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
}

describe("filters", () => {
  const ramp = tensor([2, 1, 2, 2], ([o, , y, x]) => (o === 0 ? 2 * y! + x! - 1 : 0.5));

  test("negative, zero and positive values are blue, white and red, each an enlarged square", async () => {
    const bundle = await shown(filters(ramp, { scale: 3 }));
    expect(pixel(bundle, 1, 1)).toEqual([67, 147, 195, 255].map((_, i) => pixel(bundle, 2, 2)[i]));
    const [red, , blue] = pixel(bundle, 0, 0);
    expect(blue!).toBeGreaterThan(red!);
    expect(pixel(bundle, 5, 0)).toEqual([247, 247, 247, 255]);
    expect(pixel(bundle, 5, 5)).toEqual([103, 0, 31, 255]);
    expect(pixel(bundle, 6, 0)[3]).toBe(0);
  });

  test("each tile can have the whole range of greys for itself", async () => {
    const bundle = await shown(filters(ramp, { scale: 1, colours: "grey", normalise: "each" }));
    expect(pixel(bundle, 0, 0)).toEqual([0, 0, 0, 255]);
    expect(pixel(bundle, 1, 1)).toEqual([255, 255, 255, 255]);
    expect(bundle["application/vnd.plotly.v1+json"].data[0]).toHaveProperty("customdata[1][0]", ["output 0", 1, 0, 1]);
  });

  test("filters on red, green and blue are shown in colour", async () => {
    const primary = tensor([3, 3, 1, 1], ([o, c]) => (o === c ? 1 : 0));
    const bundle = await shown(filters(primary, { scale: 1 }));
    const stride = decode(bundle["image/png"]).width === 3 ? 1 : (decode(bundle["image/png"]).width - 1) / 2;
    expect([0, 1, 2].map((tile) => pixel(bundle, tile * stride, 0).slice(0, 3))).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
    expect(bundle["application/vnd.plotly.v1+json"].data[0]).toHaveProperty("type", "image");
  });

  test("several inputs make a table of outputs by inputs, values in their places", async () => {
    const many = tensor([4, 5, 3, 2], ([o, i, y, x]) => 1000 * o! + 100 * i! + 10 * y! + x!);
    const { data, layout } = (await shown(filters(many)))["application/vnd.plotly.v1+json"];
    const { z, customdata } = data[0] as { z: (number | null)[][]; customdata: unknown[][] };
    expect([z.length, z[0]!.length]).toEqual([4 * 4 - 1, 5 * 3 - 1]);
    expect(z[3 * 4 + 2]![2 * 3 + 1]).toBe(3221);
    expect(customdata[3 * 4 + 2]![2 * 3 + 1]).toEqual(["output 3, input 2", 2, 1]);
    expect(z[3]![0]).toBeNull();
    expect(layout).toHaveProperty("xaxis.ticktext", ["0", "1", "2", "3", "4"]);
    expect(layout).toHaveProperty("yaxis.ticktext", ["0", "1", "2", "3"]);
  });

  test("a constant filter is outlined and named, in the picture and in the text", async () => {
    const bundle = await shown(filters(ramp));
    expect(bundle["image/svg+xml"]).toContain("Constant (dashed): output 1.");
    expect(bundle["text/plain"]).toBe(
      "filters [2, 1, 2, 2]: −1 … 2\n  output 0: −1 … 2\n  output 1: 0.5 … 0.5\n  Constant (dashed): output 1.",
    );
  });

  test("of very many filters the first are shown and the rest is admitted", async () => {
    const bundle = await shown(filters(tensor([70, 80, 1, 1], ([o, i]) => o! - i!)));
    expect(bundle["text/plain"]).toContain("The first 64 of 70 outputs.");
    expect(bundle["text/plain"]).toContain("The first 64 of 80 inputs.");
  });

  test("shapes that are no filters are refused with what was expected", () => {
    const of = (shape: readonly number[]) => () => filters(tensor(shape, () => 0));
    expect(of([10])).toThrow(
      "filters: [10] has 1 axis; expected [out, in, height, width], for example model.layers[0].weight.",
    );
    expect(of([120, 400])).toThrow(/has 2 axes.*weight\.reshape\(\[out, 1, height, width\]\)/);
    expect(of([0, 1, 5, 5])).toThrow("filters: [0, 1, 5, 5] holds no values; expected");
    expect(() => filters({} as never)).toThrow("filters: this is no tensor: it has no shape and data().");
    expect(() => filters(ramp).update(tensor([10], () => 0))).toThrow("filters: [10] has 1 axis");
  });

  test("what a function gives is checked when it is drawn, as it may have nothing to give yet", async () => {
    await expect(shown(filters(() => tensor([10], () => 0)))).rejects.toThrow("filters: [10] has 1 axis");
    await expect(shown(filters(() => ({}) as never))).rejects.toThrow("filters: this is no tensor");
  });

  test("a size that is no whole number is refused by the name of its option", () => {
    expect(() => filters(ramp, { scale: 0.5 })).toThrow("filters: scale is 0.5, expected a whole number from 1.");
    expect(() => filters(ramp, { columns: Number.NaN })).toThrow("filters: columns is NaN, expected a whole number");
    expect(() =>
      imageGrid(
        tensor([1, 1, 1], () => 0),
        { columns: 0 },
      ),
    ).toThrow("imageGrid: columns is 0, expected");
    expect(() =>
      featureMaps(
        tensor([1, 1, 1], () => 0),
        { scale: -1 },
      ),
    ).toThrow("featureMaps: scale is -1, expected");
  });

  test("values that are not as many as the shape says are refused", async () => {
    const short = { shape: [1, 1, 2, 2], data: async () => [1, 2, 3] };
    await expect(shown(filters(short))).rejects.toThrow("filters: [1, 1, 2, 2] holds 4 values, data() gave 3.");
  });
});

describe("feature maps", () => {
  test("one example's channels, with or without the axis of examples, look the same", async () => {
    const at = (index: readonly number[]) => index.at(-3)! + 10 * index.at(-2)! + index.at(-1)!;
    const [plain, batched] = await Promise.all(
      [
        [5, 4, 6],
        [1, 5, 4, 6],
      ].map((shape) => shown(featureMaps(tensor(shape, at)))),
    );
    expect(plain!["image/png"]).toEqual(batched!["image/png"]);
  });

  test("dead channels and values that are not finite are pointed out", async () => {
    const maps = featureMaps(tensor([3, 2, 2], ([c, y]) => (c === 0 ? 0 : c === 1 && y === 0 ? Number.NaN : c! + y!)));
    const bundle = await shown(maps);
    expect(bundle["text/plain"]).toContain("Dead for this example (dashed): channel 0.");
    expect(bundle["text/plain"]).toContain("Values that are not finite (magenta): channel 1.");
    expect(JSON.stringify(bundle["application/vnd.plotly.v1+json"])).toContain("null");
  });

  test("a batch of several examples is refused", () => {
    expect(() => featureMaps(tensor([8, 6, 4, 4], () => 1))).toThrow(
      "featureMaps: [8, 6, 4, 4] holds 8 examples; expected [channels, height, width]",
    );
    expect(() => featureMaps(tensor([8, 6], () => 1))).toThrow("featureMaps: the shape is [8, 6]");
  });
});

describe("a grid of images", () => {
  const images = tensor([3, 2, 2], ([n]) => [0, 0.5, 1][n!]!);

  test("keeps black at 0 and white at 1, or at 255 for bytes", async () => {
    for (const scale of [1, 255]) {
      const scaled = tensor([3, 2, 2], ([n]) => [0, 0.5, 1][n!]! * scale);
      const { width, data } = decode((await shown(imageGrid(scaled, { scale: 1 })))["image/png"]);
      const stride = (width - 2) / 2;
      expect([0, 1, 2].map((tile) => data[4 * tile * stride])).toEqual([0, 128, 255]);
    }
  });

  test("captions stand in the picture, line by line, and take the place of forms that cannot show them", async () => {
    const bundle = await shown(imageGrid(images, { captions: ["4, not 9\n99 % sure", "<2>", "7"] }));
    for (const text of [">4, not 9<", ">99 % sure<", ">&lt;2&gt;<"]) expect(bundle["image/svg+xml"]).toContain(text);
    expect(Object.keys(bundle)).toEqual(["text/plain", "image/svg+xml"]);
  });

  test("no images at all make an empty picture, not an error", async () => {
    expect((await shown(imageGrid(tensor([0, 28, 28], () => 0))))["image/svg+xml"]).toContain("No images.");
  });

  test("shapes and captions that do not fit are refused", () => {
    expect(() => imageGrid(tensor([3, 2, 4, 4], () => 0))).toThrow(
      "imageGrid: the shape is [3, 2, 4, 4]; expected [images, height, width], or [images, 1 or 3, height, width].",
    );
    expect(() => imageGrid(images, { captions: ["a"] })).toThrow(
      "imageGrid: 1 captions for 3 images. Give one for each.",
    );
  });
});
