import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { CompletenessResult } from "./messages.ts";
import type { TS } from "./typescript.ts";

/** Template literals and comments may go on on the next line even though the error stands where they begin. */
const unterminated = new Set([
  1010, // '*/' expected
  1160, // unterminated template literal
]);

/** Strings end with their line: another line cannot help. */
const unterminatedString = 1002;

/** Whether a text is a whole cell, the beginning of one, or neither. */
export function completenessOf(ts: TS, code: string): CompletenessResult {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: readonly TypeScript.DiagnosticWithLocation[] };
  const [first] = parseDiagnostics;
  if (!first) return { status: "complete" };
  const end = code.trimEnd().length;
  if (first.code === unterminatedString || (first.start < end && !unterminated.has(first.code)))
    return { status: "invalid" };
  return { status: "incomplete", indent: nextIndent(code) };
}

function nextIndent(code: string): string {
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  return /[{([]\s*(\/\/.*)?$/.test(line) ? `${indent}  ` : indent;
}
