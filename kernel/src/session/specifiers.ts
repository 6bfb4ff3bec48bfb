import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { ProgramFile, TS } from "./typescript.ts";

/** A flag of files that is not part of TypeScript's declared interface. */
const possiblyContainsDynamicImport = 2097152;

/** The module names in a file: of imports, exports, `import()` and import types. */
export function importsOf(ts: TS, file: ProgramFile): TypeScript.StringLiteralLike[] {
  const found: TypeScript.StringLiteralLike[] = [];
  const add = (node: TypeScript.Node | undefined): void => {
    if (node && ts.isStringLiteralLike(node) && node.text !== "") found.push(node);
  };
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) add(statement.moduleSpecifier);
    else if (ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference))
      add(statement.moduleReference.expression);
  }
  if (!(file.flags & possiblyContainsDynamicImport)) return found;
  const visit = (node: TypeScript.Node): void => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return found;
}

/** Whether a file changes more than itself: the global scope, other modules, or which files belong to the program. */
export function refersElsewhere(ts: TS, file: ProgramFile): boolean {
  const references = [file.referencedFiles, file.typeReferenceDirectives, file.libReferenceDirectives];
  return (
    references.some(({ length }) => length > 0) ||
    file.statements.some(
      (statement) =>
        ts.isModuleDeclaration(statement) &&
        (ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0),
    )
  );
}
