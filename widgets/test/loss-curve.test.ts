import { describe, expect, test, vi } from "vitest";
import { type LossCurve, type LossCurveOptions, lossCurve } from "../src/index.ts";
import { shown } from "./showing.ts";

async function figureOf(curve: LossCurve) {
  return (await shown(curve))["application/vnd.plotly.v1+json"];
}

/** A curve with one observation after another. */
function fed(
  options: LossCurveOptions,
  ...observations: readonly { step: number; [metric: string]: number }[]
): LossCurve {
  const curve = lossCurve(options);
  for (const observation of observations) curve.add(observation);
  return curve;
}

describe("what is drawn", () => {
  test("losses on top, other metrics in panels of their own, bookkeeping not at all", async () => {
    const step = { step: 1, epoch: 0, "test error": 0.1, loss: 2, rate: 0.1, gradNorm: 4, "test loss": 2.2 };
    const { data, layout } = await figureOf(fed({}, step));
    expect(data.map((trace) => [trace.legendgroup, trace.yaxis])).toEqual([
      ["loss", "y"],
      ["test loss", "y"],
      ["test error", "y2"],
    ]);
    expect(layout).toHaveProperty("yaxis.title.text", "loss");
    expect(layout).toHaveProperty("yaxis2.title.text", "test error");
  });

  test("exactly the metrics that were asked for", async () => {
    const { data } = await figureOf(fed({ metrics: ["gradNorm"] }, { step: 1, loss: 2, gradNorm: 4 }));
    expect(data.map((trace) => trace.legendgroup)).toEqual(["gradNorm"]);
  });

  test("a field without a value is passed over", async () => {
    const curve = lossCurve();
    curve.add({ step: 1, loss: 2, gradNorm: undefined, "test error": undefined });
    expect((await figureOf(curve)).data.map((trace) => trace.legendgroup)).toEqual(["loss"]);
  });

  test("a long line is smoothed over its raw values, a short one is not", async () => {
    const long = lossCurve({ smoothing: 0.5 });
    for (let step = 1; step <= 200; step++) long.add({ step, loss: step % 2 });
    const [raw, smooth] = (await figureOf(long)).data as { y: number[]; opacity?: number }[];
    expect([raw!.opacity, smooth!.opacity]).toEqual([0.3, undefined]);
    expect(new Set(raw!.y)).toEqual(new Set([0, 1]));
    expect(smooth!.y.at(-1)).toBeCloseTo(1 / 3, 4);
    expect(smooth!.y.at(-2)).toBeCloseTo(2 / 3, 4);
    expect((await figureOf(fed({}, { step: 1, loss: 1 }, { step: 2, loss: 0 }))).data).toHaveLength(1);
  });

  test("on a logarithmic axis values without a logarithm leave a gap", async () => {
    const { data, layout } = await figureOf(
      fed({ yScale: "log" }, { step: 1, loss: 1 }, { step: 2, loss: 0 }, { step: 3, loss: 2 }),
    );
    expect(layout).toHaveProperty("yaxis.type", "log");
    expect(data[0]!.y).toEqual([1, null, 2]);
  });

  test("each kind of metric can have its own scale", async () => {
    const { layout } = await figureOf(fed({ yScale: { error: "log" } }, { step: 1, loss: 1, "test error": 1 }));
    expect(layout).not.toHaveProperty("yaxis.type");
    expect(layout).toHaveProperty("yaxis2.type", "log");
  });

  test("stretches without finite values are marked from their first to their last step", async () => {
    const curve = fed(
      {},
      { step: 1, loss: 1 },
      { step: 2, loss: Number.NaN },
      { step: 3, loss: Number.NaN },
      { step: 4, loss: 3 },
    );
    const bundle = await shown(curve);
    const { shapes } = bundle["application/vnd.plotly.v1+json"].layout as { shapes: { x0: number; x1: number }[] };
    expect(shapes.map(({ x0, x1 }) => [x0, x1])).toEqual([[2, 3]]);
    expect(bundle["image/svg+xml"]).toContain("2 × not finite, first at step 2");
    expect(bundle["text/plain"]).toContain("2 × not finite");
  });

  test("the reader's zoom is kept from one bundle to the next", async () => {
    expect((await figureOf(lossCurve())).layout).toHaveProperty("uirevision", "kept");
  });
});

