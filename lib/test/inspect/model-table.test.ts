import { describe, expect, it } from "vitest";
import { nn, relu, type Tensor } from "../../src/index.ts";
import { LeNet5 } from "../nn/lenet.ts";

function shown(model: nn.Module): Record<string, string> {
  return (model as unknown as Record<symbol, () => Record<string, string>>)[Symbol.for("Jupyter.display")]!();
}

const cellsOf = (html: string) =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<t[dh][^>]*>(?:<code>)?(.*?)(?:<\/code>)?<\/t[dh]>/g)].map(([, cell]) => cell),
  );

describe("a model in a notebook", () => {
  const small = new nn.Sequential([
    new nn.Linear(3, 4),
    relu,
    new nn.Dropout(0.5),
    new nn.Linear(4, 1, { bias: false }),
  ]);

  it("is a table of its layers with the shapes and numbers of their parameters", () => {
    const bundle = shown(nn.init(small, { seed: 1 }));
    expect(cellsOf(bundle["text/html"]!)).toEqual([
      ["path", "layer", "shapes", "parameters"],
      ["0", "Linear(3 → 4)", "weight 4×3, bias 4", "16"],
      ["2", small.children()[1]!.child.describe(), "–", "–"],
      ["3", small.children()[2]!.child.describe(), "weight 1×4", "4"],
      ["", "total", "", "20"],
    ]);
    const text = bundle["text/plain"]!.split("\n");
    expect(text[0]).toBe("Sequential(4)");
    expect(text[3]).toMatch(/^0 +Linear\(3 → 4\) +weight 4×3, bias 4 +16$/);
    expect(text.at(-1)).toMatch(/^ +total +20$/);
    expect(shown(nn.init(new LeNet5(), { seed: 1 }))["text/plain"]).toMatch(/total +60,000$/);
  });

  it("says what is frozen, what is shared, and that values have not been drawn", () => {
    class Tied extends nn.Module {
      readonly words = new nn.Embedding(10, 4);
      readonly last = new nn.Linear(4, 10, { bias: false });
      readonly gain = nn.parameter([], nn.onesInit);
      constructor() {
        super();
        (this.last as { weight: Tensor }).weight = this.words.weight;
      }
      forward(x: Tensor): Tensor {
        return this.last.forward(this.words.forward(x));
      }
    }
    const before = shown(new Tied());
    expect(before["text/html"]).toContain("No values yet: nn.init(model, { seed }) draws them.");
    const bundle = shown(nn.freeze(nn.init(new Tied(), { seed: 1 }), "words"));
    const rows = cellsOf(bundle["text/html"]!);
    expect(rows.find(([path]) => path === "words")!.slice(2)).toEqual(["weight 10×4", "40 frozen"]);
    expect(rows.find(([path]) => path === "last")!.slice(2)).toEqual(["weight is words.weight", "–"]);
    expect(rows.find(([, layer]) => layer === "Tied")!.slice(2)).toEqual(["gain scalar", "1"]);
    expect(rows.at(-1)![3]).toBe("41, 40 frozen");
    expect(bundle["text/plain"]).not.toContain("No values yet");
  });

  it("cannot be broken by what a layer is called, nor by how many there are", () => {
    class Named extends nn.Module {
      override describe() {
        return "<script>alert(1)</script>";
      }
    }
    expect(shown(new Named())["text/html"]).not.toContain("<script");
    const many = shown(new nn.Sequential(Array.from({ length: 1000 }, () => new nn.Linear(1, 1))));
    expect(many["text/plain"]).toMatch(/… +800 more/);
    expect(many["text/plain"]).toMatch(/total +2,000/);
  });
});
