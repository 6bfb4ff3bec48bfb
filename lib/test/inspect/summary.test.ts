import { describe, expect, it } from "vitest";
import { capture, nn, summary, type Tensor, zeros } from "../../src/index.ts";
import { LeNet5, modernLeNet } from "../nn/lenet.ts";

describe("summary", () => {
  const layers = summary(nn.init(new LeNet5(), { seed: 1 }), [1, 28, 28]);

  it("counts the parameters and connections of LeNet-5 as the paper does", () => {
    expect(layers.parameters).toBe(60_000);
    expect(layers.connections).toBe(340_908);
    const counts = layers.rows.map(({ path, parameters, connections }) => [path, parameters, connections]);
    expect(counts).toEqual([
      ["c1", 156, 122_304],
      ["s2", 12, 5_880],
      ["c3", 1_516, 151_600],
      ["s4", 32, 2_000],
      ["c5", 48_120, 48_120],
      ["f6", 10_164, 10_164],
      ["output", 0, 840],
    ]);
  });

  it("prints as a table", () => {
    expect(String(layers).split("\n").slice(0, 4)).toEqual([
      "path    layer                       output    parameters  connections",
      "─────────────────────────────────────────────────────────────────────",
      "c1      Conv2d(1 → 6, 5×5)          6×28×28          156      122,304",
      "s2      Subsampling(6, 2×2)         6×14×14           12        5,880",
    ]);
  });

  it("tells what is frozen, and takes any input and any output", () => {
    class Reader extends nn.Module {
      readonly words = new nn.Embedding(10, 4);
      readonly lstm = new nn.LSTM(4, 3);
      readonly attention = new nn.MultiheadAttention(3, 1);
      readonly gains = [nn.parameter([2], nn.onesInit)];
      forward(rows: Tensor): Tensor {
        return this.attention.forward(this.lstm.forward(this.words.forward(rows)).output).output;
      }
    }
    const model = nn.freeze(nn.init(new Reader(), { seed: 1 }), "words");
    const table = summary(model, zeros([2, 5], { dtype: "int32" }));
    expect(table.rows.map(({ path, output, parameters, trainable }) => [path, output, parameters, trainable])).toEqual([
      ["words", [5, 4], 40, 0],
      ["lstm", [5, 3], 4 * 3 * (4 + 3 + 2), 4 * 3 * (4 + 3 + 2)],
      ["attention.out_proj", [5, 3], 12, 12],
      ["attention", [5, 3], 36, 36],
      ["", [5, 3], 2, 2],
    ]);
    expect([table.parameters, table.trainable]).toEqual([198, 158]);
    expect(String(table)).toMatch(/words +Embedding\(10 × 4\) +5×4 +40 frozen/);
    expect(String(table)).toMatch(/total +158 of 198/);
  });

  it("counts a shared parameter once", () => {
    class Tied extends nn.Module {
      readonly a = new nn.Linear(3, 3);
      readonly b = this.a;
      forward(x: Parameters<nn.Linear["forward"]>[0]) {
        return this.b.forward(this.a.forward(x));
      }
    }
    expect(summary(nn.init(new Tied(), { seed: 1 }), [3]).parameters).toBe(12);
  });
});

describe("capture", () => {
  it("gives the output of every layer by path, functions by position", () => {
    const seen = capture(nn.init(modernLeNet(), { seed: 1 }), zeros([2, 1, 28, 28]));
    expect([...seen].map(([path, x]) => `${path} ${x.shape.join("×")}`)).toEqual([
      "0 2×6×28×28",
      "1 2×6×28×28",
      "2 2×6×14×14",
      "3 2×16×10×10",
      "4 2×16×10×10",
      "5 2×16×5×5",
      "6 2×400",
      "7 2×120",
      "8 2×120",
      "9 2×84",
      "10 2×84",
      "11 2×10",
      " 2×10",
    ]);
  });

  it("works on models whose forward is a field, and leaves it there", async () => {
    class Field extends nn.Module {
      readonly inner = new nn.Linear(2, 1);
      forward = (x: Tensor) => this.inner.forward(x);
    }
    const model = nn.init(new Field(), { seed: 1 });
    expect([...capture(model, zeros([1, 2])).keys()]).toEqual(["inner", ""]);
    expect(summary(model, [2]).parameters).toBe(3);
    expect(model.forward(zeros([1, 2])).shape).toEqual([1, 1]);
  });

  it("leaves the model as it was, also when a layer throws", () => {
    const model = nn.init(modernLeNet(), { seed: 1 });
    expect(() => capture(model, zeros([2, 3, 28, 28]))).toThrow("the input has 3 channels");
    expect(Object.keys(model)).toEqual(["layers"]);
    expect(Object.hasOwn(model, "forward")).toBe(false);
  });
});
