// Builds the page into dist/: node build.mjs. page.json is written last, so that a build that was cut off counts as none.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rspack } from "@rspack/core";
import { pageConfiguration, themeConfiguration } from "./bundler.mjs";
import { here, packages } from "./packages.mjs";

const output = join(here, "dist");
rmSync(output, { recursive: true, force: true });
mkdirSync(output);

const parts = packages();
for (const { name, version, schemas } of parts) {
  if (schemas.length === 0) continue;
  const folder = join(output, "schemas", name);
  mkdirSync(folder, { recursive: true });
  for (const { plugin, file } of schemas) cpSync(file, join(folder, `${plugin}.json`));
  writeFileSync(join(folder, "version.txt"), version);
}

/** Imports of one kind of the packages' modules, and the list of them. */
const listed = (kind) => {
  const modules = parts.filter((part) => part[kind]);
  const imports = modules.map((part, i) => `import * as ${kind}${i} from ${JSON.stringify(part[kind])};`);
  const list = modules.map(({ name }, i) => `  [${JSON.stringify(name)}, ${kind}${i}],`);
  return [...imports, `export const ${kind}s = [`, ...list, "];"];
};
const styles = parts.filter(({ style }) => style).map(({ style }) => `import ${JSON.stringify(style)};`);
const entry = join(output, "plugins.js");
writeFileSync(entry, [...styles, ...listed("extension"), ...listed("mimeExtension")].join("\n"));

const themes = parts.filter(({ theme }) => theme);
const compiler = rspack([
  pageConfiguration(entry, join(output, "static")),
  ...themes.map(({ name, theme }) => themeConfiguration(name, theme, join(output, "themes", name))),
]);
const isTerminal = process.stdout.isTTY === true;
let last = 0;
new rspack.ProgressPlugin((share) => {
  const percent = Math.floor(100 * share);
  if (percent <= last || (!isTerminal && percent < last + 25)) return;
  last = percent;
  process.stdout.write(isTerminal ? `\r${percent} %` : `${percent} %\n`);
}).apply(compiler.compilers[0]);

/** Puts a compressed copy beside each file that is worth it, for servers to hand out. */
function compress(folder) {
  for (const name of readdirSync(folder).filter((name) => /\.(js|css|svg)$/.test(name))) {
    const content = readFileSync(join(folder, name));
    if (content.length > 2000) writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
}

compiler.run((failure, stats) => {
  if (isTerminal) process.stdout.write("\r");
  if (failure) throw failure;
  const [page, ...others] = stats.stats;
  for (const part of [page, ...others])
    for (const { moduleName = "", message } of part.toJson({ all: false, errors: true }).errors)
      console.error(`${part.compilation.name}: ${moduleName}\n${message}`);
  if (stats.hasErrors()) process.exit(1);
  const { entrypoints } = page.toJson({ all: false, entrypoints: true });
  const scripts = entrypoints.main.assets.map(({ name }) => name).filter((name) => name.endsWith(".js"));
  rmSync(entry);
  compress(join(output, "static"));
  writeFileSync(join(output, "page.json"), `${JSON.stringify({ scripts }, null, 2)}\n`);
});