describe("the horizontal axis", () => {
  test("in epochs, runs with different batch sizes end at the same place", async () => {
    const curve = lossCurve({ x: "epoch" });
    for (const [name, length] of [
      ["small", 4],
      ["large", 2],
    ] as const) {
      for (let step = 1; step <= 2 * length; step++) {
        curve.run(name).add({ step, epoch: Math.floor((step - 1) / length), loss: 1 / step });
      }
    }
    const [small, large] = (await figureOf(curve)).data as { x: number[] }[];
    expect(small!.x).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]);
    expect(large!.x).toEqual([0.5, 1, 1.5, 2]);
  });

  test("in epochs that were never given, it shows steps and says so", async () => {
    const { data, layout } = await figureOf(fed({ x: "epoch" }, { step: 7, loss: 1 }));
    expect(data[0]!.x).toEqual([7]);
    expect(layout).toHaveProperty("xaxis.title.text", "step");
  });

  test("in time, it takes the seconds of the log and otherwise the clock", async () => {
    const given = await figureOf(
      fed({ x: "time" }, { step: 1, seconds: 0.5, loss: 1 }, { step: 2, seconds: 4, loss: 1 }),
    );
    expect(given.data[0]!.x).toEqual([0.5, 4]);
    const clock = (await figureOf(fed({ x: "time" }, { step: 1, loss: 1 }, { step: 2, loss: 1 }))).data[0]!
      .x as number[];
    expect(clock[0]).toBe(0);
    expect(clock[1]).toBeGreaterThanOrEqual(0);
  });
});

describe("several runs", () => {
  test("have colours of their own, the same in every panel, and one entry in the legend", async () => {
    const curve = lossCurve();
    for (const name of ["tanh", "ReLU"]) curve.run(name).add({ step: 1, loss: 1, "test error": 0.1 });
    const data = (await figureOf(curve)).data as {
      legendgroup: string;
      line: { color: string };
      showlegend: boolean;
    }[];
    expect(data.map((trace) => trace.legendgroup)).toEqual(["tanh", "ReLU", "tanh", "ReLU"]);
    expect(data[0]!.line.color).toBe(data[2]!.line.color);
    expect(data[0]!.line.color).not.toBe(data[1]!.line.color);
    expect(data.map((trace) => trace.showlegend)).toEqual([true, true, false, false]);
  });

  test("training again from the start draws a new line beside the old one", async () => {
    const curve = fed({}, { step: 1, loss: 3 }, { step: 2, loss: 2 }, { step: 1, loss: 5 }, { step: 2, loss: 4 });
    expect((await figureOf(curve)).data.map(({ legendgroup, y }) => [legendgroup, y])).toEqual([
      ["run 1", [3, 2]],
      ["run 2", [5, 4]],
    ]);
  });

  test("of two loops that take turns without names not every step is a run, and it is said once", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    // However long it takes, it takes no time.
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const curve = lossCurve();
      for (let step = 1; step <= 500; step++) {
        curve.add({ step: 1000 + step, loss: 1 });
        curve.add({ step, loss: 2 });
      }
      vi.useRealTimers();
      const { data } = await figureOf(curve);
      const runs = new Set(data.map(({ legendgroup }) => legendgroup));
      expect(runs.size).toBeGreaterThan(1);
      expect(runs.size).toBeLessThanOrEqual(21);
      expect(warned).toHaveBeenCalledOnce();
      expect(warned.mock.calls[0]![0]).toContain('curve.run("a").add(step)');
      expect((await shown(curve))["text/plain"]).toContain("step 1,500");
    } finally {
      vi.useRealTimers();
      warned.mockRestore();
    }
  });

  test("a hundred short trainings one after another are a hundred runs", async () => {
    const curve = lossCurve();
    for (let run = 0; run < 100; run++) for (let step = 1; step <= 20; step++) curve.add({ step, loss: run });
    expect((await figureOf(curve)).data).toHaveLength(100);
  });

  test("a test error that arrives a step late belongs to the run it came from", async () => {
    const curve = fed({}, { step: 1, loss: 3 }, { step: 2, loss: 2 }, { step: 1, "test error": 5 });
    expect((await figureOf(curve)).data).toHaveLength(2);
  });

  test("a cleared curve starts from nothing", async () => {
    const curve = fed({}, { step: 1, loss: 3 });
    curve.clear();
    expect((await shown(curve))["text/plain"]).toBe("lossCurve: nothing added yet");
    curve.add({ step: 1, loss: 2 });
    expect((await figureOf(curve)).data[0]!.y).toEqual([2]);
  });
});

