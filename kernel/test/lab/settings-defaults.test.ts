import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { defaultSettings, type Schema } from "../../page/src/settings-defaults.ts";
import { builtPage } from "../../src/lab/built-page.ts";

/** What the validator that JupyterLab uses makes of settings that the user has not touched. */
function ofJupyterLab(schema: Schema): unknown {
  const settings = {};
  const complete = new Ajv({ useDefaults: true, strict: false }).compile({ type: "object", ...schema });
  expect(complete(settings), JSON.stringify(complete.errors)).toBe(true);
  return settings;
}

describe("settings that nobody has touched", () => {
  test("are for each plugin of the page what JupyterLab makes of them", { timeout: 600_000 }, async () => {
    const folder = join((await builtPage(console.log)).folder, "schemas");
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".json"));
    expect(files.length).toBeGreaterThan(40);
    for (const file of files) {
      const schema = JSON.parse(await readFile(join(folder, file), "utf8")) as Schema;
      expect(defaultSettings(schema), file).toEqual(ofJupyterLab(schema));
    }
  });

  test.each<[string, Schema]>([
    ["defaults of defaults", { properties: { a: { default: {}, properties: { b: { default: 1 } } } } }],
    [
      "definitions",
      {
        properties: { a: { default: [{}], items: { $ref: "#/definitions/one" } } },
        definitions: { one: { properties: { b: { default: 1 } } } },
      },
    ],
    [
      "several schemas at once",
      { allOf: [{ properties: { a: { default: 1 } } }, { properties: { b: { default: 2 } } }] },
    ],
    [
      "other names",
      {
        properties: {
          a: {
            default: { x1: {}, y: {} },
            patternProperties: { "^x": { properties: { b: { default: 1 } } } },
            additionalProperties: { properties: { c: { default: 2 } } },
          },
        },
      },
    ],
    ["places in lists", { properties: { a: { default: [{}, {}], items: [{ properties: { b: { default: 1 } } }] } } }],
    ["values that are none", { properties: { a: { default: null }, b: { default: false }, c: {} } }],
  ])("are with %s what JupyterLab makes of them", (_what, schema) => {
    expect(defaultSettings(schema)).toEqual(ofJupyterLab(schema));
  });

  test("share nothing with the schema", () => {
    const schema = { properties: { a: { default: { b: [1] } } } };
    (defaultSettings(schema).a as { b: number[] }).b.push(2);
    expect(schema.properties.a.default.b).toEqual([1]);
  });
});
