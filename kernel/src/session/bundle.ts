import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { loadTypeScript, typescriptPath } from "./typescript.ts";

/** A module and where its requests lead. */
interface Part {
  readonly path: string;
  readonly code: string;
  readonly requests: Readonly<Record<string, string>>;
}

/**
 * The modules that a module of this package imports, and itself, as one script: a start-up snapshot is made of a
 * single script, which can load nothing but Node's own modules.
 */
export function bundle(entry: URL): string {
  const parts = new Map<string, Part>();
  const add = (path: string): void => {
    if (parts.has(path)) return;
    const part = read(path);
    parts.set(path, part);
    for (const request of Object.values(part.requests)) add(request);
  };
  const path = fileURLToPath(entry);
  add(path);
  const definitions = [...parts.values()].map(
    ({ path, code, requests }) =>
      `${JSON.stringify(path)}: [${JSON.stringify(requests)}, function (exports, require, module, __filename, __dirname, __meta) {\n${code}\n}]`,
  );
  return `(${loader.toString()})({${definitions.join(",\n")}}, ${JSON.stringify(path)}, require);\n`;
}

function read(path: string): Part {
  const source = readFileSync(path, "utf8");
  // Asks for nothing but Node's modules.
  if (path === typescriptPath) return { path, code: source, requests: {} };
  if (path.endsWith(".json")) return { path, code: `module.exports = ${source};`, requests: {} };
  const ts = loadTypeScript();
  const isOwn = path.startsWith(fileURLToPath(new URL("..", import.meta.url)));
  const code = isOwn
    ? ts
        .transpileModule(source, {
          compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
        })
        .outputText.replace(/\bimport\.meta\b/g, "__meta")
    : source;
  const require = createRequire(path);
  const requests: Record<string, string> = {};
  for (const [, request = ""] of code.matchAll(/\b(?:require|resolve)\(["']([^"']+)["']\)/g))
    if (!isBuiltin(request)) requests[request] = require.resolve(request);
  return { path, code: code.replace(/\/\/# sourceMappingURL=.*$/gm, ""), requests };
}

type Definition = readonly [Readonly<Record<string, string>>, (...parameters: unknown[]) => void];

/** Stands, as text, at the head of the bundle: what Node's own loader does for CommonJS, from the parts alone. */
function loader(parts: Readonly<Record<string, Definition>>, entry: string, native: NodeJS.Require): void {
  const cache: Record<string, { exports: unknown } | undefined> = {};
  const { dirname } = native("path") as typeof import("node:path");
  const load = (path: string): unknown => {
    const known = cache[path];
    if (known) return known.exports;
    const module = { exports: {} as unknown };
    cache[path] = module;
    const meta = { url: (native("url") as typeof import("node:url")).pathToFileURL(path).href };
    parts[path]![1](module.exports, requireFrom(path), module, path, dirname(path), meta);
    return module.exports;
  };
  const requireFrom = (path: string) => {
    const resolve = (request: string) => (parts[request] ? request : (parts[path]![0][request] ?? request));
    const require = (request: string): unknown => {
      if (request === "node:module") return { ...(native("module") as object), createRequire: requireOf };
      const found = resolve(request);
      return parts[found] ? load(found) : native(found.replace(/^node:/, ""));
    };
    return Object.assign(require, { resolve, cache });
  };
  const { fileURLToPath } = native("url") as typeof import("node:url");
  const requireOf = (from: string) => requireFrom(from.startsWith("file:") ? fileURLToPath(from) : from);
  load(entry);
}
