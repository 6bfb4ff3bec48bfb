/** What widgets need of a tensor: its sizes, and its values in row-major order once they have been computed. */
export interface TensorLike {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

/** A tensor, or a function that gives the current one, for parameters that are replaced while training. */
export type TensorSource = TensorLike | (() => TensorLike);

/** One line of a training log. Every other field is a metric, for example `"test error"`, and has to be a number. */
export interface Observation {
  /** How many updates were made so far. */
  readonly step: number;
  /** The epoch, counted from 0 or from 1, whole or fractional. */
  readonly epoch?: number | undefined;
  readonly loss?: number | undefined;
  readonly rate?: number | undefined;
  readonly gradNorm?: number | undefined;
  /** Seconds since the start; without it the widget looks at the clock. */
  readonly seconds?: number | undefined;
}

/** An observation may have any further fields, as long as they are numbers. */
export type NumericFields<O> = { readonly [Field in keyof O]: number | undefined };

/** Counts by class: rows are the true classes, columns the predicted ones. */
export interface Confusion {
  readonly title: string | undefined;
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
  /** Sums of the rows. */
  readonly totals: readonly number[];
  readonly total: number;
  readonly correct: number;
}

/** Sizes and values, read and checked against one another. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Writes sizes as the messages do: `[6, 1, 5, 5]`. */
export function sizes(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** The tensor itself. `who` and `hint` are for the message when the source is none. */
export function tensorOf(who: string, source: TensorSource, hint: string): TensorLike {
  const tensor: TensorLike = typeof source === "function" ? source() : source;
  if (!Array.isArray(tensor?.shape) || typeof tensor.data !== "function") {
    throw new TypeError(`${who}: this is no tensor: it has no shape and data(). ${hint}`);
  }
  return tensor;
}

/** Waits for a tensor's values. */
export async function valuesOf(who: string, source: TensorSource, hint: string): Promise<Values> {
  const tensor = tensorOf(who, source, hint);
  const shape = [...tensor.shape];
  const values = await tensor.data();
  const expected = shape.reduce((product, size) => product * size, 1);
  if (values.length !== expected) {
    throw new RangeError(`${who}: ${sizes(shape)} holds ${expected} values, data() gave ${values.length}.`);
  }
  return { shape, values };
}
