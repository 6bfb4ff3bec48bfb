import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const lib = fileURLToPath(new URL("..", import.meta.url));
const source = join(lib, "src");

/** What a name is, for its heading and its place on the page. */
const kinds = [
  [ts.SymbolFlags.Class, "class"],
  [ts.SymbolFlags.Interface, "interface"],
  [ts.SymbolFlags.TypeAlias, "type"],
  [ts.SymbolFlags.Function, "function"],
  [ts.SymbolFlags.Variable, "constant"],
];

/** Reads what the library exports from its source: for each name its kind, signatures, comment, members and file. */
export function readLibrary() {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(lib, "tsconfig.json"),
    { noEmit: true },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
      },
    },
  );
  const program = ts.createProgram(config.fileNames, config.options);
  const checker = program.getTypeChecker();
  const entry = checker.getSymbolAtLocation(program.getSourceFile(join(source, "index.ts")));
  return exportsOf(checker, entry, "");
}

function exportsOf(checker, module, prefix) {
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const name = `${prefix}${exported.name}`;
    if (symbol.flags & ts.SymbolFlags.ValueModule) return exportsOf(checker, symbol, `${name}.`);
    const entry = read(checker, symbol, name);
    return entry === undefined ? [] : [entry];
  });
}

function read(checker, symbol, name) {
  const kind = kinds.find(([flag]) => symbol.flags & flag)?.[1];
  const declaration = symbol.declarations?.find((d) => d.getSourceFile().fileName.startsWith(source));
  if (kind === undefined || declaration === undefined || isInternal(symbol)) return undefined;
  const operation = kind === "constant" ? operationOf(declaration) : undefined;
  return {
    name,
    kind: operation === undefined ? kind : "operation",
    file: relative(dirname(source), declaration.getSourceFile().fileName),
    line: declaration.getSourceFile().getLineAndCharacterOfPosition(declaration.getStart()).line + 1,
    signatures: operation?.signatures ?? signatures(checker, symbol, declaration, kind, name),
    ...(operation === undefined ? {} : { dtype: operation.dtype }),
    ...comment(checker, symbol),
    members: members(checker, symbol, kind),
  };
}

function isInternal(symbol) {
  return symbol.getJsDocTags().some((tag) => tag.name === "internal");
}

function comment(checker, symbol) {
  const tags = symbol.getJsDocTags(checker);
  const texts = (name) =>
    tags.filter((tag) => tag.name === name).map((tag) => ts.displayPartsToString(tag.text).trim());
  return {
    text: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim(),
    throws: texts("throws"),
    examples: texts("example"),
  };
}

/** An operation's call, read from the type that its constant declares. */
function operationOf(declaration) {
  const type = declaration.type;
  if (type === undefined || !type.getText().startsWith("OperationFunction")) return undefined;
  const [inputs, rest, kind] = type.typeArguments;
  const parts = [...inputs.elements, ...(rest?.elements ?? [])].map((part) => oneLine(part.getText()));
  return { signatures: [`${declaration.name.getText()}(${parts.join(", ")})`], dtype: kind?.literal.text ?? "float" };
}

function oneLine(text) {
  return text
    .replace(/\/\*\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .trim();
}

function signatures(checker, symbol, declaration, kind, name) {
  if (kind === "function") {
    const all = symbol.declarations.filter(ts.isFunctionDeclaration);
    const shown = all.length > 1 ? all.filter((d) => d.body === undefined) : all;
    return shown.map((d) => `${name}${callOf(d)}`);
  }
  if (kind === "class") {
    const constructors = declaration.members.filter(ts.isConstructorDeclaration);
    const parent = declaration.heritageClauses?.find((c) => c.token === ts.SyntaxKind.ExtendsKeyword);
    const from = parent === undefined ? "" : ` extends ${parent.types[0].getText()}`;
    if (constructors.length === 0) return [`class ${name}${from}`];
    return constructors.map((c) => `new ${name}(${c.parameters.map((p) => oneLine(p.getText())).join(", ")})`);
  }
  if (kind === "type") return [oneLine(declaration.getText().replace(/^export /, ""))];
  if (kind === "constant")
    return [`${name}: ${checker.typeToString(checker.getTypeOfSymbolAtLocation(symbol, declaration))}`];
  return [];
}

/** `<T>(a: A, b?: B): C`, as it is written. */
function callOf(declaration) {
  const text = declaration.getText();
  const from = declaration.typeParameters?.pos ?? declaration.parameters.pos;
  const to = declaration.body?.pos ?? declaration.end;
  return oneLine(text.slice(from - 1 - declaration.getStart(), to - declaration.getStart()).replace(/;$/, ""));
}

function members(checker, symbol, kind) {
  if (kind !== "class" && kind !== "interface") return [];
  return [...symbol.members.values()].flatMap((member) => {
    const declaration = member.declarations?.[0];
    if (declaration === undefined || isInternal(member) || member.name.startsWith("__") || member.name.startsWith("#"))
      return [];
    const hidden = ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected);
    if (
      hidden ||
      ts.isPrivateIdentifier(declaration.name ?? declaration) ||
      ts.isComputedPropertyName(declaration.name ?? declaration)
    )
      return [];
    const text = ts.displayPartsToString(member.getDocumentationComment(checker)).trim();
    const optional = member.flags & ts.SymbolFlags.Optional ? "?" : "";
    if (ts.isMethodDeclaration(declaration) || ts.isMethodSignature(declaration))
      return [{ signature: `${member.name}${optional}${callOf(declaration)}`, text }];
    const type =
      declaration.type?.getText() ?? checker.typeToString(checker.getTypeOfSymbolAtLocation(member, declaration));
    return [{ signature: `${member.name}${optional}: ${oneLine(type)}`, text }];
  });
}
