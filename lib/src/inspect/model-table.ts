import { Module, modulesOf, places } from "../nn/module.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { escaped, Table } from "./text-table.ts";

/** More layers than these are not listed. */
const most = 200;

interface LayerLine {
  readonly path: string;
  readonly layer: string;
  /** Names and shapes of its parameters. */
  readonly parameters: readonly string[];
  readonly count: number;
  readonly frozen: number;
}

/** The modules of a model that have parameters of their own or no modules inside, and what they learn; shared ones once. */
function linesOf(model: Module): LayerLine[] {
  const first = new Map<Tensor, string>();
  const all = places(model).filter(({ role }) => role?.kind === "parameter");
  return modulesOf(model).flatMap(({ path, module }) => {
    const own = all.filter((place) => place.module === module);
    if (own.length === 0 && module.children().length > 0) return [];
    let [count, frozen] = [0, 0];
    const parameters = own.map((place) => {
      const tensor = place.get();
      const before = first.get(tensor);
      if (before !== undefined) return `${place.name} is ${before}`;
      first.set(tensor, place.path);
      count += tensor.size;
      if (place.frozen) frozen += tensor.size;
      return `${place.name} ${tensor.shape.length === 0 ? "scalar" : tensor.shape.join("×")}`;
    });
    return [{ path, layer: module.describe(), parameters, count, frozen }];
  });
}

/** What a notebook shows of a model: its layers with the shapes of their parameters, and how many numbers it learns. */
function displayModel(model: Module): Record<string, string> {
  const lines = linesOf(model);
  const sum = (key: "count" | "frozen") => lines.reduce((total, line) => total + line[key], 0);
  const rows = lines
    .slice(0, most)
    .map(({ path, layer, parameters, count, frozen }) => [
      path,
      layer,
      parameters.join(", ") || "–",
      count === 0 ? "–" : counted(count, frozen),
    ]);
  if (lines.length > most) rows.push(["…", `${lines.length - most} more`, "", ""]);
  const foot = ["", "total", "", counted(sum("count"), sum("frozen"))];
  const table = new Table(["path", "layer", "shapes", "parameters"], rows, foot, 3);
  const unset = places(model).some(({ get }) => get().state.kind === "unset");
  const note = unset ? "No values yet: nn.init(model, { seed }) draws them." : "";
  const title = model.describe();
  return {
    "text/plain": [title, String(table), ...(note === "" ? [] : [note])].join("\n"),
    "text/html": `<div><strong>${escaped(title)}</strong>${table.toHtml()}${escaped(note)}</div>`,
  };
}

function counted(count: number, frozen: number): string {
  const all = count.toLocaleString("en");
  return frozen === 0 ? all : frozen === count ? `${all} frozen` : `${all}, ${frozen.toLocaleString("en")} frozen`;
}

// Modules lie below tables in the order of imports, so that the table comes to them. A subclass may show itself otherwise.
Object.defineProperty(Module.prototype, Symbol.for("Jupyter.display"), {
  value(this: Module) {
    return displayModel(this);
  },
  configurable: true,
  writable: true,
});
