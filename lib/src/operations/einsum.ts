import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Letters, Repeated, Split, Without } from "./pattern-types.ts";

type Inputs<P extends string> = P extends `${infer Left}->${string}` ? Left : P;
type Output<P extends string> = P extends `${string}->${infer Right}` ? Right : "";

/** What is wrong with a pattern, or never. */
type Problem<P extends string> = string extends P
  ? never
  : P extends `${string}->${string}->${string}`
    ? `einsum: "->" stands twice`
    : Repeated<Letters<Output<P>>> extends never
      ? Exclude<Letters<Output<P>>[number], Letters<Without<Inputs<P>, ",">>[number]> extends infer Lost extends string
        ? [Lost] extends [never]
          ? never
          : `einsum: the result has ${Lost}, which no operand has`
        : never
      : `einsum: the result has ${Repeated<Letters<Output<P>>>} twice`;
type Checked<P extends string> = [Problem<P>] extends [never] ? P : Problem<P>;

type Operands<P extends string> = string extends P ? readonly Tensor[] : TensorEach<Split<Inputs<P>, ",">>;
type TensorEach<List extends readonly string[]> = { readonly [I in keyof List]: Tensor };

/** A tensor whose axes have letters. */
interface Labelled {
  readonly x: Tensor;
  readonly letters: readonly string[];
}

/**
 * Sums of products by Einstein's convention: `einsum("bqd,bkd->bqk", q, k)`. Every axis has a letter; letters that the
 * result lacks are summed over, one that an operand has twice takes its diagonal, and `...` stands for any leading axes,
 * which broadcast. Without `->` the result has the letters that stand once, in alphabetical order. The number of operands
 * and the letters of the result are checked at compile time. Of more than two operands the pair with the smallest result
 * is multiplied first.
 * Throws an `ArgumentError` for a bad pattern and a `ShapeError` where a letter has two sizes.
 */
export function einsum<const P extends string>(pattern: Checked<P>, ...operands: Operands<P>): Tensor {
  const { inputs, output } = read(pattern, operands);
  const sizes = sizesOf(inputs);
  let parts: Labelled[] = inputs.map(withoutDoubles);
  const needed = (letter: string, ...apart: Labelled[]) =>
    output.includes(letter) || parts.some((part) => !apart.includes(part) && part.letters.includes(letter));
  parts = parts.map((part) => summed(part, (letter) => needed(letter, part)));
  while (parts.length > 1) {
    const [a, b] = cheapest(parts, needed, sizes);
    const product = multiplied(a, b, (letter) => needed(letter, a, b), sizes);
    parts = [...parts.filter((part) => part !== a && part !== b), product];
  }
  const last = summed(parts[0]!, (letter) => output.includes(letter));
  const order = output.map((letter) => last.letters.indexOf(letter));
  return order.every((axis, i) => axis === i) ? last.x : last.x.transpose(order);
}

function read(pattern: string, operands: readonly Tensor[]): { inputs: Labelled[]; output: string[] } {
  const [left, right, ...more] = pattern.replaceAll(" ", "").split("->") as [string, string?, ...string[]];
  const quoted = JSON.stringify(pattern);
  if (more.length > 0) throw new ArgumentError("einsum", `${quoted} has "->" more than once.`);
  const terms = left.split(",");
  if (terms.length !== operands.length) {
    const expected = `${terms.length} ${terms.length === 1 ? "tensor" : "tensors"}`;
    throw new ArgumentError("einsum", `${quoted} is for ${expected}, ${operands.length} given.`);
  }
  const odd = operands.findIndex((x) => !(x instanceof Tensor));
  if (odd >= 0) throw new ArgumentError("einsum", `operand ${odd + 1} is no tensor, expected one.`);
  for (const term of [...terms, right ?? ""])
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term))
      throw new ArgumentError("einsum", `${quoted}: "${term}" is no term, expected letters and one "..." at most.`);
  const inputs = terms.map((term, i) => labelled(term, operands[i]!, quoted, i));
  const rest = Math.max(0, ...inputs.map(({ letters }) => letters.filter(isRest).length));
  const all = inputs.flatMap(({ letters }) => letters);
  const ellipsis = Array.from({ length: rest }, (_, i) => String(rest - 1 - i));
  if (right === undefined) {
    const once = all.filter((letter) => !isRest(letter) && all.indexOf(letter) === all.lastIndexOf(letter));
    return { inputs, output: [...ellipsis, ...once.sort()] };
  }
  const output = [...right.replace("...", "\n")].flatMap((letter) => (letter === "\n" ? ellipsis : [letter]));
  const lost = output.find((letter) => !all.includes(letter));
  if (lost !== undefined) throw new ArgumentError("einsum", `${quoted}: the result has ${lost}, which no operand has.`);
  const twice = output.find((letter, i) => output.indexOf(letter) !== i);
  if (twice !== undefined) throw new ArgumentError("einsum", `${quoted}: the result has ${twice} twice.`);
  return { inputs, output };
}

/** Axes under `...` are numbered from the last one backwards, so that they broadcast. */
function isRest(letter: string): boolean {
  return /^\d+$/.test(letter);
}

