/** A cell ready to run: what the language process makes of the user's text. */
export interface Program {
  /** The body of a function `(exports, require, cell) => …`. */
  readonly code: string;
  /** A source map, as JSON, from `code` to `source`. */
  readonly map: string;
  /** The user's text, for excerpts in error messages. */
  readonly source: string;
  /** Whether the body awaits, so that the function has to be async. */
  readonly async: boolean;
  /** The names of the values it declares at its top level. */
  readonly declares: readonly string[];
  /** The modules it imports statically; they are loaded before it starts. */
  readonly imports: readonly string[];
  /** Where its imports lead that lead to files beside the notebook, by specifier. */
  readonly resolved: Readonly<Record<string, string>>;
  /** Files beside the notebook that it imports, directly or not, converted, where they are new or have changed. */
  readonly localModules: readonly LocalModule[];
  /** What the user should be told about the settings of the folder. */
  readonly complaints?: string;
}

/** A file beside the notebook, converted to CommonJS. */
export interface LocalModule {
  /** Its path. */
  readonly file: string;
  readonly source: string;
  readonly code: string;
  readonly map: string;
  /** Where its imports lead that lead to files beside the notebook, by specifier. */
  readonly resolved: Readonly<Record<string, string>>;
}

/** Stands before the specifier in calls of `require` that were `import` declarations: conditions differ. */
export const importMark = "import:";

/** Something TypeScript refuses, with its place in the cell; lines and columns count from zero. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly message: string;
  readonly code: number;
  /** The file beside the notebook that the problem is in, when it is not in the cell. */
  readonly file?: string;
  /** The text of that file. */
  readonly source?: string;
}

export type CompileResult =
  | { readonly program: Program; readonly declarations: string }
  | { readonly problems: readonly Problem[] };

/** A completion; positions count UTF-16 units. */
export interface CompletionResult {
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly { readonly name: string; readonly kind: string }[];
}

/** What is known about the thing under the cursor. */
export interface InspectionResult {
  readonly signature: string;
  readonly documentation: string;
  readonly tags: string;
}

export type CompletenessResult =
  | { readonly status: "complete" | "invalid" }
  | { readonly status: "incomplete"; readonly indent: string };

/** What the language process can be asked; `declarations` describe the variables of earlier cells. */
export interface LanguageService {
  /** Checks and converts a cell. The program comes before the declarations are found out. */
  compile(declarations: string, code: string): CompileResult;
  /** The declarations after a cell that ran beside others, and can no longer be compiled on top of theirs. */
  combine(present: string, after: string, declared: readonly string[]): string;
  /** The declarations to go on with after a cell that failed before all of its names had got a value. */
  narrow(before: string, after: string, missed: readonly string[]): string;
  complete(declarations: string, code: string, cursor: number): CompletionResult;
  inspect(declarations: string, code: string, cursor: number): InspectionResult | undefined;
  isComplete(code: string): CompletenessResult;
  /** The lines of a cell or file, counted from one, at which a debugger can stop. */
  breakableLines(code: string): number[];
  /** Whether what is thrown at a place is caught around it; the line counts from one, the column from zero. */
  isCaughtAt(code: string, line: number, column: number): boolean;
}

export interface LanguageRequest {
  readonly id: number;
  readonly method: keyof LanguageService;
  readonly parameters: readonly unknown[];
}

/** What the process says, in place of a request's number, when it has started up. */
export const ready = 0;

export type LanguageReply =
  /** Of a cell that is being compiled: the reply follows, without it. */
  | { readonly id: number; readonly program: Program }
  | { readonly id: number; readonly result?: unknown }
  | { readonly id: number; readonly failure: string };
