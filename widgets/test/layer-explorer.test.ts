import { capture, flatten, inspect, nn, random, relu, type Tensor } from "gradbook";
import { describe, expect, test } from "vitest";
import { layerExplorer } from "../src/index.ts";
import { measure, overInputs, statisticsOf } from "../src/layers/channel-statistics.ts";
import { keptFilters, mapsPlan, withinBudget, withSnapshot } from "../src/layers/kept.ts";
import { orderOf } from "../src/layers/layer-tiles.ts";
import { bytesOf, pack, unpack } from "../src/layers/packed.ts";
import { shown } from "./showing.ts";
import { tensor } from "./tensor.ts";

describe("with the library", () => {
  test("its functions are given as they are: capture, saliency and Grad-CAM", async () => {
    const model = nn.init(
      new nn.Sequential([
        new nn.Conv2d(1, 4, 3),
        relu,
        new nn.Conv2d(4, 6, 3),
        relu,
        (x: Tensor) => flatten(x, 1),
        new nn.Linear(6 * 36, 10),
      ]),
      { seed: 1 },
    );
    const images = random.seed(2).uniform([5, 1, 10, 10]);
    const filters = inspect.filters(model);
    const explorer = layerExplorer({
      layers: {
        c1: { filters: () => filters.get("0")!, maps: (x) => capture(model, x.expandDims(0)).get("1") },
        c3: { filters: filters.get("2")!, maps: async (x) => capture(model, x.expandDims(0)).get("3") },
      },
      inputs: images,
      overlays: {
        saliency: (x) => inspect.saliency(model, x.expandDims(0)),
        "Grad-CAM": (x) => inspect.gradCam(model, x.expandDims(0), { layer: "3" }),
      },
    });
    const text = (await shown(explorer))["text/plain"];
    expect(text).toContain("c1: filters [4, 1, 3, 3]");
    expect(text).toContain("c1: feature maps [4, 8, 8]");
    const first = capture(model, images.at("0:1")).get("1")!;
    const values = [...(await first.data())].slice(0, 64);
    const highest = Number(Math.max(...values).toPrecision(4));
    expect(text).toContain(`channel 0: 0 … ${highest === 0 ? "0" : highest}`);
  });

  test("a name that no layer has is refused when it is computed, by the layer's place", async () => {
    const model = nn.init(new nn.Sequential([new nn.Conv2d(1, 4, 3), relu]), { seed: 1 });
    const explorer = layerExplorer({
      layers: { c1: { maps: (x) => capture(model, x.expandDims(0)).get("conv1") } },
      inputs: random.seed(2).uniform([2, 1, 8, 8]),
    });
    await expect(shown(explorer)).rejects.toThrow(
      "layerExplorer: layers.c1.maps gave undefined for input 0, expected a tensor. Is its name right?",
    );
  });
});

