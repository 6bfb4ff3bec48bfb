// Makes one small ES module of each live view's folder in src/browser, and their common style sheet.
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folders = await readdir(here("src/browser"), { withFileTypes: true });
const views = folders.filter((entry) => entry.isDirectory() && entry.name !== "frame").map(({ name }) => name);

await mkdir(here("dist/browser"), { recursive: true });
await copyFile(here("src/browser/frame/view.css"), here("dist/browser/view.css"));
await Promise.all(
  views.map(async (view) => {
    const bundle = await rolldown({ input: here(`src/browser/${view}/index.ts`), platform: "browser" });
    await bundle.write({ file: here(`dist/browser/${view}.js`), format: "esm", minify: true });
    await bundle.close();
  }),
);
