const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
const bold = (text: string) => `\u001b[1m${text}\u001b[22m`;

/**
 * A heading like `Cell [3], line 4`, the line itself, and a caret under the place.
 * The line counts from one, the column from zero.
 */
export function excerpt(name: string, text: string | undefined, line: number, column: number, length = 1): string[] {
  const heading = bold(`${name}, line ${line}`);
  const source = text?.split("\n")[line - 1];
  if (source === undefined) return [heading];
  // Tabs are kept so that the caret stands right however wide they are shown.
  const margin = source.slice(0, column).replace(/[^\t]/g, " ");
  const underline = "^".repeat(Math.max(1, Math.min(length, source.length - column)));
  return [heading, `    ${source}`, `    ${margin}${red(underline)}`];
}

/** `Name: message`, the name in red. */
export function errorText(name: string, message: string): string {
  return message === "" ? red(bold(name)) : `${red(bold(name))}: ${message}`;
}
