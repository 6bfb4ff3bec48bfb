import { add } from "../operations/arithmetic.ts";
import { type SliceOptions, slice } from "../operations/indexing.ts";
import { concat } from "../operations/joining.ts";
import type { AnyOperation } from "../operations/record.ts";
import { full } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A cotangent of part of a tensor: from `start` along `axis`. */
interface Piece {
  readonly axis: number;
  readonly start: number;
  readonly value: Tensor;
}

interface Gathered {
  sum: Tensor | undefined;
  readonly pieces: Piece[];
}

/**
 * What has come back to each tensor so far. Cotangents of slices wait, and are put side by side when the whole is
 * asked for: to fill each up with zeros and add them would take time as the square of their number.
 */
export class Cotangents {
  readonly #gathered = new Map<Tensor, Gathered>();

  add(tensor: Tensor, value: Tensor): void {
    const known = this.#of(tensor);
    known.sum = known.sum === undefined ? value : add(known.sum, value);
  }

  /** What came back to a slice is a piece for the whole. */
  addSlice(whole: Tensor, options: SliceOptions, value: Tensor): void {
    const axis = options.axis < 0 ? options.axis + whole.rank : options.axis;
    const n = whole.shape[axis]!;
    const from = options.start ?? 0;
    this.#of(whole).pieces.push({ axis, start: Math.min(n, Math.max(0, from < 0 ? from + n : from)), value });
  }

  get(tensor: Tensor): Tensor | undefined {
    const known = this.#gathered.get(tensor);
    if (known === undefined || known.pieces.length === 0) return known?.sum;
    const layers = layersOf(known.pieces.splice(0)).map((layer) => filled(tensor, layer));
    known.sum = layers.reduce((sum, layer) => (sum === undefined ? layer : add(sum, layer)), known.sum);
    return known.sum;
  }

  delete(tensor: Tensor): void {
    this.#gathered.delete(tensor);
  }

  #of(tensor: Tensor): Gathered {
    let known = this.#gathered.get(tensor);
    if (known === undefined) {
      known = { sum: undefined, pieces: [] };
      this.#gathered.set(tensor, known);
    }
    return known;
  }
}

/** Whether an operation takes adjoining elements out of its input. */
export function isPlainSlice(operation: AnyOperation, options: unknown): boolean {
  return operation === (slice.operation as unknown as AnyOperation) && ((options as SliceOptions).step ?? 1) === 1;
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

/** Pieces side by side, with zeros between them and around. */
function filled(whole: Tensor, pieces: readonly Piece[]): Tensor {
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
  return parts.length === 1 ? parts[0]! : concat(parts, axis);
}
