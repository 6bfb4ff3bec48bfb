import { breakableLines, isCaughtAt } from "../debug/language/syntax.ts";
import { errorText, excerpt } from "../display/excerpt.ts";
import { parseEither } from "./cell-file.ts";
import { completenessOf } from "./completeness.ts";
import { completionOf } from "./completion.ts";
import { CellConverter, type ConvertedCode } from "./converter.ts";
import { DeclarationIndex } from "./declaration-index.ts";
import { combineDeclarations, narrowDeclarations } from "./declarations.ts";
import { withoutRedeclaredGlobals } from "./global-declarations.ts";
import { inspectedPositions, inspectionOf } from "./inspection.ts";
import type {
  CompileResult,
  CompletenessResult,
  CompletionResult,
  InspectionResult,
  LanguageService,
  Problem,
  Program,
} from "./messages.ts";
import { loadTypeScript } from "./typescript.ts";

/** TypeScript for a notebook. It keeps no state of the session: earlier cells come as declarations. */
export class NotebookLanguage implements LanguageService {
  readonly #typescript = loadTypeScript();
  readonly #converter: CellConverter;
  readonly #index = new DeclarationIndex(this.#typescript);
  #told: readonly Problem[] = [];

  constructor(folder = process.cwd()) {
    this.#converter = new CellConverter(folder);
  }

  /** Goes on for a notebook in another folder, without starting anew. */
  moveTo(folder: string): void {
    this.#converter.moveTo(folder);
  }

  /** Whether the checker holds so much of earlier cells that it should be made anew when there is time. */
  get isOld(): boolean {
    return this.#converter.isOld;
  }

  /** Makes the checker anew with the next cell. */
  renew(): void {
    this.#converter.renew();
  }

  /** Compiles something that nobody has written: what is wrong with the settings is left for the user's first cell. */
  rehearse(declarations: string, code: string): CompileResult {
    const told = this.#told;
    try {
      return this.compile(declarations, code);
    } finally {
      this.#told = told;
    }
  }

  compile(declarations: string, code: string, onProgram: (program: Program) => void = () => undefined): CompileResult {
    const earlier = withoutRedeclaredGlobals(this.#typescript, declarations, code);
    const { text, rest } = this.#index.select(earlier, code);
    const cell = this.#withoutExports(code);
    let program: Program | undefined;
    const onCode = (converted: ConvertedCode) => {
      program ??= this.#programOf(converted, code);
      onProgram(program);
    };
    let conversion = this.#converter.convert(text, cell, onCode);
    // Mistyped names are compared with all there are.
    if ("problems" in conversion && rest.length > 0) conversion = this.#converter.convert(earlier, cell, onCode);
    if ("problems" in conversion) return { problems: [...conversion.problems, ...this.#newComplaints()] };
    const { declarations: after } = conversion;
    program ??= this.#programOf(conversion.code, code);
    return { declarations: this.#index.join(after, rest), program };
  }

  #programOf({ code, facts, map, localModules, resolved }: ConvertedCode, source: string): Program {
    const complaints = this.#newComplaints().map(
      ({ file = "", source: text, line, column, length, code: number, message }) =>
        `${[...excerpt(file, text, line + 1, column, length), errorText(`TS${number}`, message)].join("\n")}\n`,
    );
    return {
      code,
      map,
      source,
      async: facts.async,
      declares: facts.shared,
      imports: facts.imports,
      resolved,
      localModules,
      ...(complaints.length > 0 && { complaints: complaints.join("\n") }),
    };
  }

  combine(present: string, after: string, declared: readonly string[]): string {
    return combineDeclarations(this.#typescript, present, after, new Set(declared));
  }

  narrow(before: string, after: string, missed: readonly string[]): string {
    return narrowDeclarations(this.#typescript, before, after, new Set(missed));
  }

  complete(declarations: string, code: string, cursor: number): CompletionResult {
    const completion = this.#converter.complete(declarations, code, cursor);
    return completionOf(this.#typescript, completion, code, cursor);
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
    return completenessOf(this.#typescript, code, this.#converter.prefersJsx);
  }

  /** What is wrong with the folder's settings, once. */
  #newComplaints(): readonly Problem[] {
    const { complaints } = this.#converter;
    if (complaints === this.#told) return [];
    this.#told = complaints;
    return complaints;
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
    const file = parseEither(
      ts,
      (kind) => ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true, kind),
      false,
    );
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
