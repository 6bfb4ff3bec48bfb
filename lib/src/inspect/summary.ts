import type { Shape } from "../device/device.ts";
import { type Module, parameters } from "../nn/module.ts";
import { zeros } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { passages } from "./capture.ts";

/** A layer of the table. */
export interface LayerRow {
  readonly path: string;
  readonly layer: string;
  /** Without the batch axis. */
  readonly output: Shape;
  readonly parameters: number;
  /** Connections for one example, each bias counted; `null` where the layer has none of its own. */
  readonly connections: number | null;
}

/** The layers of a model with their shapes, parameters and connections; prints as a table, and as one in a notebook. */
export class Summary {
  readonly rows: readonly LayerRow[];
  /** Trainable numbers; shared ones count once. */
  readonly parameters: number;
  readonly connections: number;

  constructor(rows: readonly LayerRow[], total: number) {
    this.rows = rows;
    this.parameters = total;
    this.connections = rows.reduce((sum, row) => sum + (row.connections ?? 0), 0);
  }

  /** The row at a path. */
  row(path: string): LayerRow | undefined {
    return this.rows.find((row) => row.path === path);
  }

  #cells(): string[][] {
    const head = ["path", "layer", "output", "parameters", "connections"];
    const rows = this.rows.map(({ path, layer, output, parameters: p, connections }) => [
      path,
      layer,
      output.join("×"),
      p === 0 ? "–" : count(p),
      connections === null ? "–" : count(connections),
    ]);
    return [head, ...rows, ["", "total", "", count(this.parameters), count(this.connections)]];
  }

  toString(): string {
    const cells = this.#cells();
    const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
    const line = (row: readonly string[]) =>
      row
        .map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd();
    const rule = widths.map((width) => "─".repeat(width)).join("──");
    return [line(cells[0]!), rule, ...cells.slice(1, -1).map(line), rule, line(cells.at(-1)!)].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const cells = this.#cells();
    const tr = (row: readonly string[], tag: "th" | "td") =>
      `<tr>${row.map((cell, i) => `<${tag} style="text-align:${i < 3 ? "left" : "right"}">${tag === "td" && i === 0 ? `<code>${escaped(cell)}</code>` : escaped(cell)}</${tag}>`).join("")}</tr>`;
    const body = cells.slice(1, -1).map((row) => tr(row, "td"));
    const html = `<table><thead>${tr(cells[0]!, "th")}</thead><tbody>${body.join("")}</tbody><tfoot>${tr(cells.at(-1)!, "th")}</tfoot></table>`;
    return { "text/plain": this.toString(), "text/html": html };
  }
}

/** The layer table of a model for inputs of a shape (without the batch axis): runs it once, on zeros. */
export function summary(model: Module & { forward(x: Tensor): unknown }, input: Shape): Summary {
  const own = new Map<string, number>();
  const seen = new Set<Tensor>();
  let total = 0;
  for (const place of parameters(model)) {
    const tensor = place.get();
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const owner = place.path.split(".").slice(0, -1).join(".");
    own.set(owner, (own.get(owner) ?? 0) + tensor.size);
    total += tensor.size;
  }
  const rows = passages(model, zeros([1, ...input]))
    .filter(({ module }) => module !== null && module.children().length === 0)
    .map(({ path, module, input: x, output }) => ({
      path,
      layer: module!.describe(),
      output: output.shape.slice(1),
      parameters: own.get(path) ?? 0,
      connections: module!.connections?.(x.shape, output.shape) ?? null,
    }));
  return new Summary(rows, total);
}

function count(n: number): string {
  return n.toLocaleString("en");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
