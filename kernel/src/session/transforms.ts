import type * as TypeScript from "@tslab/typescript-for-tslab";
import { isGlobal } from "./declarations.ts";
import { importMark } from "./messages.ts";
import type { TS } from "./typescript.ts";

/** The parameter through which converted code reaches the runtime; see the runtime's `CellScope`. */
const scope = "__cell";
/** The name tslab gives to a cell's last expression. */
const resultName = /^tsLastExpr\d*$/;

/** What the transforms learn about a cell on the way. */
export interface CellFacts {
  async: boolean;
  readonly imports: string[];
  /** The names whose values it shares with other cells. */
  readonly shared: string[];
}

/**
 * Prepares for the converter, which writes `exports.` before the names of earlier cells: it overlooks shorthand
 * properties, and must leave alone what an earlier cell declared as global and the properties named in a pattern.
 */
export function markEarlierNames(
  ts: TS,
  checker: TypeScript.TypeChecker,
  isEarlier: (declaration: TypeScript.Declaration) => boolean,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  const isEarlierGlobal = (node: TypeScript.Identifier) =>
    checker.getSymbolAtLocation(node)?.declarations?.some((found) => isEarlier(found) && isGlobal(ts, found)) ?? false;
  return (context) => (file) => {
    const { factory } = context;
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      // The converter finds no symbol for a name that does not come from the cell's text.
      if (ts.isIdentifier(node) && (isPropertyName(ts, node) || isEarlierGlobal(node)))
        return ts.setTextRange(factory.createIdentifier(node.text), node);
      const visited = ts.visitEachChild(node, visit, context);
      if (!ts.isShorthandPropertyAssignment(node) || !ts.isShorthandPropertyAssignment(visited)) return visited;
      const symbol = checker.getShorthandAssignmentValueSymbol(node);
      if (!symbol?.declarations?.some((found) => isEarlier(found) && !isGlobal(ts, found))) return visited;
      const value = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), node.name.text);
      const fallback = visited.objectAssignmentInitializer;
      return factory.createPropertyAssignment(
        node.name.text,
        fallback ? factory.createAssignment(value, fallback) : value,
      );
    };
    return ts.visitEachChild(file, visit, context);
  };
}

/** A copy to change: the converter puts statements into the tree it is given, which may be the cell's own. */
export function copied(ts: TS): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return () => (file) => ts.factory.updateSourceFile(file, ts.factory.createNodeArray([...file.statements]));
}

// The `a` of `{ a: b }`: of a pattern, the symbol is that of the property in the type.
function isPropertyName(ts: TS, node: TypeScript.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isBindingElement(parent) && parent.propertyName === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) && parent.name === node)
  );
}

/**
 * Rewrites a cell, now plain ES module code, so that the runtime can stop it at every `await`,
 * resolve its `import()` from the notebook's folder, and receive its last expression.
 */
export function joinRuntime(ts: TS, facts: CellFacts): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => (file) => {
    const { factory } = context;
    const member = (name: string) => factory.createPropertyAccessExpression(factory.createIdentifier(scope), name);
    const call = (name: string, ...values: TypeScript.Expression[]) =>
      factory.createCallExpression(member(name), undefined, values);

    const visitor = (top: boolean) => {
      const visit = (node: TypeScript.Node): TypeScript.Node => {
        if (top && (ts.isFunctionLike(node) || ts.isClassLike(node)))
          return ts.visitEachChild(node, visitNested, context);
        const visited = ts.visitEachChild(node, visit, context);
        if (ts.isAwaitExpression(visited)) {
          if (!top) return call("resumed", visited);
          facts.async = true;
          return factory.updateAwaitExpression(visited, call("until", visited.expression));
        }
        if (ts.isForOfStatement(visited) && visited.awaitModifier) {
          if (top) facts.async = true;
          const { awaitModifier, initializer, expression, statement } = visited;
          const stoppable = call(top ? "each" : "eachResumed", expression);
          return factory.updateForOfStatement(visited, awaitModifier, initializer, stoppable, statement);
        }
        if (ts.isCallExpression(visited) && visited.expression.kind === ts.SyntaxKind.ImportKeyword)
          return call("import", ...visited.arguments);
        if (ts.isMetaProperty(visited) && visited.keywordToken === ts.SyntaxKind.ImportKeyword) return member("meta");
        return visited;
      };
      return visit;
    };
    const visitNested = visitor(false);
    const visitTop = visitor(true);

    const statements = file.statements.map((statement) => {
      if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
        facts.imports.push(statement.moduleSpecifier.text);
        return namedImport(ts, factory, statement);
      }
      const result = resultOf(ts, statement);
      if (result === undefined) return ts.visitNode(statement, visitTop) as TypeScript.Statement;
      const value = ts.visitNode(result, visitTop) as TypeScript.Expression;
      return factory.createExpressionStatement(factory.createAssignment(member("result"), value));
    });
    return factory.updateSourceFile(file, statements);
  };
}

