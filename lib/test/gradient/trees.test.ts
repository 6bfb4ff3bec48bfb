import { describe, expect, it } from "vitest";
import { grad, nn, type Tensor, tensor, tree, valueAndGrad, zeros } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const parameters = { weight: tensor([[1, 2]]), biases: [tensor([3]), tensor([4, 5])] };

describe("trees", () => {
  it("are mapped with paths, to tensors or anything else", async () => {
    expect(tree.map(parameters, (x, path) => `${path} ${x.size}`)).toEqual({
      weight: "weight 2",
      biases: ["biases.0 1", "biases.1 2"],
    });
    const doubled = tree.map(parameters, (x) => x.mul(2));
    expect(await doubled.biases[1]!.toArray()).toEqual([8, 10]);
    expect(tree.map(tensor([1]), (_, path) => path)).toBe("");
  });

  it("are zipped: a step of gradient descent", async () => {
    const loss = (p: typeof parameters) => p.weight.square().sum().add(p.biases[0]!.sum());
    const gradient = grad(loss)(parameters);
    const next = tree.zip([parameters, gradient], (x, g) => x.sub(g.mul(0.5)));
    expect(await next.weight.toArray()).toEqual([[0, 0]]);
    expect(await next.biases[0]!.toArray()).toEqual([2.5]);
    expect(await next.biases[1]!.toArray()).toEqual([4, 5]);
  });

  it("are flattened by path and put together again", async () => {
    const leaves = tree.flatten(parameters);
    expect([...leaves.keys()]).toEqual(["weight", "biases.0", "biases.1"]);
    const again = tree.unflatten(parameters, leaves);
    expect(again).toEqual(parameters);
    expect(tree.unflatten({ a: zeros([1]) }, new Map([["a", tensor([7])]])).a.shape).toEqual([1]);
  });

  it("may hold maps, as gradients of models are", async () => {
    const model = nn.init(new nn.Linear(2, 1), { seed: 1 });
    const { gradient } = valueAndGrad(model, (m) => m.forward(zeros([3, 2])).sum());
    const halves = tree.map(gradient, (g: Tensor) => g.div(2));
    expect([...halves.keys()]).toEqual(["weight", "bias"]);
    expect(await halves.get("bias")!.toArray()).toEqual([1.5]);
    const sum = tree.zip([gradient, gradient], (a, b) => a.add(b));
    expect(await sum.get("bias")!.toArray()).toEqual([6]);
  });
});

refused([
  ["something else in a tree", () => tree.map({ a: 3 } as never, (x) => x), /tree\.map: a is a number/],
  [
    "trees of two forms",
    () => tree.zip([parameters, { weight: tensor([1]) }], (x) => x),
    /tree 1 has nothing where tree 0 has "biases\.0"/,
  ],
  [
    "a tree with more in it",
    () => tree.zip([tensor([1]), [tensor([1])]], (x) => x),
    /tree 1 has "0" where tree 0 has a tensor/,
  ],
  ["a path that is missing", () => tree.unflatten(parameters, new Map()), /"weight" is missing/],
  [
    "a path left over",
    () =>
      tree.unflatten(
        tensor([1]),
        new Map([
          ["", tensor([1])],
          ["b", tensor([1])],
        ]),
      ),
    /"b" is no path of the tree/,
  ],
]);
