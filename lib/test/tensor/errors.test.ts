import { describe, expect, it } from "vitest";
import { losses, nn, ShapeError, tensor, zeros } from "../../src/index.ts";

describe("errors", () => {
  it("have the user's line on top of the stack and none of ours", () => {
    let error: unknown;
    try {
      zeros([64, 400]).matmul(zeros([120, 400]));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ShapeError);
    const { message, stack, shapes, tag } = error as ShapeError;
    expect(message).toBe(
      "matmul: [64, 400] × [120, 400]: the inner sizes 400 and 120 differ.\n  x.matmul(w.transpose()) would give [64, 120].",
    );
    expect(shapes).toEqual([
      [64, 400],
      [120, 400],
    ]);
    expect(tag).toBe("shape");
    expect(stack!.split("\n").find((line) => line.trim().startsWith("at "))).toContain("errors.test.ts");
    expect(stack).not.toContain("lib/src");
  });

  it("name the module by its path in the model", () => {
    class LeNet extends nn.Module {
      layers = new nn.Sequential([new nn.Conv2d(1, 3, 5), (x) => x, (x) => x, new nn.Conv2d(6, 16, 5)]);
    }
    const net = nn.init(new LeNet(), { seed: 1 });
    expect(() => net.layers.forward(zeros([2, 1, 28, 28]))).toThrow(
      "LeNet.layers.3, Conv2d(6 → 16, 5×5): the input has 3 channels, the filters expect 6.",
    );
  });

  it("say that a parameter has no values yet", () => {
    expect(() => new nn.Linear(2, 3).forward(zeros([1, 2]))).toThrow(
      /no values yet\. Draw them first: nn\.init\(model, \{ seed: 1 \}\)/,
    );
  });

  it("name an index that is out of range", () => {
    expect(() => losses.crossEntropy(zeros([2, 3]), tensor(Int32Array.of(0, 3)))).toThrow(
      "pick: index 3 at [1] is outside 0 … 2.",
    );
    expect(() => zeros([4, 2]).take(tensor(Int32Array.of(0, -1)))).toThrow("take: index -1 at [1] is outside 0 … 3.");
  });

  it("say what to flatten", () => {
    const layer = nn.init(new nn.Linear(400, 10), { seed: 1 });
    expect(() => layer.forward(zeros([2, 16, 5, 5]))).toThrow(
      "Linear(400 → 10): the input [2, 16, 5, 5] has 5 features, expected 400. Flatten it first: flatten(x, 1).",
    );
  });

  it("refuse arguments that are no tensors", () => {
    expect(() => zeros([2]).add([1, 2] as never)).toThrow(
      "add: y is an array, expected a tensor or a number. Make one: tensor([1, 2, 3]).",
    );
  });
});
