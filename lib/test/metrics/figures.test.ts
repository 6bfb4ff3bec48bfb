import { describe, expect, it } from "vitest";
import { accuracy, Confusion, metrics, tensor } from "../../src/index.ts";
import { drawn, pythonHasSklearn, seed } from "../golden/python.ts";

interface Case {
  readonly n: number;
  readonly classes: number;
  readonly k: number;
  readonly scores: readonly number[];
  readonly distinct: readonly number[];
  readonly probabilities: readonly number[];
  readonly labels: readonly number[];
  readonly truths: readonly number[];
  readonly ranks: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly figures: Readonly<Record<string, number>>;
  readonly confusion: readonly (readonly number[])[];
  readonly expectedRanks: readonly number[];
  readonly roc: metrics.RocCurve;
}

describe.skipIf(!pythonHasSklearn())("figures of random predictions", () => {
  const cases = drawn<Case>(new URL("./figures.py", import.meta.url), seed, 30);
  const rows = (c: Case, values: readonly number[]) => tensor(Float64Array.from(values), { shape: [c.n, c.classes] });

  it.each(cases.map((c, i) => [i, c] as const))(`are scikit-learn's: GRADBOOK_SEED=${seed}, case %i`, async (_, c) => {
    const labels = tensor(Int32Array.from(c.labels));
    const confusion = new Confusion(c.classes);
    const ranking = new metrics.Ranking();
    const fit = new metrics.Regression();
    // In two batches.
    const half = Math.floor(c.n / 2);
    for (const [start, stop] of [
      [0, half],
      [half, c.n],
    ] as const) {
      const part = { axis: 0, start, stop };
      await confusion.add(rows(c, c.scores).slice(part), labels.slice(part));
      await ranking.add(c.ranks.slice(start, stop), c.truths.slice(start, stop));
      await fit.add(c.x.slice(start, stop), tensor(Float64Array.from(c.y.slice(start, stop))));
    }
    expect(confusion.counts).toEqual(c.confusion);
    const found: Record<string, number> = {
      accuracy: await accuracy(rows(c, c.scores), labels).item(),
      topK: await metrics.topKAccuracy(rows(c, c.distinct), labels, { k: c.k }).item(),
      logLoss: await metrics.logLoss(rows(c, c.probabilities), labels),
      auc: ranking.auc,
      averagePrecision: ranking.averagePrecision,
      rmse: fit.rootMeanSquaredError,
      mae: fit.meanAbsoluteError,
      r2: fit.r2,
      pearson: fit.pearson,
      spearman: await metrics.spearman(c.x, c.y),
    };
    for (const average of ["micro", "macro", "weighted"] as const) {
      found[`precision ${average}`] = confusion.precision({ average });
      found[`recall ${average}`] = confusion.recall({ average });
      found[`f1 ${average}`] = confusion.f1({ average });
    }
    const single = new Set(["accuracy", "topK"]);
    for (const [name, figure] of Object.entries(c.figures))
      expect(found[name], name).toBeCloseTo(figure, single.has(name) ? 6 : 10);
    expect(confusion.accuracy).toBeCloseTo(c.figures.accuracy!, 12);
    expect([...(await metrics.expectedRanks(rows(c, c.scores), labels))]).toEqual(c.expectedRanks);
    const { falsePositiveRate, truePositiveRate, thresholds } = ranking.roc();
    const close = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 12));
    expect(falsePositiveRate).toEqual(close(c.roc.falsePositiveRate));
    expect(truePositiveRate).toEqual(close(c.roc.truePositiveRate));
    expect(thresholds.slice(1).map((v) => v + 0)).toEqual(c.roc.thresholds.map((v) => v + 0));
  });
});
