import { csvOfRows } from "../../csv.ts";
import type { Explorer } from "./explorer.ts";
import { labelOf, nameOf } from "./points.ts";

/** All points of the current layout as comma-separated values; nothing where there is no layout. */
export function tableOf(explorer: Explorer): string | undefined {
  const { layout, points, selected } = explorer;
  if (!layout) return undefined;
  const { dimensions, positions } = layout;
  const isSelected = new Set(selected);
  const head = ["point", ...["x", "y", "z"].slice(0, dimensions), "name", "label", "selected"];
  const rows = Array.from({ length: points.count }, (_, index) => [
    index,
    ...positions.subarray(index * dimensions, (index + 1) * dimensions),
    points.names ? nameOf(points, index) : "",
    labelOf(points, index),
    isSelected.has(index) ? 1 : 0,
  ]);
  return csvOfRows([head, ...rows]);
}
