import type { AttentionExample } from "../../src/index.ts";
import { sequence, tensor } from "../tensor.ts";

/** Weights of a shape whose last axis sums to 1, from scores. */
function softmaxed(shape: readonly number[], score: (index: readonly number[]) => number) {
  const columns = shape.at(-1)!;
  const raw = tensor(shape, (index) => Math.exp(score(index)));
  return {
    shape,
    data: async () => {
      const values = Float32Array.from(await raw.data());
      for (let row = 0; row < values.length; row += columns) {
        const cells = values.subarray(row, row + columns);
        const sum = cells.reduce((total, value) => total + value, 0);
        for (let i = 0; i < columns; i++) cells[i]! /= sum;
      }
      return values;
    },
  };
}

const words = (text: string) => text.split(" ");

/** A sequence of letters is written backwards: attention lies on the anti-diagonal. */
export function reversal(): AttentionExample {
  const letters = words("g r a d b o o k l i n </s>");
  const last = letters.length - 1;
  const next = sequence(3);
  return {
    weights: softmaxed([12, 12], ([q, k]) => 4 * Math.exp(-((k! - (last - q!)) ** 2) / 0.8) + next()),
    queries: [...letters].reverse(),
    keys: letters,
    label: "twelve letters",
  };
}

/** An English sentence attends to the French one that it translates: not square, and with words that change places. */
export function translation(): AttentionExample {
  const english = words("<s> the agreement on the European Economic Area was signed in August 1992 . </s>");
  const french = words(
    "<s> l' accord sur la zone économique européenne a été signé en août mille neuf cent quatre-vingt-douze . </s>",
  );
  const aligned = [0, 1, 2, 3, 4, 7, 6, 5, 8.5, 10, 11, 12, 15, 17, 18];
  const next = sequence(8);
  return {
    weights: softmaxed(
      [english.length, french.length],
      ([q, k]) => 5 * Math.exp(-((k! - aligned[q!]!) ** 2) / (q === 12 ? 6 : 0.7)) + 0.8 * next(),
    ),
    queries: english,
    keys: french,
    label: "the European Economic Area",
  };
}

/** Layers of heads of self-attention, each with a habit of its own. */
export function transformer(layers = 4, heads = 8, tokens = 30): AttentionExample {
  const text = words(
    "[CLS] the animal did not cross the street because it was too tired , and the driver of the bus waited until it had gone away from the road . [SEP]",
  );
  const queries = Array.from({ length: tokens }, (_, i) => (i === tokens - 1 ? "[SEP]" : text[i % 30]!));
  const next = sequence(21);
  const habits = [
    (q: number, k: number) => -Math.abs(q - k - 1),
    (q: number, k: number) => -Math.abs(q - k + 1),
    (_: number, k: number) => (k === 0 ? 3 : 0),
    (q: number, k: number) => (queries[q] === queries[k] ? 3 : 0),
    (q: number, k: number) => -((q - k) ** 2) / 12,
    (_: number, k: number) => (k === tokens - 1 ? 2.5 : 0),
    (q: number, k: number) => (k <= q ? 1 : -4),
    () => 0,
  ];
  return {
    weights: softmaxed(
      [layers, heads, tokens, tokens],
      ([l, h, q, k]) => (1 + 0.4 * l!) * habits[(h! + l!) % 8]!(q!, k!) + 0.7 * next(),
    ),
    queries,
    label: "the animal",
  };
}

/** "a red circle above a blue square", and where each word looks in 7 × 7 patches of an image of 28 × 28. */
export function caption(): AttentionExample {
  const queries = words("<s> a red circle above a blue square </s>");
  const centres = [
    [3, 3],
    [1.5, 2],
    [1.5, 2],
    [1.6, 2],
    [3.2, 3],
    [4.6, 4],
    [4.6, 4],
    [4.6, 4],
    [3, 3],
  ] as const;
  const width = [20, 3, 0.9, 1, 4, 3, 1, 0.9, 20];
  const image = tensor([3, 28, 28], ([channel, y, x]) => {
    if (Math.hypot(y! - 8, x! - 10) < 5.5) return [0.86, 0.2, 0.15][channel!]!;
    if (Math.abs(y! - 20.5) < 5 && Math.abs(x! - 18.5) < 5) return [0.15, 0.35, 0.85][channel!]!;
    return 0.93;
  });
  return {
    weights: softmaxed([queries.length, 49], ([q, k]) => {
      const [row, column] = centres[q!]!;
      return -((Math.floor(k! / 7) - row) ** 2 + ((k! % 7) - column) ** 2) / width[q!]!;
    }),
    queries,
    image,
    patches: [7, 7],
    label: "a red circle",
  };
}

/** Two hundred tokens attend to three hundred. */
export function long(): AttentionExample {
  const next = sequence(5);
  const token = (prefix: string) => (_: unknown, index: number) => `${prefix}${index}`;
  return {
    weights: softmaxed([200, 300], ([q, k]) => 5 * Math.exp(-((k! - 1.5 * q!) ** 2) / 20) + next()),
    queries: Array.from({ length: 200 }, token("query")),
    keys: Array.from({ length: 300 }, token("key")),
    label: "long",
  };
}
