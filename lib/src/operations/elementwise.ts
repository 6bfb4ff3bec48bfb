import type { Scalar, Shape } from "../device/device.ts";
import { broadcastShapes, sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor, TensorLike } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Kind, type Misfit, type Pullback, type Sample, type Sooner, shapes } from "./record.ts";

/** The broadcast shape of two, or a message that says which axis disagrees and how to line it up. */
export function broadcast(a: Shape, b: Shape): Shape | Misfit {
  if (sameShape(a, b)) return a;
  const result = broadcastShapes(a, b);
  if ("shape" in result) return result.shape;
  const { axisFromEnd } = result;
  const [m, n] = [a.at(-axisFromEnd), b.at(-axisFromEnd)];
  const which = axisFromEnd === 1 ? "the last axis" : `axis −${axisFromEnd}`;
  return {
    because: `${showShape(a)} and ${showShape(b)} do not broadcast: ${which} is ${m} against ${n}.${lineUp(a, b)}`,
  };
}

/** How a vector would line up with a matrix's rows, where that is what was meant. */
function lineUp(a: Shape, b: Shape): string {
  if (a.length === 2 && b.length === 1 && a[0] === b[0]) return " Per row: y.expandDims(1).";
  if (b.length === 2 && a.length === 1 && b[0] === a[0]) return " Per row: x.expandDims(1).";
  return " Sizes match from the last axis backwards, or are 1.";
}

/** The adjoint of broadcasting: adds up what was repeated. Nobody asks for the derivative of a plain number. */
export function unbroadcast(g: Tensor, to: Tensor): Tensor | null {
  if (to.state.kind === "constant") return null;
  return sameShape(g.shape, to.shape) ? g : g.sumTo(to.shape);
}

interface Elementwise<Inputs extends readonly TensorLike[]> {
  readonly name: string;
  readonly map: Scalar;
  readonly sooner?: Sooner<Inputs>;
  readonly kind?: Kind;
  readonly pullback: Pullback<Inputs, []> | null;
  /** Where sample values are drawn from, if not −2 … 2. */
  readonly range?: readonly [number, number];
}

export type Unary<K extends Kind = "float"> = OperationFunction<[x: Tensor], [], K>;
export type Binary<K extends Kind = "meet"> = OperationFunction<[x: TensorLike, y: TensorLike], [], K>;

/** An operation on every element of one tensor. */
export function unary<K extends Kind = "float">(operation: Elementwise<[x: Tensor]>): Unary<K> {
  const small = ([[3, 4], [2, 1, 3], [], [0, 2]] as const).map((shape) => ranged<[]>([shape], operation.range));
  const samples = [...small, { ...ranged<[]>([[30, 40]], operation.range), large: true }];
  return define<Unary<K>>({ ...operation, inputs: ["x"], shape: ([x]) => x, samples });
}

/** An operation on pairs of elements; shapes broadcast. */
export function binary<K extends Kind = "meet">(operation: Elementwise<[x: TensorLike, y: TensorLike]>): Binary<K> {
  const pairs = [
    [
      [3, 4],
      [3, 4],
    ],
    [[2, 3, 4], [4]],
    [
      [3, 1],
      [1, 4],
    ],
    [[], [2, 2]],
    [[0, 3], [3]],
  ] as const;
  return define<Binary<K>>({
    kind: "meet",
    ...operation,
    inputs: ["x", "y"],
    shape: ([x, y]) => broadcast(x, y),
    samples: pairs.map((shapes) => ranged<[]>(shapes, operation.range)),
    refusals: [
      {
        shapes: shapes([32, 10], [32]),
        message: /\[32, 10\] and \[32\] do not broadcast: the last axis is 10 against 32\. Per row: y\.expandDims\(1\)/,
      },
      { shapes: shapes([2, 3], [3, 3]), message: /axis −2 is 2 against 3/ },
    ],
  });
}

/** A comparison of pairs written in other ones; it has no derivative. */
export function composed(name: string, compose: (x: Tensor, y: Tensor) => Tensor): Binary<"bool"> {
  return define<Binary<"bool">>({
    name,
    inputs: ["x", "y"],
    kind: "bool",
    shape: ([x, y]) => broadcast(x, y),
    compose: ([x, y]) => compose(x, y),
    pullback: null,
    samples: [{ shapes: [[3, 4], [4]] }, { shapes: [[], [2, 2]] }],
    refusals: [{ shapes: shapes([2, 3], [3, 3]), message: /axis −2 is 2 against 3/ }],
  });
}

function ranged<Rest extends readonly unknown[]>(
  shapes: readonly Shape[],
  range: readonly [number, number] | undefined,
): Sample<Rest> {
  return range === undefined ? { shapes } : { shapes, range };
}
