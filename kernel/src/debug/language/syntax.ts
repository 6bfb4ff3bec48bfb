import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { TS } from "../../session/typescript.ts";

/** The lines, counted from one, on which code can stop: where statements and calls begin, not types or blank lines. */
export function breakableLines(ts: TS, code: string): number[] {
  const file = ts.createSourceFile("cell.tsx", code, ts.ScriptTarget.Latest, true);
  const lines = new Set<number>();
  const add = (node: TypeScript.Node) => lines.add(file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
  const visit = (node: TypeScript.Node): void => {
    if (leavesNothing(ts, node)) return;
    if (isStop(ts, node)) add(node);
    else if (ts.isDoStatement(node)) add(node.expression);
    else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) add(node.body);
    else if (ts.isCallExpression(node))
      add(ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...lines].sort((a, b) => a - b);
}

/** Whether what is thrown at a place (line from one, column from zero) is caught around it, in the same function. */
export function isCaughtAt(ts: TS, code: string, line: number, column: number): boolean {
  const file = ts.createSourceFile("cell.tsx", code, ts.ScriptTarget.Latest, true);
  const start = file.getLineStarts()[line - 1];
  if (start === undefined) return false;
  let node: TypeScript.Node = file;
  const position = start + column;
  for (let inner: TypeScript.Node | undefined = file; inner; ) {
    node = inner;
    inner = ts.forEachChild(node, (child) =>
      child.getStart(file) <= position && position < child.getEnd() ? child : undefined,
    );
  }
  for (; node.parent && !ts.isFunctionLike(node); node = node.parent) {
    const { parent } = node;
    if (ts.isTryStatement(parent) && parent.tryBlock === node && parent.catchClause) return true;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node && handlesRejection(ts, parent))
      return true;
  }
  return false;
}

function handlesRejection(ts: TS, member: TypeScript.PropertyAccessExpression): boolean {
  const call = member.parent;
  if (!ts.isCallExpression(call) || call.expression !== member) return false;
  const name = member.name.text;
  return name === "catch" || (name === "then" && call.arguments.length > 1);
}

function leavesNothing(ts: TS, node: TypeScript.Node): boolean {
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  if (ts.isImportDeclaration(node) && node.importClause?.isTypeOnly) return true;
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false;
}

function isStop(ts: TS, node: TypeScript.Node): boolean {
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.some(({ initializer }) => initializer !== undefined);
  if (ts.isPropertyDeclaration(node)) return node.initializer !== undefined;
  return ts.isStatement(node) && !holdsOthers(ts, node);
}

// Where these begin, nothing happens yet.
function holdsOthers(ts: TS, node: TypeScript.Statement): boolean {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isBlock(node) ||
    ts.isTryStatement(node) ||
    ts.isDoStatement(node) ||
    ts.isLabeledStatement(node) ||
    (ts.isForStatement(node) && !node.initializer && !node.condition) ||
    (ts.isWhileStatement(node) && node.expression.kind === ts.SyntaxKind.TrueKeyword) ||
    ts.isEmptyStatement(node)
  );
}
