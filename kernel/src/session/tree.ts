import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { TS } from "./typescript.ts";

type Mutable<Node> = { -readonly [Key in keyof Node]: Node[Key] };

/**
 * Notes those parts of a tree of declarations that tslab changes where a cell declares something anew: which statements
 * there are, the variables of one, the names of an import. Returns what puts them back, so that the tree, and what a
 * checker has found out about it, serves the next cell.
 */
export function remember(ts: TS, file: TypeScript.SourceFile): () => void {
  const { statements } = file;
  const undo: (() => void)[] = [() => assign(file, { statements })];
  for (const statement of statements) {
    if (ts.isVariableStatement(statement)) {
      const { declarationList: list } = statement;
      const { declarations } = list;
      undo.push(() => assign(list, { declarations }));
    } else if (ts.isImportDeclaration(statement) && statement.importClause) {
      const { importClause: clause } = statement;
      const { name, namedBindings } = clause;
      undo.push(() => assign(clause as { name: unknown; namedBindings: unknown }, { name, namedBindings }));
      if (!namedBindings || !ts.isNamedImports(namedBindings)) continue;
      const { elements } = namedBindings;
      undo.push(() => assign(namedBindings, { elements }));
    }
  }
  return () => {
    for (const step of undo) step();
  };
}

function assign<Node extends object>(node: Node, parts: Partial<Mutable<Node>>): void {
  Object.assign(node, parts);
}
