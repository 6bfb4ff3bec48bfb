import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { joinParameters } from "../../src/run/command.ts";
import { outputsFor } from "../../src/run/output-places.ts";
import { newFolder } from "./scripted.ts";

describe("words of the command line", () => {
  it.each([
    ["run n -p epochs 3", "run n -p epochs=3"],
    ["run -p rate -0.5 -p device gpu n", "run -p rate=-0.5 -p device=gpu n"],
    ["run --parameter a=b=c n", "run --parameter a=b=c n"],
    ["run n -p", "run n -p"],
    ["run n -p a", "run n -p a"],
    ["run -- -p a b", "run -- -p a b"],
  ])("%s become %s", (given, expected) => {
    expect(joinParameters(given.split(" "))).toEqual(expected.split(" "));
  });
});

describe("where executed notebooks go", () => {
  it("is beside the notebook, the file asked for, the notebook itself, or a folder", () => {
    const folder = newFolder();
    expect(outputsFor(["a/n.ipynb", "b/n.ipynb"], {})).toEqual([
      resolve("a/executed.ipynb"),
      resolve("b/executed.ipynb"),
    ]);
    expect(outputsFor(["a/n.ipynb"], { output: "x/out.ipynb" })).toEqual([resolve("x/out.ipynb")]);
    expect(outputsFor(["a/n.ipynb"], { inplace: true })).toEqual([resolve("a/n.ipynb")]);
    expect(outputsFor(["a/n.ipynb"], { output: folder })).toEqual([join(folder, "n.ipynb")]);
    expect(outputsFor(["a/n.ipynb"], { output: "new/" })).toEqual([resolve("new/n.ipynb")]);
    expect(outputsFor(["a/n.ipynb", "a/m.ipynb"], { output: "new" })).toEqual([
      resolve("new/n.ipynb"),
      resolve("new/m.ipynb"),
    ]);
  });

  it("is never another notebook's place, nor the notebook itself unasked", () => {
    expect(() => outputsFor(["a/n.ipynb", "a/m.ipynb"], {})).toThrow(
      /a\/m\.ipynb and a\/n\.ipynb would both be saved as/,
    );
    expect(() => outputsFor(["a/executed.ipynb"], {})).toThrow(/would overwrite it.*--inplace/);
    expect(() => outputsFor(["a/n.ipynb"], { inplace: true, output: "x" })).toThrow(/contradict/);
  });
});
