/** A table of text, whose first columns are words and the others numbers. */
export class Table {
  readonly #head: readonly string[];
  readonly #rows: readonly (readonly string[])[];
  readonly #foot: readonly string[];
  readonly #words: number;

  constructor(head: readonly string[], rows: readonly (readonly string[])[], foot: readonly string[], words: number) {
    this.#head = head;
    this.#rows = rows;
    this.#foot = foot;
    this.#words = words;
  }

  toString(): string {
    const all = [this.#head, ...this.#rows, this.#foot];
    const widths = this.#head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
    const line = (row: readonly string[]) =>
      row
        .map((cell, i) => (i < this.#words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd();
    const rule = widths.map((width) => "─".repeat(width)).join("──");
    return [line(this.#head), rule, ...this.#rows.map(line), rule, line(this.#foot)].join("\n");
  }

  toHtml(): string {
    const cell = (text: string, i: number, tag: "th" | "td") => {
      const body = tag === "td" && i === 0 ? `<code>${escaped(text)}</code>` : escaped(text);
      return `<${tag} style="text-align:${i < this.#words ? "left" : "right"}">${body}</${tag}>`;
    };
    const tr = (row: readonly string[], tag: "th" | "td") =>
      `<tr>${row.map((text, i) => cell(text, i, tag)).join("")}</tr>`;
    const body = this.#rows.map((row) => tr(row, "td")).join("");
    return `<table><thead>${tr(this.#head, "th")}</thead><tbody>${body}</tbody><tfoot>${tr(this.#foot, "th")}</tfoot></table>`;
  }
}

/** Text for HTML or SVG. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
