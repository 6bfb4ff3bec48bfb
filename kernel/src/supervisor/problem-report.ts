import { errorText, excerpt } from "../display/excerpt.ts";
import type { ErrorContent } from "../protocol/messages.ts";
import type { Problem } from "../session/messages.ts";

const shown = 10;

/** What TypeScript refuses, as an error: each place with its line and a caret, before anything has run. */
export function problemReport(problems: readonly Problem[], label: string, code: string): ErrorContent {
  const name = "TypeScriptError";
  const lines: string[] = [];
  for (const problem of problems.slice(0, shown)) {
    const inCell = problem.file === undefined;
    const source = inCell ? code : problem.source;
    lines.push(
      ...excerpt(problem.file ?? label, source, problem.line + 1, problem.column, problem.length),
      errorText(`TS${problem.code}`, problem.message),
      "",
    );
  }
  if (problems.length > shown) lines.push(`… and ${problems.length - shown} more.`, "");
  lines.push("Nothing of this cell has run.");
  return { ename: name, evalue: problems[0]?.message ?? "", traceback: lines };
}
