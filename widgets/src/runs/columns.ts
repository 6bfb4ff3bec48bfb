import { numberOf } from "./cell.ts";
import type { ReadRun } from "./read-run.ts";
import type { Better, RunColumn } from "./state.ts";

/** Names of metrics, as parts of a name: `test error`, `val_loss`, `top5Accuracy`. */
const lower = new Set(
  "loss losses error errors err perplexity ppl wer cer rmse mse mae nll bpc bits kl fid divergence entropy".split(" "),
);
const higher = new Set(
  "accuracy acc f1 precision recall auc bleu rouge score reward return r2 iou map ndcg psnr ssim likelihood similarity".split(
    " ",
  ),
);
/** Further numbers that come out and are not chosen. */
const neither = new Set(["norm", "gradnorm"]);

/** Words that make a choice of the name of a metric: the weight of a loss, the kind of a score. */
const choices = new Set("weight coefficient coef scale function fn type lambda smoothing decay".split(" "));

/** What a run card and a sweep say beside settings and results. */
const about = new Set("trial seconds failed date gradbook runtime platform device git".split(" "));

/** Guesses from a name which values are better; `undefined` where it is not the name of a metric. */
export function guessed(name: string): Better | undefined {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  if (words.some((word) => choices.has(word))) return undefined;
  for (const word of words.toReversed()) {
    const bare = word.replace(/^top\d+/, "").replace(/\d+$/, "");
    for (const known of [word, bare]) {
      if (lower.has(known)) return "lower";
      if (higher.has(known)) return "higher";
      if (neither.has(known)) return "neither";
    }
  }
  return undefined;
}

/** What the caller says about columns. */
export interface ColumnChoice {
  readonly best: Readonly<Record<string, Better>>;
  readonly metrics: readonly string[] | undefined;
}

/** The columns of all runs, settings first, then metrics, then what else is known, each in the order of appearance. */
export function columnsOf(runs: readonly ReadRun[], { best, metrics }: ColumnChoice): RunColumn[] {
  const found = new Map<string, RunColumn>();
  for (const run of runs)
    for (const name of Object.keys(run.cells)) {
      if (found.has(name)) continue;
      const kind = kindOfColumn(name);
      found.set(name, {
        name,
        kind,
        better: kind === "metric" ? (best[name] ?? guessed(name) ?? "neither") : "neither",
      });
    }
  const order = ["setting", "metric", "about"];
  return [...found.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));

  function kindOfColumn(name: string): RunColumn["kind"] {
    if (Object.hasOwn(best, name) || metrics?.includes(name)) return "metric";
    const said = runs.map(({ kinds }) => kinds[name]).find((kind) => kind !== undefined);
    if (said !== undefined && !(said === "metric" && metrics)) return said;
    if (about.has(name) || name.startsWith("data ")) return "about";
    const known = metrics === undefined && guessed(name) !== undefined;
    const numbers = runs.every(({ cells }) => (cells[name] ?? null) === null || numberOf(cells[name]) !== undefined);
    return known && numbers ? "metric" : "setting";
  }
}
