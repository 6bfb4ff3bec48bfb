import type { MimeBundle } from "../display.ts";
import { escapeText } from "./svg.ts";

/** A column of a table of text. */
export interface TextColumn {
  readonly name: string;
  readonly cells: readonly string[];
  /** Numbers stand under one another, to the right. */
  readonly right: boolean;
  /** Cells to be seen first, by their row. */
  readonly strong?: ReadonlySet<number>;
}

/** A table as plain text and as HTML that needs no style sheet. */
export function tableBundle(columns: readonly TextColumn[], title?: string): MimeBundle {
  return { "text/plain": plain(columns, title), "text/html": html(columns, title) };
}

function plain(columns: readonly TextColumn[], title: string | undefined): string {
  const widths = columns.map(({ name, cells }) => Math.max(name.length, ...cells.map((cell) => cell.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => (columns[index]!.right ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
      .join("  ")
      .trimEnd();
  const height = columns[0]?.cells.length ?? 0;
  const body = Array.from({ length: height }, (_, row) => line(columns.map(({ cells }) => cells[row]!)));
  const head = [line(columns.map(({ name }) => name)), widths.map((width) => "─".repeat(width)).join("  ")];
  return [...(title === undefined ? [] : [title]), ...head, ...body].join("\n");
}

function html(columns: readonly TextColumn[], title: string | undefined): string {
  const align = ({ right }: TextColumn) => ` style="text-align:${right ? "right" : "left"}"`;
  const caption = title === undefined ? "" : `<caption style="text-align:left">${escapeText(title)}</caption>`;
  const head = columns.map((column) => `<th${align(column)}>${escapeText(column.name)}</th>`).join("");
  const height = columns[0]?.cells.length ?? 0;
  const body = Array.from({ length: height }, (_, row) => {
    const cells = columns.map((column) => {
      const text = escapeText(column.cells[row]!);
      return `<td${align(column)}>${column.strong?.has(row) ? `<b>${text}</b>` : text}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<table>${caption}<thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}
