/** The rows of a sweep over activation, rate and seed, as the library writes them; with a rate of 1 training fails. */
export function sweepRows(): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = [];
  for (const activation of ["relu", "tanh"])
    for (const rate of [0.01, 0.1, 1])
      for (const seed of [1, 2]) {
        const trial = rows.length + 1;
        const error = 0.02 + Math.abs(Math.log10(rate) + 1.2) / 20 + (activation === "tanh" ? 0.013 : 0) + seed / 500;
        const results =
          rate === 1 && activation === "relu"
            ? { failed: "the loss is NaN at step 12" }
            : { loss: rate === 1 ? Number.NaN : 4 * error, "test error": error, "test accuracy": 1 - error };
        rows.push({ trial, activation, rate, width: 64, seed, ...results, seconds: 12 + trial / 3 });
      }
  return rows;
}

/** Runs with settings and metrics apart. */
export const cards = [
  {
    name: "baseline",
    settings: { optimizer: "sgd", rate: 0.1, layers: [64, 64], batch: 128 },
    metrics: { perplexity: 41.2, BLEU: 21.4, gradNorm: 1.2 },
    seconds: 812,
    card: { gradbook: "0.1.0", device: "cpu", "data train": "50000 examples, sha256 ab" },
  },
  {
    name: "with momentum, and a name that is long",
    settings: { optimizer: "momentum", rate: 0.1, layers: [64, 64], batch: 128, clip: 1 },
    metrics: { perplexity: 38.9, BLEU: 22, gradNorm: 0.9 },
    seconds: 840.5,
    card: { gradbook: "0.1.0", device: "cpu", "data train": "50000 examples, sha256 ab" },
  },
  {
    name: "adam",
    settings: { optimizer: "adam", rate: 0.001, layers: [64, 64], batch: 128 },
    metrics: { perplexity: 35.01, BLEU: 22, gradNorm: 2.4 },
    seconds: 861,
    card: { gradbook: "0.1.0", device: "cpu", "data train": "50000 examples, sha256 ab" },
  },
];

/** What a search for a rate finds: the loss stands, falls, and rises at the end. */
export function foundRates() {
  let mean = 0;
  const rows = Array.from({ length: 70 }, (_, i) => {
    const rate = 1e-5 * 10 ** (i / 14);
    const loss = 0.2 + 2.1 / (1 + (rate / 0.02) ** 1.5) + (rate / 0.6) ** 3 + 0.05 * Math.sin(2.4 * i);
    mean = 0.9 * mean + 0.1 * loss;
    return { rate, loss, smooth: mean / (1 - 0.9 ** (i + 1)) };
  });
  return { rows, suggestion: 0.0193 };
}
