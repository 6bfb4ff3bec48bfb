import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { TS } from "./typescript.ts";

/**
 * The declarations of earlier cells without what a cell's `declare global` declares anew: the same cell run again
 * after a change would contradict itself otherwise.
 */
export function withoutRedeclaredGlobals(ts: TS, declarations: string, code: string): string {
  if (!/\bglobal\b/.test(code) || !/\bglobal\b/.test(declarations)) return declarations;
  const anew = new Set(globalsIn(ts, parse(ts, code)).flatMap(({ names }) => names));
  if (anew.size === 0) return declarations;
  let text = declarations;
  // From the end, so that the places before stay right.
  for (const { pos, end } of globalsIn(ts, parse(ts, declarations))
    .flatMap((part) => redeclared(part, anew))
    .reverse())
    text = text.slice(0, pos) + text.slice(end);
  return text;
}

/** A `declare global` or a part of it, by the names it declares: `Array.last` is a member that an interface gains. */
interface GlobalPart {
  readonly names: readonly string[];
  readonly parts: readonly GlobalPart[];
  readonly pos: number;
  readonly end: number;
}

/** The name of what cannot be declared anew. */
const nameless = "";

function redeclared(part: GlobalPart, anew: ReadonlySet<string>): readonly GlobalPart[] {
  const isWhole = part.names.every((name) => name !== nameless && anew.has(name));
  return isWhole ? [part] : part.parts.flatMap((inner) => redeclared(inner, anew));
}

function globalsIn(ts: TS, file: TypeScript.SourceFile): GlobalPart[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isModuleDeclaration(statement) || !(statement.flags & ts.NodeFlags.GlobalAugmentation)) return [];
    if (!statement.body || !ts.isModuleBlock(statement.body)) return [];
    return [
      whole(
        statement,
        statement.body.statements.map((part) => partOf(ts, part)),
      ),
    ];
  });
}

function partOf(ts: TS, statement: TypeScript.Statement): GlobalPart {
  if (ts.isInterfaceDeclaration(statement)) {
    const members = statement.members.map((member) =>
      single(member, member.name && `${statement.name.text}.${member.name.getText()}`),
    );
    return statement.heritageClauses ? single(statement, undefined) : whole(statement, members);
  }
  if (ts.isVariableStatement(statement)) {
    const { pos, end, declarationList } = statement;
    return { names: declarationList.declarations.map(({ name }) => name.getText()), parts: [], pos, end };
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
  return single(statement, isNamed ? statement.name?.text : undefined);
}

function whole({ pos, end }: TypeScript.Node, parts: readonly GlobalPart[]): GlobalPart {
  const names = parts.flatMap((part) => part.names);
  return { names: names.length > 0 ? names : [nameless], parts, pos, end };
}

function single({ pos, end }: TypeScript.Node, name: string | undefined): GlobalPart {
  return { names: [name ?? nameless], parts: [], pos, end };
}

function parse(ts: TS, text: string): TypeScript.SourceFile {
  return ts.createSourceFile("declarations.ts", text, ts.ScriptTarget.Latest, true);
}
