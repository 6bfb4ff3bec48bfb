import { Problem } from "../problem.ts";
import { type CodeCell, isObject, type Json, type JsonObject, type Notebook, tagsOf } from "./notebook.ts";

/** A parameter that cannot be given to a notebook, with the reason. */
export class ParameterError extends Problem {
  override readonly name = "ParameterError";
}

/** The value of a parameter from the command line: JSON where it is JSON (`3`, `true`, `[1, 2]`), otherwise the text. */
export function parseParameter(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/**
 * Sets parameters the way papermill does: after the cell tagged `parameters` (or at the top, without one) stands a cell
 * tagged `injected-parameters` that assigns them anew.
 * @returns the names that the parameters cell does not mention, which are probably misspelt.
 * @throws ParameterError for a name that is no identifier, or a language without a rule.
 */
export function injectParameters(notebook: Notebook, parameters: JsonObject, language: string): string[] {
  const names = Object.keys(parameters);
  if (names.length === 0) return [];
  for (const name of names)
    if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name))
      throw new ParameterError(`Parameter ${JSON.stringify(name)}: this is not a variable's name.`);
  const assign = ASSIGNMENTS[language];
  if (!assign)
    throw new ParameterError(
      `Parameters: the notebook's language is ${language}; they can be set in ${Object.keys(ASSIGNMENTS).join(", ")}.`,
    );

  notebook.cells = notebook.cells.filter((cell) => !tagsOf(cell).includes("injected-parameters"));
  const place = notebook.cells.findIndex((cell) => tagsOf(cell).includes("parameters"));
  const declared = notebook.cells[place]?.source ?? "";
  const cell: CodeCell = {
    cell_type: "code",
    execution_count: null,
    id: freeId(notebook, "injected-parameters"),
    metadata: { tags: ["injected-parameters"] },
    outputs: [],
    source: [`${language === "python" ? "#" : "//"} Parameters`]
      .concat(names.map((name) => assign(name, parameters[name] ?? null, declared)))
      .join("\n"),
  };
  notebook.cells.splice(place + 1, 0, cell);
  return names.filter((name) => !new RegExp(`(?<![\\w$])${escaped(name)}(?![\\w$])`).test(declared));
}

const ASSIGNMENTS: Record<string, (name: string, value: Json, declared: string) => string> = {
  typescript: (name, value, declared) =>
    `const ${name}: ${declaredType(name, declared) ?? widened(value)} = ${JSON.stringify(value)};`,
  javascript: (name, value) => `var ${name} = ${JSON.stringify(value)};`,
  python: (name, value) => `${name} = ${python(value)}`,
};

/** The type that the parameters cell declares: a literal alone would be narrower, and comparisons would not compile. */
function declaredType(name: string, source: string): string | undefined {
  const declaration = new RegExp(`\\b(?:const|let|var)\\s+${escaped(name)}\\s*:\\s*([^=;\\n]+?)\\s*=(?![=>])`);
  return declaration.exec(source)?.[1];
}

function widened(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) {
    const kinds = [...new Set(value.map(widened))];
    return kinds.length === 0 ? "unknown[]" : `(${kinds.join(" | ")})[]`.replace(/^\(([^|]+)\)\[\]$/, "$1[]");
  }
  if (isObject(value))
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${widened(item)}`)
      .join("; ")} }`;
  return typeof value;
}

function python(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${python(item)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}

function freeId(notebook: Notebook, wanted: string): string {
  const taken = new Set(notebook.cells.map((cell) => cell.id));
  let id = wanted;
  for (let count = 2; taken.has(id); count++) id = `${wanted}-${count}`;
  return id;
}

function escaped(name: string): string {
  return name.replaceAll("$", "\\$");
}
