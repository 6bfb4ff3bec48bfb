import { add } from "../operations/arithmetic.ts";
import { matmul } from "../operations/contraction.ts";
import { type SliceOptions, slice } from "../operations/indexing.ts";
import { concat } from "../operations/joining.ts";
import { productFor } from "../operations/matrix-cotangent.ts";
import { reshape } from "../operations/rearrange.ts";
import type { AnyOperation } from "../operations/record.ts";
import { full } from "../tensor/create.ts";
import { activeRecorders } from "../tensor/recording.ts";
import { sameShape, sizeOf } from "../tensor/shapes.ts";
import type { Mark, Tensor } from "../tensor/tensor.ts";

/** A cotangent of part of a tensor: from `start` along `axis`. */
interface Piece {
  readonly axis: number;
  readonly start: number;
  readonly value: Tensor;
}

/** Factors whose product `leftᵀ · right` is a cotangent of a matrix. */
interface Product {
  readonly left: Tensor;
  readonly right: Tensor;
}

/** Parts that have been put side by side along an axis in which each is one thick. */
interface Stack {
  readonly axis: number;
  readonly parts: readonly Tensor[];
  readonly whole: Tensor;
}

/** What has come back to a tensor and waits for more; most tensors get nothing of the kind. */
class Waiting {
  sum: Tensor | undefined;
  pieces: Piece[] | undefined;
  products: Product[] | undefined;

  constructor(sum: Tensor | undefined) {
    this.sum = sum;
    this.pieces = undefined;
    this.products = undefined;
  }
}

/**
 * What has come back to each tensor so far, kept in the mark that its tape has made on it. Some cotangents wait until the
 * whole is asked for. Those of slices are put side by side then: to fill each up with zeros and add them would take time as
 * the square of their number. Those of a matrix that multiplied many, as in the steps of a recurrent net, become one
 * product: to add them up would move an array of the size of the matrix for each.
 */
export class Cotangents {
  readonly #stacks: Stack[] = [];

  add(mark: Mark, value: Tensor): void {
    const known = this.#at(mark);
    if (known instanceof Waiting) known.sum = known.sum === undefined ? value : add(known.sum, value);
    else this.#put(mark, known === undefined ? value : add(known, value));
  }

  /** What came back to a slice is a piece for the whole. */
  addSlice(mark: Mark, whole: Tensor, options: SliceOptions, value: Tensor): void {
    const axis = options.axis < 0 ? options.axis + whole.rank : options.axis;
    const n = whole.shape[axis]!;
    const from = options.start ?? 0;
    const known = this.#waiting(mark);
    known.pieces ??= [];
    known.pieces.push({ axis, start: Math.min(n, Math.max(0, from < 0 ? from + n : from)), value });
  }

  /** The cotangent of a matrix that `factor` was multiplied with, `value` being that of the product. */
  addProduct(mark: Mark, factor: Tensor, value: Tensor): void {
    const known = this.#waiting(mark);
    known.products ??= [];
    known.products.push({ left: rows(factor), right: rows(value) });
  }

  get(mark: Mark, tensor: Tensor): Tensor | undefined {
    const known = this.#at(mark);
    if (!(known instanceof Waiting)) return known;
    const parts = layersOf(known.pieces ?? []).map((layer) => this.#filled(tensor, layer));
    if (known.products !== undefined) parts.push(this.#productOf(tensor, known.products));
    const sum = parts.reduce((sum, part) => (sum === undefined ? part : add(sum, part)), known.sum);
    this.#put(mark, sum);
    return sum;
  }

  /** Whether anything has come back to a tensor by its slices. */
  hasPieces(mark: Mark): boolean {
    return mark.back instanceof Waiting && mark.back.pieces !== undefined;
  }

  /** What came back to a tensor in so many parts of equal width along its last axis, if it did. */
  inParts(mark: Mark, tensor: Tensor, parts: number): Tensor[] | undefined {
    const known = this.#at(mark);
    if (!(known instanceof Waiting) || known.sum !== undefined || known.products !== undefined) return undefined;
    const { pieces = [] } = known;
    if (pieces.length !== parts) return undefined;
    const width = tensor.shape.at(-1)! / parts;
    const values = new Array<Tensor>(parts);
    for (const { axis, start, value } of pieces)
      if (axis === tensor.rank - 1 && value.shape[axis] === width && start % width === 0) values[start / width] = value;
    return values.includes(undefined as never) ? undefined : values;
  }

  /** Lets go of what came back to a tensor. */
  delete(mark: Mark): void {
    mark.walk = undefined;
    mark.back = undefined;
  }

  /** Lets go of what was put together on the way. */
  end(): void {
    this.#stacks.length = 0;
  }

  /** Pieces side by side, with zeros between them and around. */
  #filled(whole: Tensor, pieces: readonly Piece[]): Tensor {
    const axis = pieces[0]!.axis;
    const parts = withZeros(whole, pieces);
    if (parts.length === 1) return parts[0]!;
    const made = concat(parts, axis);
    if (axis > 0 && parts.every(({ shape }) => shape[axis] === 1)) this.#stacks.push({ axis, parts, whole: made });
    return made;
  }

  /** Of factors that have been put side by side already, as those of all steps are, the others are put in their order. */
  #productOf(matrix: Tensor, products: readonly Product[]): Tensor {
    for (const [i, { axis, parts, whole }] of this.#stacks.entries()) {
      const order = orderOf(products, parts, axis);
      if (order === undefined) continue;
      this.#stacks.splice(i, 1);
      const left = concat(
        order.map(({ left }) => left.expandDims(axis)),
        axis,
      );
      return productFor(matrix, rows(left), rows(whole));
    }
    const [left, right] = (["left", "right"] as const).map((side) => concat(products.map((product) => product[side])));
    return productFor(matrix, left!, right!);
  }

