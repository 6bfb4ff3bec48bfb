import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plain, TestKernel } from "../client.ts";

const files = {
  "node_modules/plain/package.json": { name: "plain", version: "1.0.0", main: "index.js", types: "index.d.ts" },
  "node_modules/plain/index.js":
    "exports.twice = (n) => 2 * n; exports.fail = () => { throw new Error('from plain') };",
  "node_modules/plain/index.d.ts":
    "/** Doubles. */\nexport declare function twice(n: number): number; export declare function fail(): never;",
  "node_modules/modern/package.json": {
    name: "modern",
    version: "1.0.0",
    type: "module",
    exports: { import: "./index.js" },
    types: "index.d.ts",
  },
  "node_modules/modern/index.js": "export const kind = 'module'; export default function hello() { return 'hello'; }",
  "node_modules/modern/index.d.ts": "export declare const kind: string; export default function hello(): string;",
  "node_modules/awaiting/package.json": {
    name: "awaiting",
    version: "1.0.0",
    type: "module",
    main: "index.js",
    types: "index.d.ts",
  },
  "node_modules/awaiting/index.js": "export const value = await Promise.resolve('awaited');",
  "node_modules/awaiting/index.d.ts": "export declare const value: string;",
  "node_modules/subpaths/package.json": {
    name: "subpaths",
    version: "1.0.0",
    type: "module",
    exports: {
      "./sub": { types: "./types/sub.d.ts", import: "./dist/sub.mjs" },
      "./features/*": { node: { types: "./types/*.d.ts", default: "./dist/*-node.js" }, default: "./dist/*-web.js" },
      "./package.json": "./package.json",
    },
  },
  "node_modules/subpaths/types/sub.d.ts": "export declare function sub(text: string): string;",
  "node_modules/subpaths/dist/sub.mjs": "export const sub = (text) => 'sub ' + text;",
  "node_modules/subpaths/types/deep.d.ts": "export declare const where: 'node';",
  "node_modules/subpaths/dist/deep-node.js": "export const where = await Promise.resolve('node');",
  "node_modules/subpaths/dist/deep-web.js": "export const where = 'web';",
  "node_modules/dual/package.json": {
    name: "dual",
    version: "1.0.0",
    exports: {
      import: { types: "./index.d.mts", default: "./index.mjs" },
      require: { types: "./index.d.cts", default: "./index.cjs" },
    },
  },
  "node_modules/dual/index.mjs": "export default 'module'; export const moduleOnly = true;",
  "node_modules/dual/index.d.mts":
    "declare const kind: string; export default kind; export declare const moduleOnly: true;",
  "node_modules/dual/index.cjs": "module.exports = 'commonjs';",
  "node_modules/dual/index.d.cts": "declare const kind: string; export = kind;",
  "node_modules/hidden/package.json": {
    name: "hidden",
    version: "1.0.0",
    types: "./types/index.d.ts",
    exports: "./dist/index.js",
  },
  "node_modules/hidden/dist/index.js": "exports.n = 5;",
  "node_modules/hidden/types/index.d.ts": "export declare const n: number;",
  "modern-user.ts": `import { kind } from "modern"; import { sub } from "subpaths/sub"; export const used = sub(kind);`,
  "node_modules/untyped/package.json": { name: "untyped", version: "1.0.0", main: "index.js" },
  "node_modules/untyped/index.js": "module.exports = { answer: 42 };",
  "script.js": "export const fromScript = (x) => x + '!';",
  "data.json": { rows: [1, 2, 3] },
  "shapes.ts": `import { unit } from "./units";

export interface Square { side: number }
export function area(square: Square): string {
  if (square.side < 0) throw new RangeError("negative");
  return square.side ** 2 + unit;
}
`,
  "units.ts": `export const unit = " cm²";`,
};

let kernel: TestKernel;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradbook-folder-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  kernel = await TestKernel.start({ folder });
});
afterAll(() => kernel.stop());

