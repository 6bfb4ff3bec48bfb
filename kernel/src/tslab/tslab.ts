import { createRequire } from "node:module";
import { type DisplayHandle, displaySymbol, type Display as OurDisplay } from "../display/contract.ts";

// What notebooks written for the kernel tslab import from it, with the same names and the same effect.

/** The versions of tslab, whose language support this kernel is built on, and of what it runs on. */
export interface Versions {
  tslab: string;
  typescript: string;
  node: string;
}

/** Shows content below the cell, by its kind. */
export interface Display {
  javascript(s: string): void;
  html(s: string): void;
  markdown(s: string): void;
  latex(s: string): void;
  svg(s: string): void;
  png(b: Uint8Array): void;
  jpeg(b: Uint8Array): void;
  gif(b: Uint8Array): void;
  pdf(b: Uint8Array): void;
  text(s: string): void;
  raw(contentType: string, b: string | Uint8Array): void;
}

/** The module `tslab` as cells import it. */
export interface Tslab {
  readonly versions: Versions;
  readonly display: Display;
  /** A display that shows one thing at a time, each in the place of the one before. */
  newDisplay(): Display;
}

const contentTypes = {
  javascript: "text/javascript",
  html: "text/html",
  markdown: "text/markdown",
  latex: "text/latex",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  pdf: "application/pdf",
  text: "text/plain",
} as const;

/** The module `tslab`, which shows through our own displays. */
export function tslabModule(display: OurDisplay): Tslab {
  const module: Tslab = {
    versions: versions(),
    display: displayOf((type, content) => void display.mime({ [type]: content })),
    newDisplay: () => {
      let handle: DisplayHandle | undefined;
      return displayOf((type, content) => {
        if (handle) handle.update({ [displaySymbol]: () => ({ [type]: content }) });
        else handle = display.mime({ [type]: content });
      });
    },
  };
  // So that `import tslab from "tslab"` is undefined, as it is there, rather than all of this.
  return Object.defineProperty(module, "__esModule", { value: true });
}

function displayOf(raw: Display["raw"]): Display {
  const show = (type: string) => (content: string | Uint8Array) => raw(type, content);
  const methods = Object.entries(contentTypes).map(([name, type]) => [name, show(type)]);
  return Object.assign(Object.fromEntries(methods) as Omit<Display, "raw">, { raw });
}

function versions(): Versions {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  return { tslab: versionOf("tslab"), typescript: versionOf("@tslab/typescript-for-tslab"), node: process.version };
}
