import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { ProgramFile, TS } from "./typescript.ts";

/**
 * Lets JSX call a factory that an earlier cell declares: the converter writes `exports.` before names in the cell's
 * text only, and the factory's is not among them.
 */
export function findFactories(
  ts: TS,
  { cell, earlier, options }: { cell: ProgramFile; earlier: ProgramFile; options: TypeScript.CompilerOptions },
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  const names = [
    options.jsxFactory,
    options.jsxFragmentFactory,
    ...["jsx", "jsxfrag"].map((pragma) => factoryOf(cell.pragmas.get(pragma))),
    options.reactNamespace ?? "React",
  ]
    .map((name) => name?.split(".")[0] ?? "")
    .filter((name) => has(earlier, name) && !has(cell, name));
  return (context) => (file) => {
    if (names.length === 0) return file;
    const visit = (node: TypeScript.Node): TypeScript.Node =>
      ts.isIdentifier(node) && node.pos < 0 && names.includes(node.text)
        ? context.factory.createPropertyAccessExpression(context.factory.createIdentifier("exports"), node.text)
        : ts.visitEachChild(node, visit, context);
    return ts.visitEachChild(file, visit, context);
  };
}

function has({ locals }: ProgramFile, name: string): boolean {
  return locals?.has(name as TypeScript.__String) === true;
}

/** What a comment like `@jsx h` names; the last of several counts. */
function factoryOf(pragma: unknown): string | undefined {
  const last = (Array.isArray(pragma) ? pragma.at(-1) : pragma) as { arguments?: { factory?: string } } | undefined;
  return last?.arguments?.factory;
}
