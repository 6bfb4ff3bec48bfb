import { type Confusion, sizes, type TensorSource, tensorOf, valuesOf } from "./data.ts";
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
const hint = `It ${expected}.`;

/** Of more classes a figure would weigh megabytes, and its cells would be smaller than a pixel. */
const mostInteractive = 200;

/** A confusion matrix that can be shown, and updated as the model learns. */
export class ConfusionMatrix extends Widget {
  readonly #options: ConfusionMatrixOptions;
  #source: CountSource;

  constructor(counts: CountSource, options: ConfusionMatrixOptions) {
    super();
    this.#options = options;
    this.#source = this.#checked(counts);
  }

  /** Draws again wherever this is shown: from other counts, or from the same source where nothing is given. */
  update(counts?: CountSource): void {
    if (counts !== undefined) this.#source = this.#checked(counts);
    this.changed();
  }

  /** What does not fit is refused in the line that gave it, as far as it is known before the values. */
  #checked(source: CountSource): CountSource {
    if (isTable(source)) summed(rowsOfTable(source, this.#options), this.#options);
    else if (typeof source !== "function") classesIn(tensorOf("confusionMatrix", source, hint).shape, this.#options);
    return source;
  }

  protected async bundle(): Promise<MimeBundle> {
    const source = this.#source;
    const rows = isTable(source) ? rowsOfTable(source, this.#options) : await rowsOfTensor(source, this.#options);
    const confusion = summed(rows, this.#options);
    const pictures = { "text/plain": describe(confusion), "image/svg+xml": confusionCard(confusion) };
    return rows.length > mostInteractive ? pictures : { ...pictures, [plotlyType]: confusionFigure(confusion) };
  }
}

/**
 * Which classes are taken for which: `counts[true][predicted]`. Right answers are blue, by
 * their share of the row; mistakes are orange, and the most frequent one is the strongest.
 */
export function confusionMatrix(counts: CountSource, options: ConfusionMatrixOptions = {}): ConfusionMatrix {
  return new ConfusionMatrix(counts, options);
}

function isTable(source: CountSource): source is readonly (readonly number[])[] {
  return Array.isArray(source);
}

function rowsOfTable(table: readonly (readonly number[])[], options: ConfusionMatrixOptions): number[][] {
  if (table.length === 0) throw new RangeError(`confusionMatrix: the table is empty; ${expected}.`);
  const uneven = table.findIndex((row) => row.length !== table.length);
  if (uneven >= 0) {
    const found = `row ${uneven} has ${table[uneven]!.length} entries in a table of ${table.length} rows`;
    throw new RangeError(`confusionMatrix: ${found}; ${expected}.`);
  }
  classesIn([table.length, table.length], options);
  return table.map((row) => [...row]);
}

async function rowsOfTensor(source: TensorSource, options: ConfusionMatrixOptions): Promise<number[][]> {
  const { shape, values } = await valuesOf("confusionMatrix", source, hint);
  const classes = classesIn(shape, options);
  return Array.from({ length: classes }, (_, row) =>
    Array.from({ length: classes }, (_, column) => Number(values[row * classes + column])),
  );
}

function classesIn(shape: readonly number[], { labels }: ConfusionMatrixOptions): number {
  const [rows, columns] = shape;
  if (shape.length !== 2 || !rows || rows !== columns) {
    throw new RangeError(`confusionMatrix: the shape is ${sizes(shape)}; ${expected}.`);
  }
  if (labels && labels.length !== rows) {
    throw new RangeError(`confusionMatrix: ${labels.length} labels for ${rows} classes. Give one for each.`);
  }
  return rows;
}

function summed(counts: readonly (readonly number[])[], { title, labels }: ConfusionMatrixOptions): Confusion {
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
