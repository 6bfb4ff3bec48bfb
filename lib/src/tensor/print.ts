import type { TypedArray } from "../device/device.ts";
import { materialise } from "./lazy.ts";
import { showShape, sizeOf } from "./shapes.ts";
import type { Tensor } from "./tensor.ts";
import { isContiguous } from "./view.ts";

/** Rows and columns shown at each edge of a large array. */
const edge = 3;
const largest = 200;

function title(tensor: Tensor): string {
  return `Tensor ${tensor.dtype} ${showShape(tensor.shape)}`;
}

/** One line of type and shape, then the values when the device can give them without waiting. */
export function printTensor(tensor: Tensor): string {
  if (tensor.state.kind === "unset") return `${title(tensor)} (no values yet)`;
  if (tensor.state.kind === "batched") return `${title(tensor)} (of each example)`;
  if (tensor.state.kind === "released") return `${title(tensor)} (given back when its scope ended)`;
  const view = materialise(tensor);
  if (tensor.device.peek === undefined) return title(tensor);
  const source = isContiguous(view)
    ? view.buffer
    : tensor.device.map({ kind: "input", index: 0, dtype: tensor.dtype }, [view], tensor.shape, tensor.dtype);
  const from = source === view.buffer ? view.offset : 0;
  const text = printValues(tensor, tensor.device.peek(source).subarray(from, from + tensor.size));
  if (source !== view.buffer) tensor.device.free(source);
  return `${title(tensor)} ${text}`;
}

/** Whether there is nothing to be shown but what it is. */
export function hasNoValues({ state: { kind } }: Tensor): boolean {
  return kind === "unset" || kind === "batched" || kind === "released";
}

function printValues(tensor: Tensor, values: TypedArray): string {
  const { shape, dtype } = tensor;
  if (values.length === 0) return "[]";
  const whole = values.length <= largest;
  const shown = (n: number) => (whole || n <= 2 * edge ? n : 2 * edge);
  const cells: string[] = [];
  const each = (axis: number, from: number, visit: (offset: number) => void) => {
    if (axis === shape.length) {
      visit(from);
      return;
    }
    const step = sizeOf(shape.slice(axis + 1));
    const n = shape[axis]!;
    for (let i = 0; i < shown(n); i++)
      each(axis + 1, from + (i < edge || shown(n) === n ? i : n - shown(n) + i) * step, visit);
  };
  each(0, 0, (offset) => cells.push(formatNumber(values[offset]!, dtype)));
  const width = cells.reduce((most, cell) => Math.max(most, cell.length), 0);
  let next = 0;
  const nest = (axis: number, indent: string): string => {
    if (axis === shape.length) return cells[next++]!.padStart(shape.length === 0 ? 0 : width);
    const n = shape[axis]!;
    const parts = Array.from({ length: shown(n) }, () => nest(axis + 1, `${indent} `));
    if (shown(n) < n) parts.splice(edge, 0, "…");
    return `[${parts.join(axis === shape.length - 1 ? " " : `\n${indent} `)}]`;
  };
  const body = nest(0, "");
  return shape.length > 1 ? `\n${body}` : body;
}

function formatNumber(value: number, dtype: string): string {
  if (dtype === "bool") return value ? "true" : "false";
  if (dtype === "int32" || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(3);
  return String(Number(value.toPrecision(5)));
}
