import { XMLParser } from "fast-xml-parser";
import { expect, test } from "vitest";
import { findRate, losses, nn, optim, random } from "../../lib/src/index.ts";
import { rateCurve } from "../src/index.ts";
import { shown } from "./showing.ts";
import { foundRates } from "./sweeps.ts";

test("says how many rates there were, and which is suggested", async () => {
  const bundle = await shown(rateCurve(foundRates(), { title: "LeNet-5" }));
  expect(bundle["text/plain"]).toBe(
    "LeNet-5: 70 updates with rates from 1e−5 to 0.8483; the loss fell most around 0.0193",
  );
  expect(bundle["image/svg+xml"]).toContain(">suggested: 0.0193<");
  expect(bundle["image/svg+xml"]).toContain(">rate (log)<");
  expect(() => new XMLParser().parse(bundle["image/svg+xml"], true)).not.toThrow();
});

test("the figure has the losses, their mean and the suggestion over an axis of logarithms", async () => {
  const found = foundRates();
  const { data, layout } = (await shown(rateCurve(found)))["application/vnd.plotly.v1+json"];
  expect(layout.xaxis).toMatchObject({ type: "log" });
  const [loss, mean, chosen] = data as readonly { x: number[]; y: number[] }[];
  expect(loss!.y[40]).toBeCloseTo(found.rows[40]!.loss, 3);
  expect(mean!.y[40]).toBeCloseTo(found.rows[40]!.smooth, 3);
  expect(chosen!.x).toEqual([0.0193, 0.0193]);
});

test("takes what the library's search gives", async () => {
  const key = random.seed(1);
  const net = nn.init(new nn.Linear(4, 1), { seed: 1 });
  const x = key.normal([16, 4]);
  const found = await findRate(net, [x], {
    loss: (m, batch) => losses.squaredError(m.forward(batch), batch.sum({ axis: 1, keepDims: true })),
    optimizer: (rate) => optim.sgd({ rate }),
  });
  const bundle = await shown(rateCurve(found));
  expect(bundle["text/plain"]).toContain(`${found.rows.length} updates`);
});

test("a loss that overflows leaves a gap", async () => {
  const found = foundRates();
  const rows = [...found.rows.slice(0, 60), { rate: 1, loss: Number.POSITIVE_INFINITY, smooth: Number.NaN }];
  const bundle = await shown(rateCurve({ ...found, rows }));
  expect(bundle["image/svg+xml"]).not.toMatch(/NaN|Infinity/);
  expect(JSON.parse(JSON.stringify(bundle["application/vnd.plotly.v1+json"].data[0]!.y)).at(-1)).toBeNull();
});

test("something else is refused in words", () => {
  const wrong = rateCurve as (found: unknown) => unknown;
  const hint = "expected what a search gives: rateCurve(await findRate(model, batches, options)).";
  expect(() => wrong(null)).toThrow(`rateCurve: this is null without rows and a suggestion, ${hint}`);
  expect(() => wrong(Promise.resolve(foundRates()))).toThrow(`rateCurve: this is a Promise without rows`);
  expect(() => wrong({ rows: [], suggestion: 1 })).toThrow(`rateCurve: there are no rows, ${hint}`);
  expect(() => wrong({ rows: [{ loss: 1 }], suggestion: 1 })).toThrow("rateCurve: row 0 has no positive rate");
  expect(() => rateCurve({ ...foundRates(), suggestion: Number.NaN })).toThrow("the suggestion is NaN, expected a");
});
