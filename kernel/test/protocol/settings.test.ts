import { mkdir, mkdtemp, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plain, TestKernel } from "../client.ts";

const files = {
  "tsconfig.base.json": { compilerOptions: { strict: true, noUncheckedIndexedAccess: true } },
  "tsconfig.json": `{
  // Comments are allowed.
  "extends": "./tsconfig.base.json",
  "compilerOptions": {
    "target": "es2099", "module": "whatever", "outDir": "dist",
    "jsx": "react", "jsxFactory": "h", "jsxFragmentFactory": "Fragment",
    "experimentalDecorators": true, "emitDecoratorMetadata": true,
    "baseUrl": ".", "paths": { "@app/*": ["src/*"], "@settings": ["config.json"] },
    "noImplicitAny": false, "types": ["gadget"], "lib": ["dom"]
  }
}`,
  "config.json": { level: 7 },
  "src/greet.ts": `import { mark } from "@app/deep/mark"; export const greet = (name: string) => "hello " + name + mark;`,
  "src/deep/mark.ts": `export const mark = "!";`,
  "node_modules/@types/gadget/index.d.ts": "declare var gadget: { n: number };",
  "node_modules/@types/gadget/package.json": { name: "@types/gadget", version: "1.0.0", types: "index.d.ts" },
  "node_modules/tiny-jsx/package.json": {
    name: "tiny-jsx",
    version: "1.0.0",
    type: "module",
    exports: { "./jsx-runtime": { types: "./jsx.d.ts", default: "./jsx.js" } },
  },
  "node_modules/tiny-jsx/jsx.js": "export const jsx = (tag, props) => [tag, props]; export const jsxs = jsx;",
  "node_modules/tiny-jsx/jsx.d.ts": `export declare function jsx(tag: string, props: object): unknown;
export declare const jsxs: typeof jsx;
export namespace JSX { interface IntrinsicElements { a: { href: string }; } }`,
  "src/view.tsx": `import { h } from "./h"; export const view = () => <b id="v">seen</b>;`,
  "src/h.ts": `declare global { namespace JSX { interface IntrinsicElements { [name: string]: any } } }
export const Fragment = "fragment";
export function h(tag: unknown, props: object | null, ...children: unknown[]): string {
  return "<" + String(tag) + (props ? JSON.stringify(props) : "") + ">" + children.join("");
}`,
};

let kernel: TestKernel;
let folder: string;

/** Writes a file with a time of change that differs from the last one, however coarse the clock is. */
let clock = Date.now() / 1000;
async function write(name: string, content: unknown): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  clock += 2;
  await utimes(path, clock, clock);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradbook-settings-"));
  for (const [name, content] of Object.entries(files)) await write(name, content);
  await mkdir(join(folder, "notes"));
  kernel = await TestKernel.start({ folder: join(folder, "notes") });
});
afterAll(() => kernel.stop());

async function result(code: string): Promise<string | undefined> {
  const run = await kernel.run(code);
  expect(plain(run.reply.content.traceback ?? [])).toBe("");
  return run.result;
}

async function refusal(code: string): Promise<string> {
  const { reply } = await kernel.run(code);
  expect(reply.content.ename).toBe("TypeScriptError");
  return plain(reply.content.traceback);
}

