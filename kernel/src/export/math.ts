import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import katex from "katex";

const styleFile = createRequire(import.meta.url).resolve("katex/dist/katex.min.css");

/** The mathematics of one page: macros that a formula defines hold in those after it, as in Jupyter. */
export class Mathematics {
  readonly #macros: Record<string, string> = {};
  #written = "";

  /** A formula as HTML, with MathML for screen readers; one that cannot be read stands there as it is, in red. */
  html(formula: string, { display }: { display: boolean }): string {
    const html = katex.renderToString(formula, {
      displayMode: display,
      throwOnError: false,
      strict: "ignore",
      trust: false,
      maxSize: 50,
      globalGroup: true,
      macros: this.#macros,
    });
    this.#written += html;
    return html;
  }

  /** The style sheet with the fonts that the formulas so far need; empty without formulas. */
  styles(): string {
    if (this.#written === "") return "";
    const sheet = readFileSync(styleFile, "utf8");
    const used = this.#usedFamilies(sheet);
    return sheet.replaceAll(/@font-face\{[^}]*\}/g, (face) => {
      const [, file] = /url\((fonts\/[\w-]+\.woff2)\)/.exec(face) ?? [];
      const [, family] = /font-family:"?(\w+)/.exec(face) ?? [];
      if (file === undefined || family === undefined || !used.has(family)) return "";
      const data = readFileSync(join(dirname(styleFile), file)).toString("base64");
      return face.replace(/src:[^;}]*/, `src:url(data:font/woff2;base64,${data}) format("woff2")`);
    });
  }

  /** The families of fonts that the sheet gives to a class that some formula has. */
  #usedFamilies(sheet: string): Set<string> {
    const classes = new Set(this.#written.match(/[\w-]+/g));
    const rules = sheet.matchAll(/([^{}]+)\{[^}]*font(?:-family)?:[^;}]*?(KaTeX_\w+)/g);
    const used = [...rules].filter(([, selectors]) =>
      selectors!.split(",").some((selector) => classes.has(/\.([\w-]+)(>span)?$/.exec(selector)?.[1] ?? "")),
    );
    return new Set(used.map(([, , family]) => family!));
  }
}
