import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as widgets from "../../../widgets/src/index.ts";
// @ts-expect-error: scripts without types.
import { readFeatures, readSystems, stateOf, writeFeatures } from "../../docs/features.mjs";
// @ts-expect-error: scripts without types.
import { readLibrary } from "../../docs/read.mjs";
// @ts-expect-error: scripts without types.
import { writePages } from "../../docs/write.mjs";
import * as gradbook from "../../src/index.ts";

interface Item {
  readonly number: number;
  readonly title: string;
  readonly names: readonly string[];
  readonly widgets?: readonly string[];
  readonly lacks?: string;
}

const folder = fileURLToPath(new URL("../../docs/", import.meta.url));
const entries = readLibrary() as readonly { readonly name: string; readonly kind: string; readonly text: string }[];

describe("the documentation", () => {
  it("is what `npm run docs` writes", () => {
    const pages = {
      ...writePages(entries, gradbook.operations, gradbook.promote),
      "features.md": writeFeatures(readFeatures(), readSystems()),
    };
    const committed = Object.fromEntries(
      readdirSync(folder)
        .filter((file) => file.endsWith(".md"))
        .map((file) => [file, readFileSync(`${folder}${file}`, "utf8")]),
    );
    expect(Object.keys(committed).sort()).toEqual(Object.keys(pages).sort());
    const stale = Object.entries(pages).filter(([file, text]) => committed[file] !== text);
    expect(stale.map(([file]) => `${file} is stale: npm run docs`)).toEqual([]);
  }, 120_000);

  it("says something of every function, class and constant", () => {
    const silent = entries.filter(({ kind, text }) => kind !== "interface" && kind !== "type" && text === "");
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

describe("the table of features", () => {
  const items = (readFeatures() as { readonly items: readonly Item[] }[]).flatMap((section) => section.items);

  /** A name as users write it: an export, one inside a namespace, or a tensor's method after `x.`. */
  function exists(name: string): boolean {
    const start: unknown = name.startsWith("x.") ? gradbook.tensor([0]) : gradbook;
    const found = name
      .replace(/^x\./, "")
      .replace("[Jupyter.display]", "display")
      .split(".")
      .reduce<unknown>((at, part) => {
        const key = part === "display" ? Symbol.for("Jupyter.display") : part;
        return at === null || at === undefined ? undefined : (at as Record<PropertyKey, unknown>)[key];
      }, start);
    return found !== undefined;
  }

  it("has every item once, in order", () => {
    expect(items.map(({ number }) => number)).toEqual(Array.from({ length: 164 }, (_, i) => i + 1));
  });

  it.each(items.map((item) => [`${item.number} ${item.title}`, item] as const))("%s", (_, item) => {
    expect(item.names.filter((name) => !exists(name))).toEqual([]);
    expect((item.widgets ?? []).filter((name) => !(name in widgets))).toEqual([]);
    if (stateOf(item) === "missing") expect(item.lacks ?? "nothing by it").toBeTypeOf("string");
  });

  it("shows where each system's figures are", () => {
    const systems = readSystems() as { readonly state: string; readonly evidence?: string | readonly string[] }[];
    const workspace = fileURLToPath(new URL("../../../", import.meta.url));
    const lost = systems.filter(({ state, evidence }) =>
      evidence === undefined ? state !== "missing" : [evidence].flat().some((path) => !existsSync(workspace + path)),
    );
    expect(lost).toEqual([]);
  });
});
