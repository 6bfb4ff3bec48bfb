import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { eachMapping, LEAST_UPPER_BOUND, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Program } from "../session/messages.ts";
import { murmur2 } from "./murmur2.ts";

/** How cells are named by their code; clients compute the same name. */
export const hashSeed = 0x67726164;
export const cellSuffix = ".ts";

/** How many cells the debugger can still speak of. */
const rememberedCells = 1000;

/** A place in generated code, as the inspector counts: from zero. */
export interface GeneratedPlace {
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** Converted code: what V8 runs, with what the user wrote. */
export class DebuggedScript {
  /** The name that V8 knows it by. */
  readonly url: string;
  /** The file that the user sees: of a cell, the one that `dumpCell` names. */
  readonly path: string;
  /** What a frame at its top level is called. */
  readonly name: string;
  readonly isCell: boolean;
  readonly text: string;
  readonly #json: string;
  readonly #lineCount: number;
  #map: TraceMap | undefined;

  constructor(parts: { url: string; path: string; name: string; isCell: boolean; text: string; map: string }) {
    this.url = parts.url;
    this.path = parts.path;
    this.name = parts.name;
    this.isCell = parts.isCell;
    this.text = parts.text;
    this.#json = parts.map;
    this.#lineCount = parts.text.split("\n").length;
  }

  /** Where generated code comes from, line and column counted from one; nothing for code that the user did not write. */
  original(lineNumber: number, columnNumber: number): { line: number; column: number } | undefined {
    if (this.#json === "") return undefined;
    const place = { line: lineNumber + 1, column: columnNumber };
    let { line, column } = originalPositionFor(this.#traced(), place);
    // The code of a line may begin before its first mapping.
    if (line === null) ({ line, column } = originalPositionFor(this.#traced(), { ...place, bias: LEAST_UPPER_BOUND }));
    // What the converter adds after the cell is mapped to lines that the cell does not have.
    return line === null || line > this.#lineCount ? undefined : { line, column: (column ?? 0) + 1 };
  }

  /** The first generated place of a line, or of the next one that has any. */
  generated(line: number, column = 1): (GeneratedPlace & { readonly line: number }) | undefined {
    if (this.#json === "") return undefined;
    let best: (GeneratedPlace & { line: number }) | undefined;
    let last = 0;
    eachMapping(this.#traced(), ({ originalLine, originalColumn, generatedLine, generatedColumn }) => {
      const isFirst = generatedLine !== last;
      last = generatedLine;
      if (originalLine === null || originalLine < line || originalLine > this.#lineCount) return;
      if (originalLine === line && originalColumn! + 1 < column) return;
      if (best && originalLine >= best.line) return;
      best = { line: originalLine, lineNumber: generatedLine - 1, columnNumber: isFirst ? 0 : generatedColumn };
    });
    return best;
  }

  #traced(): TraceMap {
    this.#map ??= new TraceMap(this.#json);
    return this.#map;
  }
}

/** The code that may be debugged: cells by their text, TypeScript files beside the notebook by their path. */
export class DebuggedSources {
  readonly folder = join(tmpdir(), `gradbook_${process.pid}_${randomBytes(4).toString("hex")}`);
  readonly #scripts = new Map<string, DebuggedScript>();
  readonly #dumped = new Map<string, string>();

  /** What every path of a cell begins with. */
  get prefix(): string {
    return this.folder + sep;
  }

  pathOfCell(code: string): string {
    return `${this.prefix}${murmur2(code, hashSeed)}${cellSuffix}`;
  }

  /** Writes a cell where clients and editors can read it. */
  dump(code: string): string {
    const path = this.pathOfCell(code);
    if (!this.#dumped.has(path)) {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      writeFileSync(path, code, { mode: 0o600 });
    }
    this.#dumped.set(path, code);
    return path;
  }

  /** Takes what a cell is about to run: its own code and the files that it imports. Returns what is new. */
  add(url: string, name: string, program: Program): DebuggedScript[] {
    const { source: text, map, localModules } = program;
    const cell = new DebuggedScript({ url, path: this.pathOfCell(text), name, isCell: true, text, map });
    const files = localModules.map(
      ({ file, source, map }) =>
        new DebuggedScript({
          url: pathToFileURL(file).href,
          path: file,
          name: "(module)",
          isCell: false,
          text: source,
          map,
        }),
    );
    for (const script of [cell, ...files]) {
      this.#scripts.delete(script.url);
      this.#scripts.set(script.url, script);
    }
    this.#forgetOldCells();
    return [cell, ...files];
  }

  byUrl(url: string): DebuggedScript | undefined {
    return this.#scripts.get(url);
  }

  /** All code that was made from a file: a cell that was run twice is there twice. */
  ofPath(path: string): DebuggedScript[] {
    return [...this.#scripts.values()].filter((script) => script.path === path);
  }

  get paths(): { name: string; path: string }[] {
    const found = new Map([...this.#scripts.values()].map(({ path, name, isCell }) => [path, isCell ? name : path]));
    return [...found].map(([path, name]) => ({ path, name }));
  }

  /** The text of a cell or file as the user wrote it, as far as it is known without reading files. */
  textOf(path: string): string | undefined {
    return this.#dumped.get(path) ?? this.ofPath(path)[0]?.text;
  }

  /** The runtime is gone, and its functions with it. */
  forgetScripts(): void {
    this.#scripts.clear();
  }

  /** Takes the written cells away again. */
  close(): void {
    if (this.#dumped.size > 0) rmSync(this.folder, { recursive: true, force: true });
  }

  #forgetOldCells(): void {
    const cells = [...this.#scripts.values()].filter(({ isCell }) => isCell);
    for (const { url } of cells.slice(0, Math.max(0, cells.length - rememberedCells))) this.#scripts.delete(url);
  }
}