describe("the static picture", () => {
  test("shows filters, input and maps of the layer, one below the other", async () => {
    const explorer = layerExplorer(
      {
        layers: {
          c1: {
            filters: tensor([2, 1, 2, 2], ([o, , y]) => o! + y!),
            maps: (_, index) => tensor([3, 2, 2], ([c]) => c! + index),
          },
          c3: { filters: tensor([2, 2, 2, 2], () => 1) },
        },
        inputs: tensor([2, 4, 4], ([n]) => n! / 2),
        inputLabels: ["dark", "grey"],
      },
      { title: "A network" },
    );
    const bundle = await shown(explorer);
    expect(Object.keys(bundle).sort()).toEqual(["image/svg+xml", "text/plain"]);
    const titles = [...bundle["image/svg+xml"].matchAll(/font-weight="600">([^<]+)</g)].map((match) => match[1]);
    expect(titles).toEqual(["c1: filters", "input 0: dark", "c1: feature maps", "A network"]);
    expect(bundle["text/plain"]).toContain("Other layers: c3.");
  });

  test("follows snapshots and updates", async () => {
    let value = 1;
    const explorer = layerExplorer({
      layers: { c1: { filters: () => tensor([1, 1, 1, 2], ([, , , x]) => x! * value) } },
    });
    expect((await shown(explorer))["text/plain"]).toContain("0 … 1");
    value = 2;
    expect((await shown(explorer))["text/plain"]).toContain("0 … 1");
    await explorer.snapshot(1);
    expect((await shown(explorer))["text/plain"]).toContain("0 … 2");
    value = 3;
    await explorer.update();
    expect((await shown(explorer))["text/plain"]).toContain("0 … 3");
  });

  test("inputs without a method to take one of them are cut, and bytes beside the maps are not computed twice", async () => {
    const got: unknown[] = [];
    const explorer = layerExplorer({
      layers: {
        c1: {
          maps: async (x, index) => {
            got.push([index, x.shape, [...Array.from(await x.data())]]);
            return tensor([1, 1, 1, 1], () => index);
          },
        },
      },
      inputs: tensor([2, 1, 1, 2], ([n, , , x]) => 10 * n! + x!),
    });
    await shown(explorer);
    await shown(explorer);
    expect(got).toEqual([
      [0, [1, 1, 2], [0, 1]],
      [1, [1, 1, 2], [10, 11]],
    ]);
  });
});

describe("what does not fit is refused", () => {
  const images = tensor([2, 4, 4], () => 0);
  const maps = () => tensor([1, 2, 2], () => 0);

  test("in the line that gives it", () => {
    expect(() => layerExplorer({ layers: {} })).toThrow(
      "layerExplorer: there are no layers, expected { layers: { c1: { filters: … } } }.",
    );
    expect(() => layerExplorer({ layers: { c1: {} } })).toThrow(
      "layerExplorer: layers.c1 has neither filters nor maps. Give one of them.",
    );
    expect(() => layerExplorer({ layers: { c1: { maps } } })).toThrow("layers.c1 has maps, and there are no inputs");
    expect(() => layerExplorer({ layers: { c1: { filters: tensor([10], () => 0) } } })).toThrow(
      "layerExplorer: layers.c1.filters: [10] has 1 axis; expected [out, in, height, width]",
    );
    expect(() => layerExplorer({ layers: { c1: { maps } }, inputs: tensor([4, 2, 3, 3], () => 0) })).toThrow(
      "layerExplorer: inputs are [4, 2, 3, 3]; expected [n, height, width] or [n, 1 or 3, height, width].",
    );
    expect(() => layerExplorer({ layers: { c1: { maps } }, inputs: images, inputLabels: ["a"] })).toThrow(
      "layerExplorer: 1 inputLabels for 2 inputs. Give one for each.",
    );
    expect(() => layerExplorer({ layers: { c1: { maps } }, inputs: images }, { atFirst: 0 })).toThrow("atFirst is 0");
  });

  test("or, of what is computed, when it is drawn", async () => {
    const wrong = layerExplorer({ layers: { c1: { maps: () => tensor([2, 1, 2, 2], () => 0) } }, inputs: images });
    await expect(shown(wrong)).rejects.toThrow("layerExplorer: layers.c1.maps: [2, 1, 2, 2] holds 2 examples");
    const flat = layerExplorer({
      layers: { c1: { maps } },
      inputs: images,
      overlays: { saliency: () => tensor([3, 4, 4], () => 0) },
    });
    await expect(shown(flat)).rejects.toThrow('overlays["saliency"] gave [3, 4, 4], expected [height, width]');
  });
});

