import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { inspect, nn, relu, type Tensor, tensor, zeros } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const model = nn.init(new nn.Sequential([new nn.Linear(4, 3), relu, new nn.Sequential([new nn.Linear(3, 2)])]), {
  seed: 1,
});
const picture = inspect.graph(model, zeros([5, 4]));

describe("a graph of operations", () => {
  it("has operations with their layers, parameters by path, and how they follow", () => {
    const { nodes, edges } = picture;
    const operations = nodes.filter(({ kind }) => kind === "operation");
    expect(operations.map(({ name, layer, shape }) => [name, layer, shape])).toEqual([
      ["transpose", "0", [4, 3]],
      ["matmul", "0", [5, 3]],
      ["add", "0", [5, 3]],
      ["relu", "1", [5, 3]],
      ["transpose", "2.0", [3, 2]],
      ["matmul", "2.0", [5, 2]],
      ["add", "2.0", [5, 2]],
    ]);
    expect(nodes.filter(({ kind }) => kind === "parameter").map(({ name }) => name)).toEqual([
      "0.weight",
      "0.bias",
      "2.0.weight",
      "2.0.bias",
    ]);
    expect(nodes.filter(({ output }) => output).map(({ name }) => name)).toEqual(["add"]);
    const name = (id: number) => nodes.find((node) => node.id === id)!.name;
    expect(edges.map(({ from, to }) => `${name(from)} → ${name(to)}`).slice(0, 5)).toEqual([
      "0.weight → transpose",
      "input → matmul",
      "transpose → matmul",
      "matmul → add",
      "0.bias → add",
    ]);
  });

  it("of a function has its numbers in the operations, and nothing that does not matter", () => {
    const f = (x: Tensor) => {
      x.exp();
      return x.mul(x).add(1.5).sum();
    };
    const { nodes, edges } = inspect.graph(f, tensor([1, 2]));
    expect(nodes.map(({ kind, name }) => [kind, name])).toEqual([
      ["input", "input"],
      ["operation", "mul"],
      ["operation", "add 1.5"],
      ["operation", "sum"],
    ]);
    // The input goes into the product twice.
    expect(edges).toHaveLength(4);
  });

  it("is written for Graphviz with layers inside layers", () => {
    const dot = picture.toDot();
    expect(dot).toMatch(/^digraph \{\n/);
    expect(dot).toMatch(/subgraph "cluster 2" \{\n {4}label="2";\n {4}subgraph "cluster 2\.0" \{/);
    expect(dot.match(/ -> /g)).toHaveLength(picture.edges.length);
    const { error, status, stderr } = spawnSync("dot", ["-Tsvg"], { input: dot, encoding: "utf8" });
    if (error === undefined) expect(status, stderr).toBe(0);
  });

  it("is drawn with every node inside its layer and none on another", async () => {
    const svg = await picture.toSvg();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+"/);
    expect(svg.match(/marker-end/g)).toHaveLength(picture.edges.length);
    const boxes = [...svg.matchAll(/<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)" rx="(\d)"/g)].map(
      (found) => {
        const [x, y, width, height, corner] = found.slice(1).map(Number) as [number, number, number, number, number];
        return { left: x, top: y, right: x + width, bottom: y + height, layer: corner === 4 };
      },
    );
    const nodes = boxes.filter(({ layer }) => !layer);
    expect(nodes).toHaveLength(picture.nodes.length);
    expect(boxes.length - nodes.length).toBe(4);
    nodes.forEach((a, i) => {
      for (const b of nodes.slice(i + 1))
        expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top).toBe(true);
    });
    // Nothing of a name is markup.
    const odd = await inspect.graph((x) => x.add(1), zeros([1])).toSvg();
    expect(odd).not.toMatch(/<undefined|NaN/);
  });

  it("shows itself in a notebook", async () => {
    const display = (picture as unknown as Record<symbol, () => Promise<Record<string, string>>>)[
      Symbol.for("Jupyter.display")
    ]!;
    const shown = await display.call(picture);
    expect(shown["text/plain"]).toBe("Graph of 7 operations and 4 parameters");
    expect(shown["image/svg+xml"]).toMatch(/^<svg/);
  });
});

refused([["a function without a result", () => inspect.graph(() => undefined, zeros([1])), /graph: nothing came out/]]);
