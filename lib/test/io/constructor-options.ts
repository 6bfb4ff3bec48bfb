import { fileURLToPath } from "node:url";
import ts from "typescript";

/** What the constructors of `nn`'s classes take as options, by class, as their types say. */
export function constructorOptions(): ReadonlyMap<string, readonly string[]> {
  const index = fileURLToPath(new URL("../../src/nn/index.ts", import.meta.url));
  const program = ts.createProgram([index], {
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
  });
  const checker = program.getTypeChecker();
  const options = new Map<string, readonly string[]>();
  for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index)!)!)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (!(symbol.flags & ts.SymbolFlags.Class)) continue;
    const [signature] = checker.getTypeOfSymbol(symbol).getConstructSignatures();
    const names = signature!.getParameters().flatMap((parameter) => {
      const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
      const properties = type.getProperties();
      // Options are a record of things some of which need not be said.
      const record = !type.isUnion() && properties.length > 0 && type.getCallSignatures().length === 0;
      return record && properties.some(({ flags }) => flags & ts.SymbolFlags.Optional)
        ? properties.map(({ name }) => name)
        : [];
    });
    options.set(exported.name, names);
  }
  return options;
}
