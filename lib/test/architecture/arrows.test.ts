import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findCycle, importsOf } from "./imports.ts";

const workspace = (folder: string) => fileURLToPath(new URL(`../../../${folder}`, import.meta.url));

/** Folders of lib from the ground up; each may import those on lower lines, and itself. */
const layers = [
  ["device"],
  ["tensor"],
  ["operations"],
  ["gradient", "random"],
  ["nn", "losses", "optim", "metrics", "data", "inference"],
  ["train", "inspect", "io"],
  ["index.ts"],
];

const height = (path: string) => layers.findIndex((layer) => layer.includes(path.split("/")[0]!));

describe("imports inside lib", () => {
  const imports = importsOf(workspace("lib/src"));

  it("stay within folders that have a place in the layering", () => {
    expect([...imports.keys()].filter((file) => height(file) < 0)).toEqual([]);
  });

  it("point one way, types included", () => {
    const wrong = [...imports].flatMap(([file, list]) =>
      list
        .filter(({ target }) => imports.has(target))
        .filter(({ target }) => {
          const [from, to] = [file.split("/")[0], target.split("/")[0]];
          return from !== to && height(target) >= height(file);
        })
        .map(({ target }) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe.each(["lib", "widgets", "kernel"])("imports of %s", (folder) => {
  const imports = importsOf(workspace(`${folder}/src`));
  const targets = [...imports].flatMap(([file, list]) => list.map(({ target }) => ({ file, target })));

  it("have no cycles", () => {
    expect(findCycle(imports)).toBeNull();
  });

  it("do not reach into another package of the workspace", () => {
    const own = ["gradbook", "@gradbook/"];
    expect(
      targets.filter(({ target }) =>
        own.some((name) => target === name || target.startsWith(name.endsWith("/") ? name : `${name}/`)),
      ),
    ).toEqual([]);
  });
});

describe.each(["lib", "widgets", "kernel"])("sources of %s", (folder) => {
  const source = workspace(`${folder}/src`);
  const files = [...importsOf(source).keys()].map((file) => ({ file, text: readFileSync(join(source, file), "utf8") }));

  it("draw no random numbers but seeded ones", () => {
    expect(files.filter(({ text }) => text.includes("Math.random")).map(({ file }) => file)).toEqual([]);
  });

  it("keep to files of a length that one idea takes", () => {
    expect(files.filter(({ text }) => text.split("\n").length > 320).map(({ file }) => file)).toEqual([]);
  });
});

describe("what lib asks of Node", () => {
  it("is asked for when it is used, so that pages can load the library", () => {
    const asked = [...importsOf(workspace("lib/src"))].flatMap(([file, list]) =>
      list.filter(({ target, typeOnly }) => target.startsWith("node:") && !typeOnly).map(() => file),
    );
    expect(asked).toEqual([]);
  });
});

describe("the check itself", () => {
  it("finds a cycle, and is not fooled by types", () => {
    const cycle = new Map([
      ["a.ts", [{ target: "b.ts", typeOnly: false }]],
      ["b.ts", [{ target: "a.ts", typeOnly: false }]],
    ]);
    expect(findCycle(cycle)).toEqual(["a.ts", "b.ts", "a.ts"]);
    expect(findCycle(new Map([...cycle, ["b.ts", [{ target: "a.ts", typeOnly: true }]]]))).toBeNull();
  });
});
