import { XMLParser } from "fast-xml-parser";
import { expect, test } from "vitest";
import { sweep } from "../../lib/src/index.ts";
import { sweepPlot } from "../src/index.ts";
import { countingView, shown } from "./showing.ts";
import { cards, sweepRows } from "./sweeps.ts";

interface Line {
  readonly name: string;
  readonly mode: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly text?: readonly string[];
}

const linesOf = async (...args: Parameters<typeof sweepPlot>) => {
  const { data, layout } = (await shown(sweepPlot(...args)))["application/vnd.plotly.v1+json"];
  return { lines: data as unknown as readonly Line[], layout };
};

test("has a point for each run, the colours of a second setting, and the means of what is left", async () => {
  const rows = sweepRows();
  const { lines, layout } = await linesOf(rows, { y: "test error" });
  expect(layout.xaxis).toMatchObject({ type: "log", title: { text: "rate" } });
  const means = lines.filter(({ mode }) => mode === "lines");
  expect(means.map(({ name }) => name)).toEqual(["relu", "tanh"]);
  const tanh = rows.filter(({ activation }) => activation === "tanh");
  const mean = (rate: number) => {
    const values = tanh.filter((row) => row.rate === rate).map((row) => row["test error"] as number);
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
  expect(means[1]!.x).toEqual([0.01, 0.1, 1]);
  for (const [i, rate] of [0.01, 0.1, 1].entries()) expect(means[1]!.y[i]).toBeCloseTo(mean(rate), 4);
  const points = lines.filter(({ mode, text }) => mode === "markers" && text !== undefined);
  expect(points.flatMap(({ x }) => [...x]).length).toBe(rows.length);
});

test("marks the rates that were tried, unless they lie too close together", async () => {
  const { layout } = await linesOf(sweepRows(), { y: "test error" });
  expect(layout.xaxis).toMatchObject({ tickvals: [0.01, 0.1, 1], ticktext: ["0.01", "0.1", "1"] });
  const close = [0.1, 0.11, 0.3, 1].map((rate) => ({ rate, error: rate / 2 }));
  expect((await linesOf(close, { x: "rate" })).layout.xaxis).not.toHaveProperty("tickvals");
});

test("says in words what each run gave, and which was best", async () => {
  const { "text/plain": text } = await shown(sweepPlot(sweepRows(), { y: "test error", title: "Rates" }));
  expect(text.split("\n")[0]).toBe("Rates: test error by rate and activation");
  expect(text).toContain("relu: 0.01 → 0.062, 0.064 · 0.1 → 0.032, 0.034 · 1 → failed, failed");
  expect(text).toContain("Best: test error 0.032, activation relu, rate 0.1, seed 1");
});

test("runs that failed are crosses, which say why", async () => {
  const bundle = await shown(sweepPlot(sweepRows(), { y: "test error" }));
  const svg = bundle["image/svg+xml"];
  expect(svg.match(/l8 8m0 -8l-8 8/g)).toHaveLength(2);
  expect(svg).toContain("failed the loss is NaN at step 12");
  expect(svg).not.toMatch(/="[^"]*(NaN|Infinity)/);
  expect(() => new XMLParser().parse(svg, true)).not.toThrow();
});

test("settings that are names stand side by side", async () => {
  const { lines, layout } = await linesOf(sweepRows(), { x: "activation", y: "loss", by: "rate" });
  expect(layout.xaxis).toMatchObject({ ticktext: ["relu", "tanh"] });
  const [first] = lines.filter(({ mode }) => mode === "markers");
  for (const x of first!.x) expect(Math.abs(x - Math.round(x))).toBeLessThanOrEqual(0.2);
});

test("higher is better where the name says so, or the caller", async () => {
  const rows = [
    { rate: 0.1, width: 8, accuracy: 0.9, cost: 3 },
    { rate: 0.2, width: 8, accuracy: 0.8, cost: 4 },
  ];
  expect((await shown(sweepPlot(rows)))["text/plain"]).toContain("Best: accuracy 0.9, rate 0.1");
  const { "text/plain": text } = await shown(sweepPlot(rows, { y: "cost", better: "higher" }));
  expect(text).toContain("Best: cost 4, rate 0.2");
});

test("takes runs with settings and metrics apart, one run, and none", async () => {
  expect((await shown(sweepPlot(cards, { y: "perplexity" })))["text/plain"]).toContain("perplexity by rate");
  const [one] = sweepRows();
  expect((await shown(sweepPlot([one!])))["text/plain"]).toContain("sweepPlot: loss by");
  const none = await shown(sweepPlot([]));
  expect(none["text/plain"]).toContain("No runs yet");
  expect(none["image/svg+xml"]).not.toMatch(/NaN|Infinity/);
});

test("grows with the library's sweep, where it is shown", async () => {
  const rows: object[] = [];
  const plot = sweepPlot(rows);
  const view = countingView();
  await shown(plot, view);
  const run = async ({ rate, width }: { rate: number; width: number }) => ({ error: rate * width });
  for await (const row of sweep({ rate: [0.1, 0.01, 0.001], width: [8, 16] }, run, { seeds: [1, 2] })) {
    rows.push(row);
    plot.update(rows);
  }
  expect(view.changes).toBe(12);
  const { "text/plain": text } = await shown(plot);
  expect(text).toContain("sweepPlot: error by rate and width");
  expect(text).toContain("16: 0.001 → 0.016, 0.016 · 0.01 → 0.16, 0.16 · 0.1 → 1.6, 1.6");
  expect(text).toContain("Lines: means over seed. Best: error 0.008, rate 0.001, width 8, seed 1");
});

test("what is no list of rows, and columns that are not there, are refused in words", () => {
  const wrong = sweepPlot as (rows: unknown, options?: object) => unknown;
  expect(() => wrong(null)).toThrow("sweepPlot: the rows are null, expected a list of objects, for example [{");
  expect(() => wrong([3])).toThrow("sweepPlot: run 1 is a number, expected an object");
  expect(() => sweepPlot([{ rate: 0.1, error: 1 }], { x: "momentum" })).toThrow(
    'sweepPlot: x is "momentum", expected a column of the rows: rate, error.',
  );
});
