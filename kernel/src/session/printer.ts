import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { TS } from "./typescript.ts";

/**
 * A printer that copies what has not been changed since it was parsed: the declarations of earlier cells are written
 * once more for every cell, and most of them stay as they are.
 */
export function printerOf(ts: TS, options: TypeScript.PrinterOptions | undefined): TypeScript.Printer {
  const printer = ts.createPrinter(options);
  return {
    ...printer,
    printFile: (file) =>
      file.statements
        .map((statement) =>
          isUnchanged(ts, statement)
            ? `${file.text.slice(statement.getStart(file, true), statement.end)}\n`
            : `${printer.printNode(ts.EmitHint.Unspecified, statement, file)}\n`,
        )
        .join(""),
  };
}

/** tslab puts new lists, which have no place in the text, where it takes names away. */
function isUnchanged(ts: TS, statement: TypeScript.Statement): boolean {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.pos >= 0;
  return !ts.isImportDeclaration(statement);
}
