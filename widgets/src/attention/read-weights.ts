import { sizes, type TensorLike, tensorOf, type Values, valuesOf } from "../data.ts";

/** Rows of numbers, or lists of them, or lists of tensors, for example one for each layer. */
export type NestedWeights = readonly (ArrayLike<number> | TensorLike | NestedWeights)[];

const who = "attentionMap";

/** What shapes the weights may have. */
export const expectedShape =
  "expected [queries, keys], [heads, queries, keys] or [layers, heads, queries, keys], of one sequence";

const hint = `It ${expectedShape}.`;

type Part = number | ArrayLike<number> | TensorLike | NestedWeights;

function isList(part: Part): part is NestedWeights | readonly number[] {
  return Array.isArray(part) || (ArrayBuffer.isView(part) && !(part instanceof DataView));
}

/** The sizes of weights, before their values are there. */
export function shapeOf(part: Part): readonly number[] {
  if (typeof part === "number") return [];
  if (!isList(part)) return [...tensorOf(who, part as TensorLike, hint).shape];
  if (part.length === 0) throw new RangeError(`${who}: there are no weights in the list; ${expectedShape}.`);
  if (ArrayBuffer.isView(part)) return [part.length];
  const inner = shapeOf(part[0]!);
  for (let index = 1; index < part.length; index++) {
    const other = shapeOf(part[index]!);
    if (String(other) !== String(inner))
      throw new RangeError(
        `${who}: entry ${index} of a list is ${sizes(other)}, entry 0 is ${sizes(inner)}. Give lists of equal lengths.`,
      );
  }
  return [part.length, ...inner];
}

/** Waits for the weights: as [layers, heads, queries, keys], and checked. */
export async function readWeights(source: Part): Promise<Values> {
  const { shape, values } = isList(source)
    ? { shape: shapeOf(source), values: await listed(source) }
    : await valuesOf(who, source as TensorLike, hint);
  const weights = Float32Array.from(values);
  const negative = weights.findIndex((weight) => weight < 0 || weight === Number.POSITIVE_INFINITY);
  if (negative >= 0) {
    const place: number[] = [];
    for (let rest = negative, axis = shape.length - 1; axis >= 0; axis--) {
      place.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    throw new RangeError(
      `${who}: the weight at ${sizes(place)} is ${weights[negative]}, expected weights from 0. Give what softmax returns, not the scores before it.`,
    );
  }
  return { shape: fourAxes(shape), values: weights };
}

/** The shape with layers and heads, where there is only one of them. */
export function fourAxes(shape: readonly number[]): readonly [number, number, number, number] {
  if (shape.length < 2 || shape.length > 4 || shape.includes(0))
    throw new RangeError(`${who}: the weights are ${sizes(shape)}; ${expectedShape}.`);
  const [layers, heads] = [shape.at(-4) ?? 1, shape.at(-3) ?? 1];
  return [layers, heads, shape.at(-2)!, shape.at(-1)!];
}

async function listed(list: ArrayLike<Part>): Promise<Float32Array> {
  if (ArrayBuffer.isView(list) || typeof list[0] === "number") return Float32Array.from(list as ArrayLike<number>);
  const parts = await Promise.all(
    Array.from(list, async (part) =>
      isList(part) ? listed(part) : Float32Array.from((await valuesOf(who, part as TensorLike, hint)).values),
    ),
  );
  const whole = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let filled = 0;
  for (const part of parts) {
    whole.set(part, filled);
    filled += part.length;
  }
  return whole;
}
