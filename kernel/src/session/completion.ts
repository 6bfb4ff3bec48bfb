import type * as TypeScript from "@tslab/typescript-for-tslab";
import type * as Tslab from "tslab/dist/converter.js";
import type { CompletionResult } from "./messages.ts";
import type { TS } from "./typescript.ts";

/** What TypeScript asks about files to complete the names of modules. */
export function completionHost(system: TypeScript.System, folder: string, options: TypeScript.CompilerOptions): object {
  return {
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    useCaseSensitiveFileNames: () => true,
    fileExists: system.fileExists,
    readFile: system.readFile,
    directoryExists: system.directoryExists,
    getDirectories: system.getDirectories,
    readDirectory: system.readDirectory,
    realpath: system.realpath,
  };
}

/** The converter's completions with their kinds; those inside of a text put right, which it takes for no word. */
export function completionOf(
  ts: TS,
  { start, end, candidates, original }: Tslab.CompletionInfo,
  code: string,
  cursor: number,
): CompletionResult {
  const entries = original?.entries ?? [];
  const kinds = new Map(entries.map((entry) => [entry.name, String(entry.kind)]));
  const withKinds = (names: readonly string[]) => names.map((name) => ({ name, kind: kinds.get(name) ?? "" }));
  const text = start === end && entries.length > 0 ? textAround(ts, code, cursor) : undefined;
  if (!text) return { start, end, candidates: withKinds(candidates) };
  const word = code.slice(text.start, cursor).toLowerCase();
  const names = [...kinds.keys()].filter((name) => name.toLowerCase().startsWith(word));
  return { start: text.start, end: text.end, candidates: withKinds(names.sort()) };
}

/** The part of a string that is completed: all of it, or what follows the last slash in the name of a module. */
function textAround(ts: TS, code: string, cursor: number): { start: number; end: number } | undefined {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true);
  let found: TypeScript.StringLiteralLike | undefined;
  const visit = (node: TypeScript.Node): void => {
    if (node.pos > cursor || node.end < cursor) return;
    if (ts.isStringLiteralLike(node) && node.getStart(file) < cursor) found = node;
    ts.forEachChild(node, visit);
  };
  visit(file);
  if (!found) return undefined;
  const start = found.getStart(file) + 1;
  const isClosed = found.end > start && code.charAt(found.end - 1) === code.charAt(start - 1);
  if (isClosed && cursor === found.end) return undefined;
  const end = isClosed ? found.end - 1 : found.end;
  if (!isModuleName(ts, found)) return { start, end };
  return { start: Math.max(start, code.lastIndexOf("/", cursor - 1) + 1), end };
}

function isModuleName(ts: TS, { parent }: TypeScript.Node): boolean {
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isExternalModuleReference(parent))
    return true;
  if (!ts.isCallExpression(parent)) return ts.isLiteralTypeNode(parent) && ts.isImportTypeNode(parent.parent);
  const { expression } = parent;
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === "require")
  );
}
