import type { ProgramFile, TS } from "./typescript.ts";

const exportList = /\nexport \{([^}]*)\}$/;

/**
 * The converter has the cell export its names at the end, in the compiler's internal spelling and with internal ones
 * among them. Before the first statement the checker need not look for assignments from there up, name by name; only a
 * variable without a type gets it from them.
 */
export function withExports(ts: TS, text: string, cell: ProgramFile): string {
  const [list, names] = exportList.exec(text) ?? [];
  if (list === undefined) return text;
  const isOpen = (name: string) => {
    const declaration = cell.locals?.get(ts.escapeLeadingUnderscores(name))?.valueDeclaration;
    return declaration && ts.isVariableDeclaration(declaration) && !declaration.type && !declaration.initializer;
  };
  const all = userNames(names!.split(", "));
  const open = all.filter(isOpen);
  const early = all.filter((name) => !isOpen(name));
  const rest = text.slice(text.indexOf("\n"), -list.length);
  return `export {${early.join(", ")}};${rest}${open.length > 0 ? `\nexport {${open.join(", ")}}` : ""}`;
}

/** The names that a cell declares, as the user spells them. */
export function namesOf(file: ProgramFile): string[] {
  return userNames([...(file.locals?.keys() ?? [])].map(String));
}

// A name that begins with two underscores is spelt with three; those spelt with two are the compiler's own.
function userNames(internal: readonly string[]): string[] {
  return internal
    .filter((name) => !/^__(?!_)/.test(name))
    .map((name) => (name.startsWith("___") ? name.slice(1) : name));
}