function labelled(term: string, x: Tensor, pattern: string, position: number): Labelled {
  const named = term.replace("...", "").length;
  const open = term.includes("...");
  if (open ? x.rank < named : x.rank !== named) {
    const expected = `${named}${open ? " or more" : ""} ${named === 1 && !open ? "axis" : "axes"}`;
    throw new ShapeError(
      "einsum",
      `${pattern}: operand ${position + 1} is ${showShape(x.shape)}, "${term}" expects ${expected}.`,
      [x.shape],
    );
  }
  const rest = x.rank - named;
  const letters = [...term.replace("...", "\n")].flatMap((letter) =>
    letter === "\n" ? Array.from({ length: rest }, (_, i) => String(rest - 1 - i)) : [letter],
  );
  return { x, letters };
}

function sizesOf(inputs: readonly Labelled[]): Map<string, number> {
  const sizes = new Map<string, number>();
  const from = new Map<string, number>();
  for (const [i, { x, letters }] of inputs.entries()) {
    for (const [axis, letter] of letters.entries()) {
      const [n, known] = [x.shape[axis]!, sizes.get(letter)];
      if (known === undefined || (isRest(letter) && known === 1)) {
        sizes.set(letter, n);
        from.set(letter, i);
      } else if (n !== known && !(isRest(letter) && n === 1)) {
        const which = isRest(letter) ? `an axis under "..."` : letter;
        throw new ShapeError(
          "einsum",
          `${which} is ${known} in operand ${from.get(letter)! + 1}, ${showShape(inputs[from.get(letter)!]!.x.shape)}, and ${n} in operand ${i + 1}, ${showShape(x.shape)}.`,
          inputs.map((input) => input.x.shape),
        );
      }
    }
  }
  return sizes;
}

/** The diagonal of axes with the same letter. */
function withoutDoubles({ x, letters }: Labelled): Labelled {
  const second = letters.findIndex((letter, i) => letters.indexOf(letter) !== i);
  if (second < 0) return { x, letters };
  const first = letters.indexOf(letters[second]!);
  const others = letters.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  const diagonal = x.transpose([...others, first, second]).diagonal();
  return withoutDoubles({ x: diagonal, letters: [...others.map((axis) => letters[axis]!), letters[first]!] });
}

function summed({ x, letters }: Labelled, keep: (letter: string) => boolean): Labelled {
  const axis = letters.flatMap((letter, i) => (keep(letter) ? [] : [i]));
  return axis.length === 0 ? { x, letters } : { x: x.sum({ axis }), letters: letters.filter(keep) };
}

type Needed = (letter: string, ...apart: Labelled[]) => boolean;

function cheapest(parts: readonly Labelled[], needed: Needed, sizes: Map<string, number>): [Labelled, Labelled] {
  let best: [Labelled, Labelled] = [parts[0]!, parts[1]!];
  let least = Number.POSITIVE_INFINITY;
  for (const [i, a] of parts.entries()) {
    for (const b of parts.slice(i + 1)) {
      const kept = [...new Set([...a.letters, ...b.letters])].filter((letter) => needed(letter, a, b));
      const size = sizeOf(kept.map((letter) => sizes.get(letter)!));
      if (size < least) [best, least] = [[a, b], size];
    }
  }
  return best;
}

/** The product of two, summed over the letters that nobody needs any more: a batched product of matrices. */
function multiplied(
  a: Labelled,
  b: Labelled,
  needed: (letter: string) => boolean,
  sizes: Map<string, number>,
): Labelled {
  const both = a.letters.filter((letter) => b.letters.includes(letter));
  const inner = both.filter((letter) => !needed(letter));
  // Axes under "..." may have size 1 in one of the two and broadcast: they stay apart in the product.
  const shared = both.filter(needed);
  const left = a.letters.filter((letter) => !b.letters.includes(letter));
  const right = b.letters.filter((letter) => !a.letters.includes(letter));
  const letters = [...shared, ...left, ...right];
  if (inner.length === 0) {
    const aligned = ({ x, letters: own }: Labelled) => {
      const present = letters.filter((letter) => own.includes(letter));
      const ordered = x.transpose(present.map((letter) => own.indexOf(letter)));
      return ordered.reshape(letters.map((letter) => (own.includes(letter) ? x.shape[own.indexOf(letter)]! : 1)));
    };
    return { x: aligned(a).mul(aligned(b)), letters };
  }
  const matrix = ({ x, letters: own }: Labelled, rows: readonly string[], columns: readonly string[]) => {
    const size = (letter: string) => x.shape[own.indexOf(letter)]!;
    const wanted = inner.some((letter) => size(letter) !== sizes.get(letter)!)
      ? x.broadcastTo(own.map((letter) => (inner.includes(letter) ? sizes.get(letter)! : size(letter))))
      : x;
    const ordered = wanted.transpose([...shared, ...rows, ...columns].map((letter) => own.indexOf(letter)));
    const product = (list: readonly string[]) => sizeOf(list.map((letter) => wanted.shape[own.indexOf(letter)]!));
    return ordered.reshape([...shared.map(size), product(rows), product(columns)]);
  };
  const product = matrix(a, left, inner).matmul(matrix(b, inner, right));
  const shape = letters.map((letter, i) => {
    if (i < shared.length) return product.shape[i]!;
    const from = a.letters.includes(letter) ? a : b;
    return from.x.shape[from.letters.indexOf(letter)]!;
  });
  return { x: product.reshape(shape), letters };
}
