// Makes one small ES module of each live view's folder in src/browser, and their common style sheet.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folders = await readdir(here("src/browser"), { withFileTypes: true });
const views = folders.filter((entry) => entry.isDirectory() && entry.name !== "frame").map(({ name }) => name);

await mkdir(here("dist/browser"), { recursive: true });
const styles = await Promise.all(
  ["frame/view", ...views.sort().map((view) => `${view}/${view}`)].map((name) =>
    // Not every view has a style of its own.
    readFile(here(`src/browser/${name}.css`), "utf8").catch(() => ""),
  ),
);
await writeFile(here("dist/browser/view.css"), styles.join(""));
await Promise.all(
  views.map(async (view) => {
    const bundle = await rolldown({ input: here(`src/browser/${view}/index.ts`), platform: "browser" });
    await bundle.write({ file: here(`dist/browser/${view}.js`), format: "esm", minify: true });
    await bundle.close();
  }),
);
