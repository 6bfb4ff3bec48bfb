import type * as TypeScript from "@tslab/typescript-for-tslab";
import { checking } from "./settings.ts";
import type { ProgramFile, TS } from "./typescript.ts";

/**
 * Parses a cell with or without JSX: as preferred, or the other way where only that makes sense, because `<T>x` is a
 * cast in one and an element in the other.
 */
export function parseEither<File extends TypeScript.SourceFile>(
  ts: TS,
  parse: (kind: TypeScript.ScriptKind) => File,
  prefersJsx: boolean,
): File {
  const { TS, TSX } = ts.ScriptKind;
  const preferred = parse(prefersJsx ? TSX : TS);
  if (errorsOf(preferred).length === 0 || !preferred.text.includes("<")) return preferred;
  const other = parse(prefersJsx ? TS : TSX);
  return errorsOf(other).length === 0 ? other : preferred;
}

/** What is wrong with the syntax of a file. */
export function errorsOf(file: TypeScript.SourceFile): readonly TypeScript.DiagnosticWithLocation[] {
  return (file as ProgramFile).parseDiagnostics;
}

/**
 * Heeds `@ts-nocheck`, `@jsx` and the like in the comments at the head of a cell: the converter puts a line of its own
 * before them.
 */
export function readHead(ts: TS, file: ProgramFile, code: string): void {
  if (checking() === "off") file.checkJsDirective = { enabled: false };
  const end = ts.getLeadingCommentRanges(code, 0)?.at(-1)?.end;
  if (end === undefined) return;
  const head = code.slice(0, end);
  if (!/@(ts-|jsx)/.test(head)) return;
  const { pragmas, checkJsDirective } = ts.createSourceFile(file.fileName, head, file.languageVersion) as ProgramFile;
  file.pragmas = pragmas;
  if (checkJsDirective) file.checkJsDirective = checkJsDirective;
}
