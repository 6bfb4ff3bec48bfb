// What the JupyterLab packages among the dependencies bring along: plugins, styles, schemas of settings, themes.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const here = import.meta.dirname;

/** The manifest of an installed package. */
export function manifest(name) {
  return JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
}

/** A module of a package, where its manifest names one: `true` stands for its main module. */
function moduleOf(name, place) {
  if (place === undefined) return undefined;
  return place === true ? name : `${name}/${place}`;
}

/** Every JupyterLab package that the page is made of. */
export function packages() {
  return (
    Object.keys(manifest("..").dependencies)
      .map((name) => ({ name, ...manifest(name) }))
      // anywidget's own plugin is in a form that only a running JupyterLab loads: src/anywidget.ts stands in for it.
      .filter(({ name, jupyterlab }) => jupyterlab !== undefined && name !== "anywidget")
      .map(({ name, version, jupyterlab, style, styleModule }) => {
        const folder = join(here, "node_modules", name);
        const schemas = jupyterlab.schemaDir && join(folder, jupyterlab.schemaDir);
        return {
          name,
          version,
          extension: moduleOf(name, jupyterlab.extension),
          mimeExtension: moduleOf(name, jupyterlab.mimeExtension),
          style: moduleOf(name, styleModule ?? style),
          theme: jupyterlab.themePath && join(folder, jupyterlab.themePath),
          schemas: schemas && existsSync(schemas) ? readSchemas(schemas) : [],
        };
      })
  );
}

function readSchemas(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json") && !file.startsWith("package.json"))
    .map((file) => ({ plugin: file.slice(0, -".json".length), file: join(folder, file) }));
}