describe("the nearest tsconfig.json", () => {
  test("says where paths lead, for the checker and when it runs", async () => {
    expect(await result(`import { greet } from "@app/greet"; greet("you")`)).toBe("'hello you!'");
    expect(await result(`import settings from "@settings"; settings.level`)).toBe("7");
    expect(await result(`(await import("@app/deep/mark")).mark`)).toBe("'!'");
    expect(await refusal(`greet(5)`)).toContain("not assignable to parameter of type 'string'");
  });

  test("makes files be run anew after a change, also those that are only imported by others", async () => {
    await write("src/deep/mark.ts", `export const mark = "?";`);
    expect(await result(`import { greet as again } from "@app/greet"; again("you")`)).toBe("'hello you?'");
    await write("config.json", { level: 8 });
    expect(await result(`import changed from "@settings"; changed.level`)).toBe("8");
  });

  test("gives JSX its factory, and casts stay casts", async () => {
    expect(await result(`import { h, Fragment } from "@app/h"; <p class="x">one {1 + 1}<i /></p>`)).toBe(
      `'<p{"class":"x"}>one 2<i>'`,
    );
    expect(await result(`<>{"in a fragment"}</>`)).toBe("'<fragment>in a fragment'");
    expect(await result(`import { view } from "@app/view"; view()`)).toBe(`'<b{"id":"v"}>seen'`);
    expect(await result(`const n = <number>(5 as unknown); n.toFixed(1)`)).toBe("'5.0'");
    const { content } = await kernel.request("shell", "is_complete_request", { code: "<p>\n  text" });
    expect(content.status).toBe("incomplete");
  });

  test("or a comment gives it a module", async () => {
    expect(await result(`/** @jsxImportSource tiny-jsx */\n<a href="/x">y</a>`)).toBe(
      "[ 'a', { href: '/x', children: 'y' } ]",
    );
    expect(await refusal(`/** @jsxImportSource tiny-jsx */\n<a href={5} />`)).toContain(
      "not assignable to type 'string'",
    );
  });

  test("adds types and libraries to those of Node", async () => {
    expect(await result(`const width = (e: HTMLElement) => e.offsetWidth + gadget.n; typeof width`)).toBe("'function'");
    expect(
      await result(
        `process.argv.length > 0 && [1].toReversed().length + new WebAssembly.Memory({ initial: 1 }).buffer.byteLength`,
      ),
    ).toBe("65537");
  });

  test("decides how strict the checker is, through what it extends", async () => {
    expect(await refusal(`[1, 2][0].toFixed()`)).toContain("possibly 'undefined'");
    expect(await result(`function loose(x) { return x; } loose(3)`)).toBe("3");
  });

  test("turns decorators and their metadata on", async () => {
    const code = `function seen(target: object, key: string) { seenKeys.push(key); }
const seenKeys: string[] = [];
class Decorated { @seen field: number = 1; }
seenKeys`;
    expect(await result(code)).toBe("[ 'field' ]");
  });

  test("counts as soon as it is changed", async () => {
    await write("tsconfig.base.json", { compilerOptions: { strict: true, noUncheckedIndexedAccess: false } });
    expect(await result(`[1, 2][0].toFixed()`)).toBe("'1'");
  });

  test("is told of when it is broken, once, and the rest of it counts", async () => {
    await write("tsconfig.json", `{ "compilerOptions": { "jsx": "nonsense", "strict": false, } `);
    const run = await kernel.run("1 + 1");
    expect(run.result).toBe("2");
    expect(plain([run.stderr])).toContain("tsconfig.json, line 1");
    expect(plain([run.stderr])).toContain("Argument for '--jsx' option must be");
    expect((await kernel.run("1 + 2")).stderr).toBe("");
    await write("tsconfig.json", `{ "extends": "./missing.json" }`);
    expect(plain([(await kernel.run("1 + 3")).stderr])).toContain("missing.json");
  });
});

describe("a file beside the notebook", () => {
  test("with errors is shown with its line and a caret", async () => {
    await write("notes/wrong.ts", `export const fine = 1;\nexport const n: number = "text";\n`);
    const text = await refusal(`import { n } from "./wrong"; n`);
    expect(text).toContain("wrong.ts, line 2");
    expect(text).toContain(`export const n: number = "text";`);
    expect(text).toMatch(/\n\s+\^/);
    await write("notes/broken.ts", `export const = 1;`);
    expect(await refusal(`import * as broken from "./broken"; broken`)).toContain("broken.ts, line 1");
    expect(await result("5")).toBe("5");
  });

  test("may be of any kind, in a folder, and import others", async () => {
    await write(
      "notes/kinds/index.ts",
      `export * from "./one.mjs"; export { two } from "./two.cjs"; export { three } from "./three.js"; export { default as four } from "./four.json"; export { five } from "./five.mjs"; export { six } from "./six.jsx";`,
    );
    await write("notes/kinds/one.mts", "export const one = 1;");
    await write("notes/kinds/two.cts", "export const two = 2;");
    await write("notes/kinds/three.ts", "export const three = 3;");
    await write("notes/kinds/four.json", "4");
    await write("notes/kinds/five.mjs", "export const five = 5;");
    await write("notes/kinds/six.tsx", "export const six = 6;");
    expect(await result(`import * as k from "./kinds"; k.one + k.two + k.three + k.four + k.five + k.six`)).toBe("21");
  });

  test("that was missing is found once it is there", async () => {
    expect(await refusal(`import { late } from "./late"; late`)).toContain("Cannot find module './late'");
    await write("notes/late.ts", "export const late = 'here';");
    expect(await result(`import { late } from "./late"; late`)).toBe("'here'");
  });
});

describe("a cell", () => {
  test("may turn type errors off, and the next ones know what it declares", async () => {
    const code = `// What follows is unchecked.\n// @ts-nocheck\nconst off: number = "text"; const other = [1]; off.nothing`;
    expect(await result(code)).toBe(undefined);
    expect(await result("other.map((x) => x + 1)")).toBe("[ 2 ]");
    expect(await refusal("other.nothing")).toContain("does not exist");
    expect(await refusal("// @ts-nocheck\nconst = 1")).toContain("expected");
  });

  test("may excuse single lines", async () => {
    expect(
      await result(`// @ts-ignore\nconst i: number = "x";\n// @ts-expect-error\nconst j: number = "y"; i + j`),
    ).toBe("'xy'");
    expect(await refusal("// @ts-expect-error\nconst fine = 1;")).toContain("Unused '@ts-expect-error'");
  });

  test("knows its folder, and may name things as it likes", async () => {
    expect(await result(`__dirname.endsWith("notes") && __filename.startsWith(__dirname)`)).toBe("true");
    expect(await result(`const __dirname = "mine"; __dirname`)).toBe("'mine'");
    expect(await result(`__dirname`)).toBe("'mine'");
  });
});
