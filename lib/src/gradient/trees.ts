import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { leavesOf, type Tree, withLeaves } from "./tree.ts";

/** A tree with something else in the place of its tensors. */
export type Mapped<T, Leaf> = T extends Tensor
  ? Leaf
  : T extends ReadonlyMap<string, Tensor>
    ? ReadonlyMap<string, Leaf>
    : { readonly [K in keyof T]: Mapped<T[K], Leaf> };

/**
 * The tree with each tensor replaced by what `f` makes of it; `path` is where it is: `layers.0.weight`.
 * @throws ArgumentError where the tree holds something that is no tensor, array or record.
 *
 * @example
 * ```ts
 * import { tensor, tree } from "gradbook";
 *
 * const parameters = { weight: tensor([[1, 2]]), biases: [tensor([3])] };
 * tree.map(parameters, (x) => x.size); // { weight: 2, biases: [1] }
 * tree.map(parameters, (_, path) => path); // { weight: "weight", biases: ["biases.0"] }
 * ```
 */
export function map<T extends Tree, Leaf>(tree: T, f: (x: Tensor, path: string) => Leaf): Mapped<T, Leaf> {
  const leaves = leavesOf(tree, "", "tree.map").map(({ path, tensor }) => f(tensor, path));
  return withLeaves(tree, leaves.values() as never) as unknown as Mapped<T, Leaf>;
}

/**
 * What `f` makes of the tensors that several trees of one form have at each place, in a tree of that form.
 * @throws ArgumentError where a tree has another form than the first.
 *
 * @example
 * ```ts
 * import { tensor, tree } from "gradbook";
 *
 * const weights = { a: tensor([1, 2]), b: tensor([3]) };
 * const steps = { a: tensor([10, 20]), b: tensor([30]) };
 * const moved = tree.zip([weights, steps], (x, step) => x.add(step));
 * await moved.b.toArray(); // [33]
 * ```
 */
export function zip<T extends Tree, Leaf>(
  trees: readonly [T, ...Tree[]],
  f: (x: Tensor, ...others: Tensor[]) => Leaf,
): Mapped<T, Leaf> {
  const lists = trees.map((tree) => leavesOf(tree, "", "tree.zip"));
  const first = lists[0]!;
  for (const [i, list] of lists.entries()) {
    const odd = first.findIndex(({ path }, k) => list[k]?.path !== path);
    if (odd < 0 && list.length === first.length) continue;
    const name = (path: string | undefined) =>
      path === undefined ? "nothing" : path === "" ? "a tensor" : `"${path}"`;
    const at = odd < 0 ? first.length : odd;
    throw new ArgumentError(
      "tree.zip",
      `tree ${i} has ${name(list[at]?.path)} where tree 0 has ${name(first[at]?.path)}, expected trees of one form.`,
    );
  }
  const leaves = first.map(({ tensor }, k) => f(tensor, ...lists.slice(1).map((list) => list[k]!.tensor)));
  return withLeaves(trees[0], leaves.values() as never) as unknown as Mapped<T, Leaf>;
}

/**
 * The tensors of a tree by path, in its order; the path of a tensor alone is "".
 * @throws ArgumentError where the tree holds something that is no tensor, array or record.
 *
 * @example
 * ```ts
 * import { tensor, tree } from "gradbook";
 *
 * [...tree.flatten({ weight: tensor([1]), biases: [tensor([2]), tensor([3])] }).keys()]; // ["weight", "biases.0", "biases.1"]
 * ```
 */
export function flatten(tree: Tree): Map<string, Tensor> {
  return new Map(leavesOf(tree, "", "tree.flatten").map(({ path, tensor }) => [path, tensor]));
}

/**
 * A tree of the form of `like` with the tensors that are given by path: the way back from `flatten`.
 * @throws ArgumentError where a path is missing or left over.
 */
export function unflatten<T extends Tree>(like: T, leaves: ReadonlyMap<string, Tensor>): Mapped<T, Tensor> {
  const paths = leavesOf(like, "", "tree.unflatten").map(({ path }) => path);
  const missing = paths.find((path) => !leaves.has(path));
  const surplus = [...leaves.keys()].find((path) => !paths.includes(path));
  if (missing !== undefined || surplus !== undefined)
    throw new ArgumentError(
      "tree.unflatten",
      missing !== undefined
        ? `"${missing}" is missing, expected a tensor for every path.`
        : `"${surplus}" is no path of the tree, expected its own only.`,
    );
  return withLeaves(like, paths.map((path) => leaves.get(path)!).values()) as unknown as Mapped<T, Tensor>;
}