describe("a cell imports", () => {
  const cases: [what: string, code: string, result: string][] = [
    [
      "Node's modules",
      `import { basename } from "node:path"; import os from "os"; basename("/a/b") + typeof os.cpus`,
      "'bfunction'",
    ],
    ["CommonJS packages", `import { twice } from "plain"; twice(21)`, "42"],
    ["packages for ES modules only", `import hello, { kind } from "modern"; hello() + kind`, "'hellomodule'"],
    ["modules that await while they load", `import { value } from "awaiting"; value`, "'awaited'"],
    ["a module as a whole", `import * as modern from "modern"; modern.default() + modern.kind`, "'hellomodule'"],
    [
      "dynamically",
      `const { value: v } = await import("awaiting"); v + (await import("plain")).twice(1)`,
      "'awaited2'",
    ],
    ["JSON files", `import data from "./data.json"; data.rows.length`, "3"],
    [
      "TypeScript files beside the notebook",
      `import { area, type Square } from "./shapes"; area({ side: 3 } as Square)`,
      "'9 cm²'",
    ],
    ["packages without types", `import untyped from "untyped"; untyped.answer`, "42"],
    ["JavaScript files beside the notebook", `import { fromScript } from "./script.js"; fromScript("js")`, "'js!'"],
    ["files by their TypeScript name", `import { unit } from "./units.ts"; unit`, "' cm²'"],
    ["subpaths of packages", `import { sub } from "subpaths/sub"; const t: string = sub("x"); t`, "'sub x'"],
    [
      "subpaths by pattern and condition, though they await",
      `import { where } from "subpaths/features/deep"; const n: "node" = where; n`,
      "'node'",
    ],
    [
      "a package's module where it has both",
      `import dual, { moduleOnly } from "dual"; dual + moduleOnly`,
      "'moduletrue'",
    ],
    ["and the other by require", `require("dual")`, "'commonjs'"],
    ["packages whose types are not among their exports", `import { n } from "hidden"; n.toFixed(1)`, "'5.0'"],
    ["files that import packages for ES modules only", `import { used } from "./modern-user"; used`, "'sub module'"],
    [
      "real packages for ES modules only",
      `import { formatMessage } from "publint/utils"; typeof formatMessage`,
      "'function'",
    ],
    ["by require", `const p = require("plain"); p.twice(4)`, "8"],
  ];
  for (const [what, code, result] of cases)
    test(what, async () => {
      const run = await kernel.run(code);
      expect(plain(run.reply.content.traceback ?? [])).toBe("");
      expect(run.result).toBe(result);
      expect(run.stderr).toBe("");
    });

  test("what came with the kernel, with types and documentation, though nothing is installed here", async () => {
    const run = await kernel.run(`import * as gradbook from "gradbook"; import * as widgets from "@gradbook/widgets";
      typeof gradbook + typeof widgets`);
    expect(plain(run.reply.content.traceback ?? [])).toBe("");
    expect(run.result).toBe("'objectobject'");
    const wrong = await kernel.run(`import { noSuchThing } from "gradbook";`);
    expect(wrong.reply.content.evalue).toContain(`"gradbook"' has no exported member 'noSuchThing'`);
    const own = await kernel.run(`import { display as shown } from "@gradbook/kernel"; shown;`);
    expect(own.reply.content.status).toBe("ok");
  });

  test("with types that are checked, completed and shown", async () => {
    await kernel.run(`import { twice } from "plain";`);
    expect((await kernel.run(`twice("x")`)).reply.content.evalue).toContain(
      "not assignable to parameter of type 'number'",
    );
    const { content } = await kernel.request("shell", "inspect_request", {
      code: "twice",
      cursor_pos: 2,
      detail_level: 0,
    });
    expect(content.data["text/plain"]).toContain("Doubles.");
  });

  test("a changed TypeScript file anew", async () => {
    await writeFile(join(folder, "units.ts"), `export const unit = " m²";`);
    // The compiler looks at the time of the last change every quarter of a second.
    await expect
      .poll(async () => (await kernel.run(`import { area as a2 } from "./shapes"; a2({ side: 3 })`)).result, {
        timeout: 10_000,
      })
      .toBe("'9 m²'");
  });

  test("with the types of subpaths, by which it is refused", async () => {
    expect((await kernel.run(`import { sub } from "subpaths/sub"; sub(5)`)).reply.content.evalue).toContain(
      "not assignable to parameter of type 'string'",
    );
    expect((await kernel.run(`import "subpaths/none"`)).reply.content.status).toBe("error");
    expect((await kernel.run(`import { none } from "dual"`)).reply.content.evalue).toContain(
      "no exported member 'none'",
    );
  });

  test("and is told what to do when there is no such module", async () => {
    const missing = await kernel.run(`import { x } from "no-such-package";`);
    expect(missing.reply.content.evalue).toContain("Cannot find module 'no-such-package'");
    const dynamic = await kernel.run(`await import("no-such-" + "package");`);
    expect(dynamic.reply.content.evalue).toContain("npm install no-such-package");
  });
});

describe("a fresh runtime", () => {
  test("imports files beside the notebook again", async () => {
    await kernel.run("process.exit(0)");
    const run = await kernel.run(`import { area } from "./shapes"; area({ side: 1 })`);
    expect(plain(run.reply.content.traceback ?? [])).toBe("");
    expect(run.result).toBe("'1 m²'");
  });
});

describe("globals", () => {
  test("of Node are typed in any folder", async () => {
    const run = await kernel.run(`const c = new AbortController(); setTimeout(() => c.abort(), 1);
      [typeof fetch, typeof WebSocket, typeof structuredClone, process.argv.length > 0, new URL("http://a/b").host, Buffer.from("a").length]`);
    expect(plain(run.reply.content.traceback ?? [])).toBe("");
    expect(run.result).toBe("[ 'function', 'function', 'function', true, 'a', 1 ]");
  });
});

describe("an error in an imported file", () => {
  test("is shown with its own line in TypeScript, below the cell's", async () => {
    const { reply } = await kernel.run(`import { area as area3 } from "./shapes";\n\narea3({ side: -1 });`);
    const text = plain(reply.content.traceback);
    expect(text).toContain("shapes.ts, line 5");
    expect(text).toMatch(/Cell \[\d+\], line 3/);
  });
});
