import { createRequire } from "node:module";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type * as Converter from "tslab/dist/converter.js";

/** The TypeScript that tslab's converter is built on. */
export type TS = typeof TypeScript;

const require = createRequire(import.meta.url);
const converterPath = require.resolve("tslab/dist/converter");
const typescriptPath = createRequire(converterPath).resolve("@tslab/typescript-for-tslab");

/** Loads TypeScript without tslab, for work that needs no checker. */
export function loadTypeScript(): TS {
  return require(typescriptPath) as TS;
}

/**
 * Loads tslab's converter on a TypeScript with some functions replaced: tslab has no options for strictness,
 * resolution or source maps, and TypeScript's exports are read-only, so the converter is given a copy of them.
 */
export function loadConverter(replace: (typescript: TS) => Partial<TS>): typeof Converter {
  const typescript = loadTypeScript();
  const cached = require.cache[typescriptPath];
  if (!cached) throw new Error("loadConverter: TypeScript is not in the module cache, expected it after loading.");
  const original: unknown = cached.exports;
  cached.exports = { ...typescript, ...replace(typescript) };
  try {
    delete require.cache[converterPath];
    return require(converterPath) as typeof Converter;
  } finally {
    cached.exports = original;
  }
}
