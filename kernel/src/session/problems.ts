import { relative } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type * as Tslab from "tslab/dist/converter.js";
import type { Problem } from "./messages.ts";
import type { TS } from "./typescript.ts";

/** TypeScript numbers its syntax errors 1000 to 1999. */
const isSyntax = (code: number) => code >= 1000 && code < 2000;

/**
 * The converter's diagnostics as problems in the cell: a message and its details are one problem, consequences of
 * syntax errors are left out, and nothing points behind the last line.
 */
export function problemsOf(diagnostics: readonly Tslab.Diagnostic[], code: string): Problem[] {
  const chains = new Map<Tslab.DiagnosticPos, Tslab.Diagnostic[]>();
  // The messages of one chain share the very object that says where they are.
  for (const diagnostic of diagnostics) {
    const chain = chains.get(diagnostic.start);
    if (chain) chain.push(diagnostic);
    else chains.set(diagnostic.start, [diagnostic]);
  }
  const found = [...chains.values()];
  const syntax = found.filter(([head]) => isSyntax(head!.code));
  return (syntax.length > 0 ? syntax : found).map((chain) => problemOf(chain, code));
}

/** Diagnostics of files beside the notebook as problems there. */
export function problemsOfFiles(ts: TS, diagnostics: readonly TypeScript.Diagnostic[], folder: string): Problem[] {
  return diagnostics.flatMap(({ file, start, length, messageText, code }) => {
    if (!file || start === undefined) return [];
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    const end = file.getLineAndCharacterOfPosition(start + (length ?? 0));
    return [
      {
        line,
        column: character,
        length: end.line === line ? Math.max(1, end.character - character) : 1,
        message: ts.flattenDiagnosticMessageText(messageText, "\n"),
        code,
        file: relative(folder, file.fileName),
        source: file.text,
      },
    ];
  });
}

function problemOf(chain: readonly Tslab.Diagnostic[], code: string): Problem {
  const { start, end, code: number } = chain[0]!;
  const lines = code.split("\n");
  const last = lines.length - 1;
  // tslab adds a line to the cell; what it finds there is missing at the cell's end.
  const behind = start.line > last;
  return {
    line: behind ? last : start.line,
    column: behind ? lines[last]!.length : start.character,
    length: behind || end.line !== start.line ? 1 : Math.max(1, end.character - start.character),
    message: chain.map((part) => part.messageText).join("\n  "),
    code: number,
  };
}