/** Tells the `require` calls that come of a file's imports and exports from those that the user wrote. */
export function nameImports(ts: TS): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return ({ factory }) =>
    (file) =>
      factory.updateSourceFile(
        file,
        file.statements.map((statement) =>
          ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)
            ? namedImport(ts, factory, statement)
            : statement,
        ),
      );
}

function namedImport(
  ts: TS,
  factory: TypeScript.NodeFactory,
  statement: TypeScript.ImportDeclaration | TypeScript.ExportDeclaration,
): TypeScript.Statement {
  const { modifiers, moduleSpecifier: specifier, assertClause } = statement;
  if (!specifier || !ts.isStringLiteral(specifier)) return statement;
  const marked = factory.createStringLiteral(importMark + specifier.text);
  return ts.isImportDeclaration(statement)
    ? factory.updateImportDeclaration(statement, modifiers, statement.importClause, marked, assertClause)
    : factory.updateExportDeclaration(
        statement,
        modifiers,
        statement.isTypeOnly,
        statement.exportClause,
        marked,
        assertClause,
      );
}

function resultOf(ts: TS, statement: TypeScript.Statement): TypeScript.Expression | undefined {
  if (!ts.isVariableStatement(statement) || !statement.modifiers?.length) return undefined;
  const [declaration] = statement.declarationList.declarations;
  if (!declaration || !ts.isIdentifier(declaration.name) || !resultName.test(declaration.name.text)) return undefined;
  return declaration.initializer;
}

/**
 * Rewrites the exports of CommonJS code so that cells share live variables: a `let` becomes an accessor on the
 * session, everything else a plain property, and nothing is touched before its declaration has been evaluated.
 * Functions exist, and are shared, before the first statement runs.
 */
export function shareVariables(
  ts: TS,
  declared: ReadonlySet<string>,
  facts: CellFacts,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => (file) => {
    const { factory } = context;
    const scoped = (method: string, ...values: TypeScript.Expression[]) =>
      factory.createExpressionStatement(
        factory.createCallExpression(
          factory.createPropertyAccessExpression(factory.createIdentifier(scope), method),
          undefined,
          values,
        ),
      );
    const arrow = (parameters: string[], body: TypeScript.ConciseBody) =>
      factory.createArrowFunction(
        undefined,
        undefined,
        parameters.map((name) => factory.createParameterDeclaration(undefined, undefined, name)),
        undefined,
        undefined,
        body,
      );
    const accessor = (name: string) => {
      const parameter = name === "value" ? "given" : "value";
      const body = factory.createAssignment(factory.createIdentifier(name), factory.createIdentifier(parameter));
      const write = arrow([parameter], factory.createBlock([factory.createExpressionStatement(body)]));
      const read = arrow([], factory.createIdentifier(name));
      return scoped("bind", factory.createStringLiteral(name), read, write);
    };

    const rebindable = new Set(file.statements.flatMap((statement) => rebindableNames(ts, statement)));
    const functions = new Set(
      file.statements.flatMap((statement) => (ts.isFunctionDeclaration(statement) ? [statement.name?.text] : [])),
    );
    const hoisted: TypeScript.Statement[] = [];
    const statements = file.statements.flatMap((statement): TypeScript.Statement[] => {
      if (isExportPlaceholder(ts, statement)) return [];
      const exported = exportedValue(ts, statement);
      if (!exported || !declared.has(exported.name)) return [statement];
      const shared =
        rebindable.has(exported.name) && ts.isIdentifier(exported.value)
          ? accessor(exported.name)
          : scoped("define", factory.createStringLiteral(exported.name), exported.value);
      ts.setTextRange(shared, statement);
      facts.shared.push(exported.name);
      if (!functions.has(exported.name)) return [shared];
      hoisted.push(shared);
      return [];
    });
    // The accessor shows every assignment already; exporting it again would overwrite a later cell's declaration.
    const withoutUpdates = (node: TypeScript.Node): TypeScript.Node => {
      const visited = ts.visitEachChild(node, withoutUpdates, context);
      const name = ts.isBinaryExpression(visited) ? assignedExport(ts, visited) : undefined;
      const bound = name !== undefined && declared.has(name) && rebindable.has(name);
      return bound ? (visited as TypeScript.BinaryExpression).right : visited;
    };
    return ts.visitEachChild(factory.updateSourceFile(file, [...hoisted, ...statements]), withoutUpdates, context);
  };
}

