import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { TS } from "./typescript.ts";

/**
 * The declarations to go on with after a cell that threw: those of `after`, except that a variable or class that
 * had got no value yet keeps its declaration of `before`, or is not declared at all.
 */
export function narrowDeclarations(ts: TS, before: string, after: string, assigned: ReadonlySet<string>): string {
  const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
  const earlier = parse(ts, before);
  const later = parse(ts, after);
  const earlierNames = new Set(earlier.statements.flatMap((statement) => valueNames(ts, statement)));
  const lost = new Set(
    later.statements.flatMap((statement) => valueNames(ts, statement)).filter((name) => !assigned.has(name)),
  );
  const print = (file: TypeScript.SourceFile, keep: (name: string) => boolean): string[] =>
    file.statements.flatMap((statement) => {
      const kept = keepNames(ts, statement, keep);
      return kept ? [printer.printNode(ts.EmitHint.Unspecified, kept, file)] : [];
    });
  return [
    ...print(later, (name) => !lost.has(name)),
    ...print(onlyValues(ts, earlier), (name) => lost.has(name) && earlierNames.has(name)),
  ].join("\n");
}

function parse(ts: TS, text: string): TypeScript.SourceFile {
  return ts.createSourceFile("declarations.d.ts", text, ts.ScriptTarget.Latest, true);
}

function onlyValues(ts: TS, file: TypeScript.SourceFile): TypeScript.SourceFile {
  const statements = file.statements.filter((statement) => valueNames(ts, statement).length > 0);
  return ts.factory.updateSourceFile(file, statements);
}

// Functions exist before the first statement runs and imports are loaded by then: neither can lack its value.
function valueNames(ts: TS, statement: TypeScript.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  if ((ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) && statement.name)
    return [statement.name.text];
  return [];
}

function keepNames(
  ts: TS,
  statement: TypeScript.Statement,
  keep: (name: string) => boolean,
): TypeScript.Statement | undefined {
  const names = valueNames(ts, statement);
  if (names.length === 0 || names.every(keep)) return statement;
  if (!ts.isVariableStatement(statement) || !names.some(keep)) return undefined;
  const list = statement.declarationList;
  const kept = list.declarations.filter(({ name }) => ts.isIdentifier(name) && keep(name.text));
  return ts.factory.updateVariableStatement(
    statement,
    statement.modifiers,
    ts.factory.updateVariableDeclarationList(list, kept),
  );
}
