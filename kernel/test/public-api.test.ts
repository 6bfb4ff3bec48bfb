import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import * as kernel from "../src/index.ts";

const index = fileURLToPath(new URL("../src/index.ts", import.meta.url));
const sources = fileURLToPath(new URL("../src/", import.meta.url));
const privateWord = ts.SyntaxKind.PrivateKeyword;

/** What a user can import; a change here is a change of the interface. */
it("exports these names", () => {
  expect(Object.keys(kernel).sort()).toMatchInlineSnapshot(`
    [
      "AnyWidget",
      "Execution",
      "ExpectationError",
      "InstallError",
      "JupyterServer",
      "Kernel",
      "KernelError",
      "NotebookError",
      "ParameterError",
      "Problem",
      "ServerError",
      "UnknownKernelError",
      "checkMetrics",
      "comms",
      "display",
      "exportNotebook",
      "findKernelSpecs",
      "install",
      "ownKernelSpec",
      "parseExpectations",
      "readConnectionFile",
      "readExpectations",
      "runNotebook",
      "uninstall",
    ]
  `);
});

it("exports every type that its signatures speak of", () => {
  const program = ts.createProgram([index], { ...compilerOptions(), noEmit: true });
  const checker = program.getTypeChecker();
  const exported = new Set(
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index)!)!).map(original),
  );
  const missing = new Set<string>();
  for (const symbol of exported) for (const declaration of symbol.declarations ?? []) visit(declaration);
  expect([...missing].sort()).toEqual([]);

  function visit(node: ts.Node): void {
    if (ts.isBlock(node) || isPrivate(node)) return;
    if ((ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) && node.initializer) {
      if (node.type) visit(node.type);
      return;
    }
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
    const found = name && checker.getSymbolAtLocation(name);
    const symbol = found && original(found);
    if (symbol?.declarations?.some(isOurs) && !exported.has(symbol)) missing.add(symbol.name);
    ts.forEachChild(node, visit);
  }

  function original(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }
});

function isPrivate(node: ts.Node): boolean {
  const word = ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === privateWord);
  return word || (ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name));
}

/** Whether something is declared at the top of one of our files; a type parameter, for example, is not. */
function isOurs({ parent }: ts.Declaration): boolean {
  return ts.isSourceFile(parent) && parent.fileName.startsWith(sources);
}

function compilerOptions(): ts.CompilerOptions {
  const file = fileURLToPath(new URL("../../tsconfig.base.json", import.meta.url));
  return ts.convertCompilerOptionsFromJson(ts.readConfigFile(file, ts.sys.readFile).config.compilerOptions, ".")
    .options;
}
