// Makes the script and the style sheet of exported pages.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await mkdir(here("dist/export/browser"), { recursive: true });
const sheets = ["page", "prose", "outputs", "code", "print"].map((name) =>
  readFile(here(`src/export/browser/styles/${name}.css`), "utf8"),
);
await writeFile(here("dist/export/browser/page.css"), (await Promise.all(sheets)).join("\n"));
const bundle = await rolldown({ input: here("src/export/browser/index.ts"), platform: "browser" });
await bundle.write({ file: here("dist/export/browser/page.js"), format: "iife", minify: true });
await bundle.close();
