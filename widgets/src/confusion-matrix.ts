import { type Confusion, sizes, type TensorSource, valuesOf } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import { confusionCard } from "./picture/confusion-card.ts";
import { grouped, percent } from "./picture/numbers.ts";
import { confusionFigure } from "./plotly/confusion-figure.ts";
import { plotlyType } from "./plotly/figure.ts";
import { Widget } from "./widget.ts";

/** How a confusion matrix looks. */
export interface ConfusionMatrixOptions {
  readonly title?: string;
  /** Names of the classes, in place of their numbers. */
  readonly labels?: readonly string[];
}

/** Counts as rows of numbers, or as a tensor [classes, classes]. */
export type CountSource = readonly (readonly number[])[] | TensorSource;

const expected = "expected a square table of counts, rows by true class and columns by predicted class";

/** A confusion matrix that can be shown, and updated as the model learns. */
export class ConfusionMatrix extends Widget {
  readonly #options: ConfusionMatrixOptions;
  #source: CountSource;

  constructor(counts: CountSource, options: ConfusionMatrixOptions) {
    super();
    this.#source = counts;
    this.#options = options;
  }

  /** Draws again wherever this is shown: from other counts, or from the same source where nothing is given. */
  update(counts?: CountSource): void {
    if (counts !== undefined) this.#source = counts;
    this.changed();
  }

  protected async bundle(): Promise<MimeBundle> {
    const confusion = summed(await rowsOf(this.#source), this.#options);
    return {
      "text/plain": describe(confusion),
      "image/svg+xml": confusionCard(confusion),
      [plotlyType]: confusionFigure(confusion),
    };
  }
}

/**
 * Which classes are taken for which: `counts[true][predicted]`. Right answers are blue, by
 * their share of the row; mistakes are orange, and the most frequent one is the strongest.
 */
export function confusionMatrix(counts: CountSource, options: ConfusionMatrixOptions = {}): ConfusionMatrix {
  return new ConfusionMatrix(counts, options);
}

async function rowsOf(source: CountSource): Promise<number[][]> {
  const isTable = (given: CountSource): given is readonly (readonly number[])[] => Array.isArray(given);
  if (isTable(source)) {
    const uneven = source.findIndex((row) => row.length !== source.length);
    if (uneven >= 0 || source.length === 0) {
      const found =
        source.length === 0
          ? "the table is empty"
          : `row ${uneven} has ${source[uneven]!.length} entries in a table of ${source.length} rows`;
      throw new RangeError(`confusionMatrix: ${found}; ${expected}.`);
    }
    return source.map((row) => [...row]);
  }
  const { shape, values } = await valuesOf("confusionMatrix", source, `It ${expected}.`);
  const [rows, columns] = shape;
  if (shape.length !== 2 || !rows || rows !== columns) {
    throw new RangeError(`confusionMatrix: the shape is ${sizes(shape)}; ${expected}.`);
  }
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => Number(values[row * columns + column])),
  );
}

function summed(counts: readonly (readonly number[])[], { title, labels }: ConfusionMatrixOptions): Confusion {
  if (labels && labels.length !== counts.length) {
    throw new RangeError(`confusionMatrix: ${labels.length} labels for ${counts.length} classes. Give one for each.`);
  }
  counts.forEach((row, index) => {
    const wrong = row.findIndex((count) => !(count >= 0 && Number.isFinite(count)));
    if (wrong >= 0) throw new RangeError(`confusionMatrix: ${row[wrong]} at [${index}, ${wrong}]; ${expected}.`);
  });
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  return {
    title,
    labels: labels ?? counts.map((_, index) => String(index)),
    counts,
    totals,
    total: totals.reduce((sum, count) => sum + count, 0),
    correct: counts.reduce((sum, row, index) => sum + row[index]!, 0),
  };
}

function describe({ title, labels, counts, total, correct }: Confusion): string {
  const rate = percent(correct / total);
  const head = `${title ?? "confusionMatrix"}: ${grouped(correct)} of ${grouped(total)} correct (${rate})`;
  if (counts.length > 30) return head;
  const cells = [["true \\ predicted", ...labels], ...counts.map((row, index) => [labels[index]!, ...row.map(String)])];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return [head, ...cells.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join("  "))].join("\n");
}