describe("what is kept", () => {
  test("bytes are within half a step of the value, the ends exact, and say what is not finite", () => {
    const values = Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? Math.sin(i) : 100 + i));
    values[5] = Number.NaN;
    values[20] = Number.POSITIVE_INFINITY;
    const read = unpack(pack([2, 3, 4], values, false));
    const steps = [2 / 254, 11 / 254];
    for (const [i, value] of values.entries()) {
      if (i === 5 || i === 20) expect(read[i]).toBeNaN();
      else expect(Math.abs(read[i]! - value)).toBeLessThanOrEqual(steps[i < 12 ? 0 : 1]! / 2 + 1e-6);
    }
    expect(read[12]).toBe(112);
    expect(read[23]).toBe(123);
    expect([...unpack(pack([2, 3, 4], values, true))]).toEqual([...values]);
  });

  test("maps are kept exactly where there is room, as bytes of fewer inputs or channels where not", () => {
    expect(mapsPlan([[6, 28, 28]], 16)).toMatchObject({ exact: true, inputs: 16 });
    const large = [[64, 112, 112]];
    expect(mapsPlan(large, 16)).toMatchObject({ exact: false, inputs: 5 });
    const huge = [512, 224, 224];
    const plan = mapsPlan([huge], 16);
    expect(plan).toMatchObject({ exact: false, inputs: 1 });
    expect(bytesOf([plan.channels(huge), 224, 224], false)).toBeLessThanOrEqual(4 * 2 ** 20);
  });

  test("of filters too many for a notebook the first outputs are kept", () => {
    const shape = [512, 512, 3, 3];
    const { now, outputs } = keptFilters({ shape, values: new Float32Array(512 * 512 * 9) });
    expect(outputs).toBe(512);
    expect(now.shape[0]).toBeLessThan(512);
    expect(bytesOf(now.shape, now.exact)).toBeLessThanOrEqual(2 ** 20);
  });

  test("snapshots that become too many are thinned out, the last one stays", () => {
    const shape = [64, 64, 3, 3];
    const values = new Float32Array(64 * 64 * 9);
    let snapshots = withSnapshot([], 0, { shape, values });
    for (let epoch = 1; epoch < 100; epoch++) {
      snapshots = withSnapshot(snapshots, epoch, { shape, values });
      expect(snapshots.at(-1)!.epoch).toBe(epoch);
      expect(snapshots[0]!.epoch).toBe(0);
    }
    const bytes = snapshots.reduce((sum, { filters }) => sum + bytesOf(filters.shape, filters.exact), 0);
    expect(bytes).toBeLessThanOrEqual(2 * 2 ** 20);
    expect(snapshots.length).toBeGreaterThan(10);
  });

  test("of maps asked for later those asked for last are kept, beside the first ones", () => {
    const entry = (input: number) => ({
      input,
      maps: { ...pack([1, 1, 1], [0], false), shape: [100, 100, 100] },
      statistics: new Float32Array(0),
    });
    let entries = [entry(0), entry(1)] as ReturnType<typeof withinBudget>;
    for (const input of [7, 8, 9, 10, 11]) entries = withinBudget(entries, entry(input), 2);
    expect(entries.map(({ input }) => input)).toEqual([0, 1, 8, 9, 10, 11]);
  });

  test("channels are measured one by one, and over all inputs", () => {
    const one = measure([1, 2, 3, 4, Number.NaN, -1], 3);
    expect(statisticsOf(one, 0)).toEqual({ low: 1, high: 2, mean: 1.5, norm: Math.fround(Math.sqrt(5)) });
    expect(statisticsOf(one, 2)).toMatchObject({ low: -1, high: -1, mean: Number.NaN });
    const other = measure([5, 7], 1);
    expect(overInputs([one, other], 0)).toMatchObject({ low: 1, high: 7, mean: 3.75 });
  });

  test("the largest come first, those without a number last", () => {
    const sizes = [2, Number.NaN, 5, 2, 9];
    expect(orderOf("norm", 5, (channel) => sizes[channel]!)).toEqual([4, 2, 0, 3, 1]);
    expect(orderOf("index", 3, () => 0)).toEqual([0, 1, 2]);
  });
});
