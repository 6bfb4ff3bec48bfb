/** What the labels of points say: classes with names, or measurements. */
export interface Labelling {
  /** The names of the classes, in the order of the legend. */
  readonly classes: readonly string[] | null;
  /** The class of each point. */
  readonly classOf: Int32Array | null;
  /** What each point was measured to be; NaN where nothing is known. */
  readonly values: Float32Array | null;
}

export const unlabelled: Labelling = { classes: null, classOf: null, values: null };

/** Up to so many different whole numbers are taken for names of classes. */
const mostNumberedClasses = 30;

const inOrder = new Intl.Collator("en", { numeric: true });

/**
 * Reads labels. Text names classes; numbers do where they are few and whole, as the digits 0 … 9, and are measurements
 * otherwise. `by` decides it where that is wrong. An empty text says that a point is of no class: these come last.
 */
export function labellingOf(labels: ArrayLike<string | number>, by?: "class" | "value"): Labelling {
  const all = Array.from(labels);
  if (by === "value" || (by === undefined && isMeasured(all))) {
    const values = Float32Array.from(all, Number);
    const wrong = all.findIndex((label, i) => typeof label === "string" && Number.isNaN(values[i]!));
    if (wrong >= 0)
      throw new TypeError(
        `embeddingExplorer: label ${wrong} is ${JSON.stringify(all[wrong])}, expected numbers for colourBy: "value".`,
      );
    return { classes: null, classOf: null, values };
  }
  const names = all.map(String);
  const numbered = all.every((label) => typeof label === "number");
  const order = numbered ? (a: string, b: string) => Number(a) - Number(b) : inOrder.compare;
  const classes = [...new Set(names)].sort((a, b) => Number(a === "") - Number(b === "") || order(a, b));
  const numbers = new Map(classes.map((name, index) => [name, index]));
  return { classes, classOf: Int32Array.from(names, (name) => numbers.get(name)!), values: null };
}

function isMeasured(labels: readonly (string | number)[]): boolean {
  if (!labels.every((label) => typeof label === "number")) return false;
  const different = new Set<number>();
  for (const label of labels) {
    if (!Number.isInteger(label) || different.add(label).size > mostNumberedClasses) return true;
  }
  return false;
}