  #at(mark: Mark): Tensor | Waiting | undefined {
    return mark.walk === this ? (mark.back as Tensor | Waiting | undefined) : undefined;
  }

  #put(mark: Mark, back: Tensor | Waiting | undefined): void {
    mark.walk = this;
    mark.back = back;
  }

  #waiting(mark: Mark): Waiting {
    const known = this.#at(mark);
    if (known instanceof Waiting) return known;
    const made = new Waiting(known);
    this.#put(mark, made);
    return made;
  }
}

/** Whether an operation takes adjoining elements out of its input. */
export function isPlainSlice(operation: AnyOperation, options: unknown): boolean {
  return operation === (slice.operation as unknown as AnyOperation) && ((options as SliceOptions).step ?? 1) === 1;
}

export function isProduct(operation: AnyOperation): boolean {
  return operation === (matmul.operation as unknown as AnyOperation);
}

/** The matrices that multiply more than one tensor from the right. */
export function sharedMatrices(uses: Iterable<{ operation: AnyOperation; inputs: readonly Tensor[] }>): Set<Tensor> {
  const [once, often] = [new Set<Tensor>(), new Set<Tensor>()];
  for (const { operation, inputs } of uses) {
    if (!isProduct(operation)) continue;
    const matrix = inputs[1]!;
    if (matrix.rank === 2) (once.has(matrix) ? often : once).add(matrix);
  }
  return often;
}

function rows(x: Tensor): Tensor {
  return x.rank === 2 ? x : reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

/** The products in the order of parts along an axis which are their right factors, if they are and nobody records it. */
function orderOf(products: readonly Product[], parts: readonly Tensor[], axis: number): Product[] | undefined {
  if (products.length !== parts.length || products.length < 2 || activeRecorders().length > 0) return undefined;
  const order = new Array<Product>(parts.length);
  for (const product of products) {
    const { right } = product;
    const place = parts.findIndex((part) => isWithAxis(part, right, axis));
    if (place < 0 || order[place] !== undefined) return undefined;
    order[place] = product;
  }
  return order;
}

/** Whether a tensor is another one with an axis of length one put in. */
function isWithAxis({ state: a, shape }: Tensor, { state: b, shape: without }: Tensor, axis: number): boolean {
  if (a.kind !== "stored" || b.kind !== "stored" || axis >= without.length) return false;
  if (!sameShape(shape.toSpliced(axis, 1), without)) return false;
  const { buffer, offset, strides } = b.view;
  const walked = a.view.strides.toSpliced(axis, 1);
  return (
    a.view.buffer === buffer &&
    a.view.offset === offset &&
    walked.every((stride, i) => without[i] === 1 || stride === strides[i])
  );
}

/** The pieces in as few layers as there may be, so that those of a layer lie along one axis and do not overlap. */
function layersOf(pieces: readonly Piece[]): (readonly Piece[])[] {
  const layers: Piece[][] = [];
  for (const piece of pieces.toSorted((a, b) => a.start - b.start)) {
    const free = layers.find((layer) => {
      const last = layer.at(-1)!;
      return last.axis === piece.axis && last.start + last.value.shape[last.axis]! <= piece.start;
    });
    if (free === undefined) layers.push([piece]);
    else free.push(piece);
  }
  return layers;
}

/** Pieces, and zeros for what is between them and around. */
function withZeros(whole: Tensor, pieces: readonly Piece[]): Tensor[] {
  const axis = pieces[0]!.axis;
  const n = whole.shape[axis]!;
  const parts: Tensor[] = [];
  let place = 0;
  const zerosTo = (end: number, { dtype, device }: Tensor) => {
    if (end > place) parts.push(full(whole.shape.with(axis, end - place), 0, { dtype, device }));
    place = end;
  };
  for (const { start, value } of pieces) {
    zerosTo(start, value);
    parts.push(value);
    place += value.shape[axis]!;
  }
  zerosTo(n, pieces[0]!.value);
  return parts;
}
