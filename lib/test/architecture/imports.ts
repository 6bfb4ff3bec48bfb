import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export interface Import {
  /** Path inside the package's source folder, or the package's name. */
  readonly target: string;
  /** Erased when compiled. */
  readonly typeOnly: boolean;
}

/** Every import of every source file of a folder, by the file's path inside it. */
export function importsOf(source: string): Map<string, Import[]> {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return new Map(files.map((file) => [file.replaceAll("\\", "/"), read(source, file)]));
}

function read(source: string, file: string): Import[] {
  const text = readFileSync(join(source, file), "utf8");
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?([^"'`;]*?from\s+)?["']([^"']+)["'];/gm);
  const dynamic = text.matchAll(/import\(\s*["']([^"']+)["']\s*\)/g);
  const place = (specifier: string) =>
    specifier.startsWith(".")
      ? relative(source, resolve(source, dirname(file), specifier)).replaceAll("\\", "/")
      : specifier;
  const found = [...statements].map(([, type, names, specifier]) => ({
    target: place(specifier!),
    typeOnly: type !== undefined || allTypes(names ?? ""),
  }));
  return [...found, ...[...dynamic].map(([, specifier]) => ({ target: place(specifier!), typeOnly: false }))];
}

/** `{ type A, type B } from`: nothing of it is left when compiled. */
function allTypes(names: string): boolean {
  const list = /\{([^}]*)\}/.exec(names)?.[1];
  if (list === undefined || !names.trim().startsWith("{")) return false;
  const items = list
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
  return items.length > 0 && items.every((item) => item.startsWith("type "));
}

/** A cycle among files that remains when compiled, as the list of its files, or null. */
export function findCycle(imports: ReadonlyMap<string, readonly Import[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const { target, typeOnly } of imports.get(file) ?? []) {
      const cycle = typeOnly ? null : visit(target);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const cycle = visit(file);
    if (cycle !== null) return cycle;
  }
  return null;
}
