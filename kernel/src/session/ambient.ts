// Methods of ES2023 that every supported Node has and the compiler's own library does not know yet.

export {};

interface Copying<Self> {
  /** A copy in reverse order. */
  toReversed(): Self;
}

interface CopyingNumbers<Self> extends Copying<Self> {
  /** A sorted copy; by value without `compare`. */
  toSorted(compare?: (a: number, b: number) => number): Self;
  /** A copy with one element replaced; a negative index counts from the end. */
  with(index: number, value: number): Self;
}

interface CopyingArray<T> extends Copying<T[]> {
  /** A sorted copy; by text without `compare`. */
  toSorted(compare?: (a: T, b: T) => number): T[];
  /** A copy with some elements removed and others put in their place. */
  toSpliced(start: number, deleteCount?: number, ...items: T[]): T[];
  /** A copy with one element replaced; a negative index counts from the end. */
  with(index: number, value: T): T[];
}

declare global {
  interface Array<T> extends CopyingArray<T> {}
  interface ReadonlyArray<T> extends CopyingArray<T> {}
  interface Int8Array extends CopyingNumbers<Int8Array> {}
  interface Uint8Array extends CopyingNumbers<Uint8Array> {}
  interface Uint8ClampedArray extends CopyingNumbers<Uint8ClampedArray> {}
  interface Int16Array extends CopyingNumbers<Int16Array> {}
  interface Uint16Array extends CopyingNumbers<Uint16Array> {}
  interface Int32Array extends CopyingNumbers<Int32Array> {}
  interface Uint32Array extends CopyingNumbers<Uint32Array> {}
  interface Float32Array extends CopyingNumbers<Float32Array> {}
  interface Float64Array extends CopyingNumbers<Float64Array> {}
}
