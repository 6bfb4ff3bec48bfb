import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { TS } from "./typescript.ts";

/**
 * The declarations to go on with after a cell that threw: those of `after`, except that a name in `missed`, which
 * got no value, keeps its declaration of `before`, or is not declared at all.
 */
export function narrowDeclarations(ts: TS, before: string, after: string, missed: ReadonlySet<string>): string {
  const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
  const print = (file: TypeScript.SourceFile, keep: (name: string) => boolean): string[] =>
    file.statements.flatMap((statement) => {
      const kept = keepNames(ts, statement, keep);
      return kept ? [printer.printNode(ts.EmitHint.Unspecified, kept, file)] : [];
    });
  return [
    ...print(parseDeclarations(ts, after), (name) => !missed.has(name)),
    ...print(onlyValues(ts, parseDeclarations(ts, before)), (name) => missed.has(name)),
  ].join("\n");
}

/**
 * The declarations after a cell that ran beside others: those of `present`, except that the names in `declared`, and
 * types that are new, are as in `after`.
 */
export function combineDeclarations(ts: TS, present: string, after: string, declared: ReadonlySet<string>): string {
  const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
  const [ours, theirs] = [parseDeclarations(ts, after), parseDeclarations(ts, present)];
  const known = new Set(theirs.statements.flatMap((statement) => namesIn(ts, statement)));
  const isNew = (name: string) => declared.has(name) || !known.has(name);
  const print = (file: TypeScript.SourceFile, keep: (name: string) => boolean) =>
    file.statements.flatMap((statement) => {
      const isType = namesIn(ts, statement).length > 0 && valueNames(ts, statement).length === 0;
      const kept = isType ? namesIn(ts, statement).some(keep) && statement : keepNames(ts, statement, keep);
      return kept ? [printer.printNode(ts.EmitHint.Unspecified, kept, file)] : [];
    });
  const fromCell = ts.factory.updateSourceFile(
    ours,
    ours.statements.filter((statement) => namesIn(ts, statement).length > 0),
  );
  return [...print(theirs, (name) => !declared.has(name)), ...print(fromCell, isNew)].join("\n");
}

/** The namespaces and additions to global types of earlier cells that a cell leaves as they are. */
export function remainingModules(ts: TS, declarations: string, redeclared: ReadonlySet<string>): string {
  if (!/\b(?:namespace|module|global)\b/.test(declarations)) return "";
  const file = parseDeclarations(ts, declarations);
  return file.statements
    .filter((statement) => ts.isModuleDeclaration(statement) && !redeclared.has(moduleName(ts, statement) ?? ""))
    .map((statement) => `${statement.getText(file)}\n`)
    .join("");
}

/** Whether a declaration adds to the global scope rather than to the notebook's. */
export function isGlobal(ts: TS, declaration: TypeScript.Node): boolean {
  return ts.findAncestor(declaration, (node) => ts.isModuleDeclaration(node) && isAugmentation(ts, node)) !== undefined;
}

/** The names of values and types that a statement declares. */
export function namesIn(ts: TS, statement: TypeScript.Statement): string[] {
  const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
  return isType ? [statement.name.text] : valueNames(ts, statement);
}

/** The declarations of cells as a tree. */
export function parseDeclarations(ts: TS, text: string): TypeScript.SourceFile {
  return ts.createSourceFile("declarations.d.ts", text, ts.ScriptTarget.Latest, true);
}

function onlyValues(ts: TS, file: TypeScript.SourceFile): TypeScript.SourceFile {
  const statements = file.statements.filter((statement) => valueNames(ts, statement).length > 0);
  return ts.factory.updateSourceFile(file, statements);
}

function valueNames(ts: TS, statement: TypeScript.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  if (ts.isImportDeclaration(statement)) return importedNames(ts, statement.importClause);
  const named =
    ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement) || ts.isFunctionDeclaration(statement);
  const name = named ? statement.name?.text : ts.isModuleDeclaration(statement) ? moduleName(ts, statement) : undefined;
  return name === undefined ? [] : [name];
}

function importedNames(ts: TS, clause: TypeScript.ImportClause | undefined): string[] {
  const bindings = clause?.namedBindings;
  const names = clause?.name ? [clause.name] : [];
  if (bindings)
    names.push(...(ts.isNamespaceImport(bindings) ? [bindings] : bindings.elements).map(({ name }) => name));
  return names.map((name) => name.text);
}

function moduleName(ts: TS, declaration: TypeScript.ModuleDeclaration): string | undefined {
  return isAugmentation(ts, declaration) ? undefined : declaration.name.text;
}

function isAugmentation(ts: TS, { flags, name }: TypeScript.ModuleDeclaration): boolean {
  return (flags & ts.NodeFlags.GlobalAugmentation) !== 0 || ts.isStringLiteral(name);
}

function keepNames(
  ts: TS,
  statement: TypeScript.Statement,
  keep: (name: string) => boolean,
): TypeScript.Statement | undefined {
  const names = valueNames(ts, statement);
  if (names.length === 0 || names.every(keep)) return statement;
  if (!names.some(keep)) return undefined;
  if (ts.isImportDeclaration(statement)) return keepImports(ts, statement, keep);
  if (!ts.isVariableStatement(statement)) return undefined;
  const list = statement.declarationList;
  const kept = list.declarations.filter(({ name }) => ts.isIdentifier(name) && keep(name.text));
  return ts.factory.updateVariableStatement(
    statement,
    statement.modifiers,
    ts.factory.updateVariableDeclarationList(list, kept),
  );
}

function keepImports(
  ts: TS,
  statement: TypeScript.ImportDeclaration,
  keep: (name: string) => boolean,
): TypeScript.ImportDeclaration {
  const { factory } = ts;
  const { modifiers, importClause: clause, moduleSpecifier, assertClause } = statement;
  if (!clause) return statement;
  const keepBindings = (bindings: TypeScript.NamedImportBindings): TypeScript.NamedImportBindings | undefined => {
    if (ts.isNamespaceImport(bindings)) return keep(bindings.name.text) ? bindings : undefined;
    const kept = bindings.elements.filter(({ name }) => keep(name.text));
    return kept.length > 0 ? factory.updateNamedImports(bindings, kept) : undefined;
  };
  const name = clause.name && keep(clause.name.text) ? clause.name : undefined;
  const bindings = clause.namedBindings && keepBindings(clause.namedBindings);
  const kept = factory.updateImportClause(clause, clause.isTypeOnly, name, bindings);
  return factory.updateImportDeclaration(statement, modifiers, kept, moduleSpecifier, assertClause);
}
