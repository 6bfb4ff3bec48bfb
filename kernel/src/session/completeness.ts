import type * as TypeScript from "@tslab/typescript-for-tslab";
import { errorsOf } from "./cell-file.ts";
import type { CompletenessResult } from "./messages.ts";
import type { TS } from "./typescript.ts";

/** Template literals and comments may go on on the next line even though the error stands where they begin. */
const unterminated = new Set([
  1010, // '*/' expected
  1160, // unterminated template literal
  17008, // JSX element has no corresponding closing tag
  17014, // nor has JSX fragment
]);

/** Strings end with their line: another line cannot help. */
const unterminatedString = 1002;

/** Whether a text is a whole cell, the beginning of one, or neither; where JSX is usual, `<T>` rather opens an element. */
export function completenessOf(ts: TS, code: string, prefersJsx = false): CompletenessResult {
  const { TS, TSX } = ts.ScriptKind;
  const found = statusOf(ts, code, prefersJsx ? TSX : TS);
  if (found.status === "complete" || !/<[\w>]/.test(code)) return found;
  const other = statusOf(ts, code, prefersJsx ? TS : TSX);
  if (found.status === "invalid") return other;
  return other.status === "complete" && !prefersJsx ? other : found;
}

function statusOf(ts: TS, code: string, kind: TypeScript.ScriptKind): CompletenessResult {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, false, kind);
  const [first] = errorsOf(file);
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
