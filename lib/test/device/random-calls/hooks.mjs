import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import typescript from "typescript";

const guarded = new URL("./guarded/", import.meta.url).href;
/** What stands for the modules that give memory. */
const replaced = { "/src/device/cpu/arrays.ts": "arrays.ts", "/src/device/host.ts": "host.ts" };

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  const [, name] = Object.entries(replaced).find(([path]) => found.url.endsWith(path)) ?? [];
  return name === undefined ? found : { ...found, url: guarded + name };
}

export async function load(url, context, next) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return next(url, context);
  const { outputText } = typescript.transpileModule(await readFile(fileURLToPath(url), "utf8"), {
    fileName: fileURLToPath(url),
    compilerOptions: { target: "ES2022", module: "ESNext", verbatimModuleSyntax: true, inlineSourceMap: true },
  });
  return { format: "module", source: outputText, shortCircuit: true };
}
