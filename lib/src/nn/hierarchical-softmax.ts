import { checkedIndices } from "../operations/indices.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fanInUniform } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";

/**
 * Probabilities of many classes by decisions along a binary tree (Morin and Bengio, AISTATS 2005): at each inner node
 * the logistic function of a linear score says left or right, and a class has the product along its path, so that a
 * class costs the depth of its leaf instead of the number of classes. The tree is Huffman's for the frequencies of the
 * classes (as Mikolov et al. 2013), balanced if all are alike. `weight [classes − 1, features]`, `bias [classes − 1]`.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 * const words = nn.init(new nn.HierarchicalSoftmax(8, [50, 20, 20, 10]), { seed: 1 });
 * const logs = words.logProbabilities(zeros([2, 8])); // [2, 4]
 * await logs.exp().sum({ axis: -1 }).toArray(); // [1, 1]
 * ```
 */
export class HierarchicalSoftmax extends Module {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32">;
  readonly classes: number;
  /** For each class its inner nodes from the root, padded to the deepest, and +1 for left, −1 for right, 0 for padding. */
  readonly #nodes: Int32Array;
  readonly #sides: Float32Array;
  readonly #depth: number;

  /** @param frequencies how often each class comes, or the number of classes. */
  constructor(features: number, frequencies: number | ArrayLike<number>) {
    super();
    checkCount("HierarchicalSoftmax", "features", features);
    const counts = typeof frequencies === "number" ? new Array<number>(frequencies).fill(1) : Array.from(frequencies);
    if (counts.length < 2)
      throw new ArgumentError("HierarchicalSoftmax", `${counts.length} classes, expected at least two.`);
    const odd = counts.findIndex((n) => !(n >= 0 && Number.isFinite(n)));
    if (odd >= 0)
      throw new ArgumentError("HierarchicalSoftmax", `frequency ${odd} is ${counts[odd]}, expected 0 or more.`);
    this.classes = counts.length;
    const paths = huffmanPaths(counts);
    this.#depth = Math.max(...paths.map((path) => path.length));
    this.#nodes = new Int32Array(this.classes * this.#depth);
    this.#sides = new Float32Array(this.#nodes.length);
    for (const [label, path] of paths.entries()) {
      for (const [i, { node, left }] of path.entries()) {
        this.#nodes[label * this.#depth + i] = node;
        this.#sides[label * this.#depth + i] = left ? 1 : -1;
      }
    }
    this.weight = parameter([this.classes - 1, features], fanInUniform(features));
    this.bias = parameter([this.classes - 1], fanInUniform(features));
  }

  /** ln p(label) for `x [..., features]` and int32 `labels [...]`: `[...]`. Its negative mean is the loss. */
  forward(x: Tensor, labels: Tensor<"int32">): Tensor<"float32"> {
    this.#requireFeatures(x);
    if (!sameShape(x.shape.slice(0, -1), labels.shape)) {
      const text = `the input is ${showShape(x.shape)}, the labels ${showShape(labels.shape)}; expected one label for each row.`;
      throw new ShapeError(this.where, text, [x.shape, labels.shape]);
    }
    if (labels.dtype !== "int32")
      throw new DTypeError(this.where, `labels are ${labels.dtype}, expected int32. Cast them: labels.cast("int32").`);
    checkedIndices(this.where, labels, this.classes);
    const { nodes, sides } = this.#tree(x);
    const path = nodes.take(labels);
    const scores = this.weight.take(path).mul(x.expandDims(-2)).sum({ axis: -1 }).add(this.bias.take(path));
    return decided(scores, sides.take(labels));
  }

  /** ln p of every class, for `x [..., features]`: `[..., classes]`; their exponentials sum to 1. */
  logProbabilities(x: Tensor): Tensor<"float32"> {
    this.#requireFeatures(x);
    const { nodes, sides } = this.#tree(x);
    const rows = x.reshape([-1, this.weight.shape[1]!]).matmul(this.weight.transpose()).add(this.bias);
    const scores = rows.reshape([...x.shape.slice(0, -1), this.classes - 1]);
    return decided(scores.take(nodes, -1), sides);
  }

  #tree(x: Tensor) {
    const shape = [this.classes, this.#depth];
    return {
      nodes: tensorOf(this.#nodes, "int32", shape, x.device),
      sides: tensorOf(this.#sides, "float32", shape, x.device),
    };
  }

  #requireFeatures(x: Tensor): void {
    const features = this.weight.shape[1]!;
    if (x.shape.at(-1) === features) return;
    throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected [..., ${features}].`, [x.shape]);
  }

  override describe(): string {
    return `HierarchicalSoftmax(${this.weight.shape[1]} → ${this.classes}, depth ${this.#depth})`;
  }
}

/** The sum over the path of ln σ(± score). */
function decided(scores: Tensor, sides: Tensor): Tensor<"float32"> {
  const each = scores.mul(sides).logSigmoid() as Tensor<"float32">;
  return sides.equal(0).where(0, each).sum({ axis: -1 });
}

interface Turn {
  readonly node: number;
  readonly left: boolean;
}

/** The path to each leaf of Huffman's tree (1952); the root is node 0, and of equals the first made come first. */
function huffmanPaths(frequencies: readonly number[]): Turn[][] {
  const n = frequencies.length;
  // Leaves in order and inner nodes in the order in which they are made are two sorted queues.
  const leaves = frequencies.map((count, label) => ({ count, label })).sort((a, b) => a.count - b.count);
  const inner: { readonly count: number; readonly children: readonly [number, number] }[] = [];
  let [leaf, made] = [0, 0];
  const lightest = (): { readonly count: number; readonly id: number } => {
    const [a, b] = [leaves[leaf], inner[made]];
    if (a !== undefined && (b === undefined || a.count <= b.count)) {
      leaf++;
      return { count: a.count, id: a.label };
    }
    return { count: b!.count, id: n + made++ };
  };
  while (inner.length < n - 1) {
    const [a, b] = [lightest(), lightest()];
    inner.push({ count: a.count + b.count, children: [a.id, b.id] });
  }
  const paths = new Array<Turn[]>(n);
  const walk: { readonly id: number; readonly path: readonly Turn[] }[] = [{ id: 2 * n - 2, path: [] }];
  for (let next = walk.pop(); next !== undefined; next = walk.pop()) {
    const { id, path } = next;
    if (id < n) {
      paths[id] = [...path];
      continue;
    }
    const node = 2 * n - 2 - id;
    const [left, right] = inner[id - n]!.children;
    walk.push(
      { id: right, path: [...path, { node, left: false }] },
      { id: left, path: [...path, { node, left: true }] },
    );
  }
  return paths;
}