describe("in words", () => {
  test("one line says where it stands, the best values, and the shape of the curve", async () => {
    const errors = [0.5, 0.3, 0.2, 0.25].map((loss, index) => ({
      step: 1000 * (index + 1),
      loss,
      "test accuracy": 1 - loss,
    }));
    expect((await shown(fed({ title: "LeNet-5" }, ...errors)))["text/plain"]).toBe(
      "LeNet-5: step 4,000 · loss 0.25 (best 0.2 at step 3,000) █▃▁▂ · test accuracy 0.75 (best 0.8 at step 3,000) ▁▆█▇",
    );
  });

  test("what is better can be said", async () => {
    const curve = fed({ higherIsBetter: ["margin"] }, { step: 1, margin: 2 }, { step: 2, margin: 1 });
    expect((await shown(curve))["text/plain"]).toContain("best 2 at step 1");
  });
});

test("after 100,000 steps a bundle is still small", async () => {
  const curve = lossCurve({ yScale: "log" });
  for (let step = 1; step <= 100_000; step++) {
    curve.add({ step, loss: Math.exp(-step / 3e4) * (1 + 0.5 * Math.sin(step * 12.9898)) });
  }
  expect(JSON.stringify(await shown(curve)).length).toBeLessThan(150_000);
});

describe("errors", () => {
  test("an observation without a step says what is missing", () => {
    const curve = lossCurve();
    expect(() => curve.add({ loss: 1 } as unknown as { step: number })).toThrow(
      "lossCurve: step is undefined, expected a number. For example curve.add({ step: 12, loss: 0.7 }).",
    );
  });

  test("a metric that is no number is refused with the way to one, and leaves no trace", async () => {
    class Tensor {
      item = async () => 1;
    }
    const curve = lossCurve();
    const add = (value: unknown) => () => curve.run("a").add({ step: 1, "test loss": value as number });
    expect(add(new Tensor())).toThrow('lossCurve: "test loss" is a Tensor, expected a number: await x.item().');
    expect(add(Promise.resolve(1))).toThrow('lossCurve: "test loss" is a Promise, expected a number: await it.');
    expect(add(2n)).toThrow('"test loss" is a bigint, expected a number: Number(x).');
    expect(add("0.3")).toThrow('"test loss" is a string, expected a number');
    expect(add(null)).toThrow('"test loss" is null, expected a number: leave out what was not measured.');
    curve.run("b").add({ step: 1, loss: 1 });
    expect((await figureOf(curve)).data.map((trace) => trace.legendgroup)).toEqual(["loss"]);
  });

  test("what is not drawn need not be a number", async () => {
    const curve = lossCurve({ metrics: ["loss"] });
    curve.add({ step: 1, loss: 1, note: "warm-up" as unknown as number });
    expect((await figureOf(curve)).data).toHaveLength(1);
  });

  test("an impossible smoothing is refused", () => {
    expect(() => lossCurve({ smoothing: 1 })).toThrow("lossCurve: smoothing is 1, expected 0 (none) to below 1");
  });
});