function rebindableNames(ts: TS, statement: TypeScript.Statement): string[] {
  if (!ts.isVariableStatement(statement) || statement.declarationList.flags & ts.NodeFlags.Const) return [];
  const names: string[] = [];
  const collect = (name: TypeScript.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) collect(element.name);
  };
  for (const declaration of statement.declarationList.declarations) collect(declaration.name);
  return names;
}

// `Object.defineProperty(exports, "__esModule", …)` and `exports.a = exports.b = void 0`.
function isExportPlaceholder(ts: TS, statement: TypeScript.Statement): boolean {
  if (!ts.isExpressionStatement(statement)) return false;
  let expression = statement.expression;
  if (definedExport(ts, expression)?.name === "__esModule") return true;
  if (!assignedExport(ts, expression)) return false;
  while (ts.isBinaryExpression(expression) && assignedExport(ts, expression)) expression = expression.right;
  return ts.isVoidExpression(expression);
}

function exportedValue(
  ts: TS,
  statement: TypeScript.Statement,
): { name: string; value: TypeScript.Expression } | undefined {
  if (!ts.isExpressionStatement(statement)) return undefined;
  const { expression } = statement;
  const defined = definedExport(ts, expression);
  if (defined?.value) return { name: defined.name, value: defined.value };
  const name = assignedExport(ts, expression);
  if (name === undefined || !ts.isBinaryExpression(expression)) return undefined;
  const value = expression.right;
  // A declaration exports its own name or a member of an imported module; any other assignment is the user's.
  const own = ts.isIdentifier(value) ? value.text === name : ts.isPropertyAccessExpression(value);
  return own ? { name, value } : undefined;
}

function assignedExport(ts: TS, expression: TypeScript.Expression): string | undefined {
  if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken)
    return undefined;
  const { left } = expression;
  const isExport =
    ts.isPropertyAccessExpression(left) && ts.isIdentifier(left.expression) && left.expression.text === "exports";
  return isExport ? left.name.text : undefined;
}

function definedExport(
  ts: TS,
  expression: TypeScript.Expression,
): { name: string; value: TypeScript.Expression | undefined } | undefined {
  if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return undefined;
  const [target, name, attributes] = expression.arguments;
  if (expression.expression.name.text !== "defineProperty" || !target || !name || !attributes) return undefined;
  if (!ts.isIdentifier(target) || target.text !== "exports" || !ts.isStringLiteral(name)) return undefined;
  let value: TypeScript.Expression | undefined;
  if (ts.isObjectLiteralExpression(attributes))
    for (const property of attributes.properties) {
      if (!ts.isPropertyAssignment(property) || !ts.isFunctionExpression(property.initializer)) continue;
      const [statement] = property.initializer.body.statements;
      if (statement && ts.isReturnStatement(statement)) value = statement.expression;
    }
  return { name: name.text, value };
}
