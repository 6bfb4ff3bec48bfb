import type { Displayable, MimeBundle } from "./display.ts";
import { kindOf } from "./kind.ts";
import { formatNumber } from "./picture/numbers.ts";
import { type Plane, planeCard } from "./picture/plane-card.ts";
import { plotlyType } from "./plotly/figure.ts";
import { planeFigure } from "./plotly/plane-figure.ts";
import { Widget } from "./widget.ts";

/** Losses while the rate rose from update to update, and the rate around which they fell most. */
export interface FoundRates {
  readonly rows: readonly { readonly rate: number; readonly loss: number; readonly smooth: number }[];
  readonly suggestion: number;
}

/** How a search for a rate looks. */
export interface RateCurveOptions {
  readonly title?: string;
}

class RateCurve extends Widget {
  readonly #plane: Plane;

  constructor({ rows, suggestion }: FoundRates, { title }: RateCurveOptions) {
    super();
    const near = rows.reduce(
      (best, row) =>
        Math.abs(Math.log(row.rate / suggestion)) < Math.abs(Math.log(best.rate / suggestion)) ? row : best,
      rows[0]!,
    );
    const line = (values: (row: FoundRates["rows"][number]) => number) => ({
      points: [],
      path: rows.map((row) => ({ x: row.rate, y: values(row) })),
    });
    const words = formatNumber(Number(suggestion.toPrecision(3)));
    const span = `${formatNumber(rows[0]!.rate)} to ${formatNumber(rows.at(-1)!.rate)}`;
    this.#plane = {
      title,
      key: "",
      across: { name: "rate", scale: "log" },
      up: { name: "loss", scale: "linear" },
      lines: [
        { name: "loss", colour: 0, faint: true, ...line(({ loss }) => loss) },
        { name: "running mean", colour: 0, ...line(({ smooth }) => smooth) },
      ],
      chosen: { x: suggestion, y: near.smooth, words: `suggested: ${words}`, upright: true },
      note: `${rows.length} updates with rates from ${span}; the loss fell most around ${words}`,
    };
  }

  protected bundle(): MimeBundle {
    const { title, note } = this.#plane;
    return {
      "text/plain": `${title ?? "rateCurve"}: ${note}`,
      "image/svg+xml": planeCard(this.#plane),
      [plotlyType]: planeFigure(this.#plane),
    };
  }
}

/**
 * The loss against the rate, as a search for the rate of training finds it, with the rate that it suggests.
 *
 * @example
 * ```ts
 * const found = await findRate(model, batches, { loss, optimizer: (rate) => optim.sgd({ rate, momentum: 0.9 }) });
 * display(rateCurve(found, { title: "LeNet-5" }));
 * ```
 * @throws TypeError for something else than such a search gives
 */
export function rateCurve(found: FoundRates, options: RateCurveOptions = {}): Displayable {
  const { rows, suggestion } = (found ?? {}) as Partial<FoundRates>;
  const hint = "expected what a search gives: rateCurve(await findRate(model, batches, options)).";
  if (!Array.isArray(rows) || typeof suggestion !== "number")
    throw new TypeError(`rateCurve: this is ${kindOf(found)} without rows and a suggestion, ${hint}`);
  if (rows.length === 0) throw new RangeError(`rateCurve: there are no rows, ${hint}`);
  const odd = rows.findIndex(
    (row) => !(row?.rate > 0 && typeof row.loss === "number" && typeof row.smooth === "number"),
  );
  if (odd >= 0) throw new TypeError(`rateCurve: row ${odd} has no positive rate, loss and running mean, ${hint}`);
  if (!(suggestion > 0)) throw new RangeError(`rateCurve: the suggestion is ${suggestion}, expected a positive rate.`);
  return new RateCurve(found, options);
}
