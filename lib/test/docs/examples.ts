import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import ts from "typescript";
import * as gradbook from "../../src/index.ts";

/** A piece of code that the documentation shows. */
export interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

const lib = fileURLToPath(new URL("../..", import.meta.url));

/** Every block of ```ts in the comments of the source and in the given pages. */
export function examples(pages: readonly string[]): Example[] {
  const sources = readdirSync(join(lib, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(lib, "src", name));
  return [...sources, ...pages].sort().flatMap((path) => {
    const comment = path.endsWith(".ts");
    const fence = comment ? /^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm : /^```ts\n([\s\S]*?)^```$/gm;
    const text = readFileSync(path, "utf8");
    return [...text.matchAll(fence)].map((match) => ({
      file: relative(lib, path),
      line: text.slice(0, match.index).split("\n").length + 1,
      code: comment ? match[1]!.replace(/^ *\* ?/gm, "") : match[1]!,
    }));
  });
}

/** What a comment behind a statement says its value is; undefined where it only remarks. */
function claimed(comment: string): string | undefined {
  const text = comment.replace(/^\/\/\s*/, "").trim();
  // A value, and perhaps a remark behind it.
  return /^(?:-?\d|\[|\{|"|'|true\b|false\b|NaN\b|Tensor\b|-?Infinity\b|null\b|undefined\b|Map\b|Set\b)/.test(text)
    ? text
    : undefined;
}

/** The example with every claimed value checked: `expression; // value`. Imports become calls of `require`. */
function instrumented(code: string): string {
  const file = ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022, true);
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  for (const statement of file.statements) {
    if (!ts.isExpressionStatement(statement)) continue;
    const behind = /^[ \t]*(\/\/[^\n]*)/.exec(code.slice(statement.end))?.[1];
    const expected = behind === undefined ? undefined : claimed(behind);
    if (expected === undefined) continue;
    const call = statement.expression;
    const logged = ts.isCallExpression(call) && call.expression.getText(file) === "console.log";
    const value = logged ? `logged(${call.arguments.map((a) => a.getText(file)).join(", ")})` : call.getText(file);
    edits.push({
      start: statement.getStart(file),
      end: statement.end,
      text: `await check(async () => (${value}), ${JSON.stringify(expected)});`,
    });
  }
  for (const { start, end, text } of edits.reverse()) code = code.slice(0, start) + text + code.slice(end);
  return ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  }).outputText;
}

/** Printed text, for comparing what console.log writes. */
class Logged {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const spaceless = (text: string) => text.replace(/\s+/g, "");

/** Whether a value is what an example claims; numbers to as many digits as it gives. */
export function agrees(value: unknown, expected: string): boolean {
  const printed =
    value instanceof Logged
      ? value.text
      : typeof value === "string"
        ? JSON.stringify(value)
        : inspect(value, { depth: 8 });
  const numbers = /-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/g;
  const strip = (text: string) => spaceless(text.replace(/'/g, '"')).replace(numbers, "#");
  // 0.12… goes on; a remark may follow.
  const claim = expected.replace(/(?<=\d)…/g, "");
  if (!strip(claim).startsWith(strip(printed))) return false;
  const [said, found] = [claim.match(numbers) ?? [], printed.match(numbers) ?? []];
  return found.every((text, i) => {
    const digits = /\.(\d+)/.exec(said[i]!)?.[1]?.length ?? 0;
    const exponent = Number(/e([+-]?\d+)/.exec(said[i]!)?.[1] ?? 0);
    return (
      Math.abs(Number(text) - Number(said[i])) <= (claim === expected ? 0.51 : 1) * 10 ** (exponent - digits) ||
      text === said[i]
    );
  });
}

function isTensor(value: unknown): value is gradbook.Tensor {
  return typeof value === "object" && value !== null && "toArray" in value;
}

/** Runs an example; throws where it fails or a value is not what it says. */
export async function run({ code }: Example): Promise<void> {
  const node = createRequire(import.meta.url);
  const require = (name: string) => (name === "gradbook" ? gradbook : node(name));
  const check = async (body: () => Promise<unknown>, expected: string) => {
    const result = await body();
    // A tensor whose elements are claimed.
    const elements = isTensor(result) && /^[[\d-]/.test(expected);
    const value = elements ? await result.toArray() : result;
    if (agrees(value, expected)) return;
    const found = value instanceof Logged ? value.text : inspect(value, { depth: 8 });
    throw new Error(`The example says ${expected}\nbut it is     ${found}`);
  };
  const text = (part: unknown) => (typeof part === "string" ? part : inspect(part, { depth: 8 }));
  const logged = (...parts: unknown[]) => new Logged(parts.map(text).join(" "));
  const quiet = { ...console, log: () => {} };
  const AsyncFunction = (async () => {}).constructor as new (
    ...parts: string[]
  ) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction("require", "exports", "check", "logged", "console", instrumented(code))(
    require,
    {},
    check,
    logged,
    quiet,
  );
}
