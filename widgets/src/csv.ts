/** A field of a table that is saved; nothing is an empty one. */
export type CsvField = string | number | boolean | null | undefined;

/**
 * Rows as comma-separated values (RFC 4180), numbers with all their digits. Text that a spreadsheet would take for a
 * formula gets an apostrophe before it: names and labels come from anywhere, and a formula may fetch or send.
 */
export function csvOfRows(rows: readonly (readonly CsvField[])[]): string {
  return rows.map((row) => `${row.map(written).join(",")}\r\n`).join("");
}

function written(field: CsvField): string {
  if (typeof field !== "string") return String(field ?? "");
  const text = isFormula(field) ? `'${field}` : field;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Whether text begins as a formula does, and is not just a number such as −1 or +0.5. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text) && !Number.isFinite(text.trim() === "" ? Number.NaN : Number(text));
}
