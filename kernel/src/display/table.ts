const shownRows = 50;
const shownColumns = 30;

/** Records as an HTML table; nothing when the value is not an array of plain records. */
export function tableOf(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.slice(0, shownRows).every(isRecord)) return undefined;
  const rows = value.slice(0, shownRows) as Record<string, unknown>[];
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0 || columns.length > shownColumns) return undefined;
  const cells = rows.map((row) => columns.map((column) => cellOf(row[column])));
  if (cells.some((row) => row.includes(undefined))) return undefined;
  const head = `<tr><th></th>${columns.map((column) => `<th>${escaped(column)}</th>`).join("")}</tr>`;
  const body = cells.map((row, index) => `<tr><th>${index}</th>${row.join("")}</tr>`).join("\n");
  const rest = value.length - rows.length;
  const note = rest > 0 ? `\n<p>… and ${rest} more rows</p>` : "";
  return `<table>\n<thead>${head}</thead>\n<tbody>\n${body}\n</tbody>\n</table>${note}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function cellOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "number":
    case "bigint":
      return `<td style="text-align: right">${value}</td>`;
    case "string":
      return `<td>${escaped(value)}</td>`;
    case "boolean":
    case "undefined":
      return `<td>${value ?? ""}</td>`;
    default:
      return value === null ? "<td></td>" : undefined;
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
