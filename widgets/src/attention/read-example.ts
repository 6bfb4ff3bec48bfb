import { sizes, type TensorSource, tensorOf, valuesOf } from "../data.ts";
import type { Example, PatchedImage } from "./example.ts";
import { fourAxes, type NestedWeights, readWeights, shapeOf } from "./read-weights.ts";

/** Weights of shape [queries, keys], [heads, queries, keys] or [layers, heads, queries, keys], or what gives them. */
export type AttentionWeights = TensorSource | NestedWeights | (() => NestedWeights);

/** The tokens of one sequence, and the image where it is about one. */
export interface AttentionTokens {
  /** The tokens that attend: the rows. */
  readonly queries: readonly string[];
  /** The tokens attended to: the columns. Default: the patches of the image, or else the queries themselves. */
  readonly keys?: readonly string[];
  /** The image whose patches are the keys: [height, width] or [1 or 3, height, width], from 0 to 1 or from 0 to 255. */
  readonly image?: TensorSource;
  /** How many patches the image has, down and across; they are the keys row by row. */
  readonly patches?: readonly [rows: number, columns: number];
}

/** One of several sequences to choose from. */
export interface AttentionExample extends AttentionTokens {
  readonly weights: AttentionWeights;
  /** What the list calls it. Default: its first words. */
  readonly label?: string;
}

const who = "attentionMap";
const imageHint = "Give the image as [height, width] or [3, height, width].";

/** Looks at what is known before the values are: throws where tokens and weights do not fit. */
export function checkExample(example: AttentionExample, name: string): void {
  const { queries, keys, image, patches } = example;
  if (!Array.isArray(queries) || queries.some((token) => typeof token !== "string"))
    throw new TypeError(
      `${who}: ${name}queries is no list of texts; expected the tokens that attend, one for each row.`,
    );
  if ((image === undefined) !== (patches === undefined))
    throw new TypeError(
      `${who}: ${name}${image ? "the image has no patches" : "there are patches and no image"}; expected both. Give patches: [rows, columns].`,
    );
  if (patches && !(patches.length === 2 && patches.every((count) => Number.isInteger(count) && count > 0)))
    throw new RangeError(`${who}: ${name}patches is ${sizes(patches)}, expected [rows, columns] of the image.`);
  if (image !== undefined && typeof image !== "function") imageSizes(tensorOf(who, image, imageHint).shape);
  if (typeof example.weights !== "function") checkTokens(example, fourAxes(shapeOf(example.weights)), name, keys);
}

function checkTokens(
  { queries, patches }: AttentionTokens,
  shape: readonly [number, number, number, number],
  name: string,
  keys: readonly string[] | undefined,
): void {
  const [, , rows, columns] = shape;
  const is = `${who}: ${name}the weights are ${sizes(shape.slice(2))}`;
  if (patches && patches[0] * patches[1] !== columns)
    throw new RangeError(
      `${is}, and ${sizes(patches)} patches are ${patches[0] * patches[1]} keys; expected ${columns}, one for each column.`,
    );
  if (rows !== queries.length) {
    const turned = keys?.length === rows && queries.length === columns;
    const how = turned ? " Queries are the rows, keys the columns: give them the other way round." : "";
    throw new RangeError(`${is}, and there are ${queries.length} queries; expected ${rows}, one for each row.${how}`);
  }
  if (patches && keys === undefined) return;
  if (keys === undefined && columns !== rows)
    throw new RangeError(
      `${is}, and there are no keys; expected the ${columns} tokens that are attended to, one for each column. Give keys.`,
    );
  if (keys !== undefined && keys.length !== columns)
    throw new RangeError(`${is}, and there are ${keys.length} keys; expected ${columns}, one for each column.`);
}

/** Waits for the values of an example. */
export async function readExample(example: AttentionExample, name: string): Promise<Example> {
  const { weights: source, queries, patches, label } = example;
  const { shape, values } = await readWeights(typeof source === "function" ? source() : source);
  const fitting = fourAxes(shape);
  checkTokens(example, fitting, name, example.keys);
  const image = example.image && patches ? await readImage(example.image, patches) : null;
  const keys = example.keys ?? (patches ? patchNames(patches) : queries);
  const first = queries.slice(0, 8).join(" ");
  return {
    label: label ?? (first.length > 40 || queries.length > 8 ? `${first.slice(0, 40).trimEnd()}…` : first),
    queries: [...queries],
    keys: [...keys],
    self: image === null && keys.length === queries.length && keys.every((token, index) => token === queries[index]),
    layers: fitting[0],
    heads: fitting[1],
    weights: values as Float32Array,
    image,
  };
}

function patchNames([rows, columns]: readonly [number, number]): string[] {
  return Array.from({ length: rows * columns }, (_, i) => `${Math.floor(i / columns)}, ${i % columns}`);
}

function imageSizes(shape: readonly number[]): { planes: number; height: number; width: number } {
  const [planes, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  if (shape.length > 3 || (planes !== 1 && planes !== 3) || !height || !width)
    throw new RangeError(`${who}: the image is ${sizes(shape)}, expected [height, width] or [1 or 3, height, width].`);
  return { planes, height, width };
}

async function readImage(source: TensorSource, [rows, columns]: readonly [number, number]): Promise<PatchedImage> {
  const { shape, values } = await valuesOf(who, source, imageHint);
  const { planes, height, width } = imageSizes(shape);
  let [low, high] = [0, 1];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  // Bytes, or values of a range of their own such as normalised ones.
  if (low === 0 && high > 1 && high <= 255) high = 255;
  const pixels = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = values[(planes === 3 ? channel * width * height : 0) + i]!;
      pixels[3 * i + channel] = Math.round((255 * (value - low)) / (high - low));
    }
  }
  return { width, height, pixels, rows, columns };
}
