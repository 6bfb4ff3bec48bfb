import { breakableLines, isCaughtAt } from "../debug/language/syntax.ts";
import { completenessOf } from "./completeness.ts";
import { CellConverter } from "./converter.ts";
import { narrowDeclarations } from "./declarations.ts";
import { withoutRedeclaredGlobals } from "./global-declarations.ts";
import { inspectedPositions, inspectionOf } from "./inspection.ts";
import type {
  CompileResult,
  CompletenessResult,
  CompletionResult,
  InspectionResult,
  LanguageService,
} from "./messages.ts";
import { loadTypeScript } from "./typescript.ts";

/** TypeScript for a notebook. It keeps no state of the session: earlier cells come as declarations. */
export class NotebookLanguage implements LanguageService {
  readonly #typescript = loadTypeScript();
  readonly #converter: CellConverter;

  constructor(folder = process.cwd()) {
    this.#converter = new CellConverter(folder);
  }

  compile(declarations: string, code: string): CompileResult {
    const earlier = withoutRedeclaredGlobals(this.#typescript, declarations, code);
    const conversion = this.#converter.convert(earlier, this.#withoutExports(code));
    if (conversion.problems.length > 0) return { problems: conversion.problems };
    const { facts, map, localModules, resolved } = conversion;
    return {
      declarations: conversion.declarations,
      program: {
        code: conversion.code,
        map,
        source: code,
        async: facts.async,
        declares: facts.shared,
        imports: facts.imports,
        resolved,
        localModules,
      },
    };
  }

  narrow(before: string, after: string, missed: readonly string[]): string {
    return narrowDeclarations(this.#typescript, before, after, new Set(missed));
  }

  complete(declarations: string, code: string, cursor: number): CompletionResult {
    const { start, end, candidates, original } = this.#converter.complete(declarations, code, cursor);
    const kinds = new Map((original?.entries ?? []).map((entry) => [entry.name, String(entry.kind)]));
    return { start, end, candidates: candidates.map((name) => ({ name, kind: kinds.get(name) ?? "" })) };
  }

  inspect(declarations: string, code: string, cursor: number): InspectionResult | undefined {
    for (const position of inspectedPositions(code, cursor)) {
      const info = this.#converter.inspect(declarations, code, position);
      const inspection = info && inspectionOf(info);
      // All that TypeScript says of a name it does not know.
      if (inspection && inspection.signature !== "any") return inspection;
    }
    return undefined;
  }

  isComplete(code: string): CompletenessResult {
    return completenessOf(this.#typescript, code);
  }

  breakableLines(code: string): number[] {
    return breakableLines(this.#typescript, code);
  }

  isCaughtAt(code: string, line: number, column: number): boolean {
    return isCaughtAt(this.#typescript, code, line, column);
  }

  // Everything at the top level is shared between cells anyway; the converter itself refuses the keyword.
  #withoutExports(code: string): string {
    if (!/\bexport\b/.test(code)) return code;
    const ts = this.#typescript;
    const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true);
    let text = code;
    const blank = (start: number, end: number) => {
      text = text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + text.slice(end);
    };
    for (const statement of file.statements) {
      if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier)
        blank(statement.getStart(file), statement.getEnd());
      else if (ts.canHaveModifiers(statement) && !ts.isExportAssignment(statement))
        for (const modifier of ts.getModifiers(statement) ?? [])
          if (modifier.kind === ts.SyntaxKind.ExportKeyword) blank(modifier.getStart(file), modifier.getEnd());
    }
    return text;
  }
}
