import type { Buffer, Expression, View } from "../device/device.ts";
import { ArgumentError } from "./errors.ts";
import { released } from "./ownership.ts";
import { sameShape } from "./shapes.ts";
import type { Pending, Tensor } from "./tensor.ts";
import { broadcastView, contiguousView } from "./view.ts";

/** A longer run of elementwise operations is evaluated in pieces. */
export const longestRun = 40;

/**
 * The values of a tensor as a view, evaluated now if they were pending.
 *
 * A pending operand that only this run needs becomes part of it; one that others need too is evaluated on its own,
 * once. Every node rounds to its dtype, so where the runs are cut does not change a bit. `who` asks, for messages.
 */
export function materialise(tensor: Tensor, who = "data"): View {
  const state = tensor.state;
  switch (state.kind) {
    case "stored":
      return state.view;
    case "unset":
      throw new ArgumentError(
        state.because,
        "this parameter has no values yet. Draw them first: nn.init(model, { seed: 1 }). That reaches public fields, and arrays and records in them; not #private ones and Maps.",
      );
    case "batched":
      throw new ArgumentError(
        "vmap",
        "the function asks for the values of one example, but all are computed at once. Decide by where(condition, x, y) instead.",
      );
    case "released":
      throw released(who, tensor);
    case "constant": {
      const leaf = { kind: "constant", value: state.value, dtype: tensor.dtype } as const;
      return keepValues(tensor, tensor.device.map(leaf, [], tensor.shape, tensor.dtype));
    }
    case "pending": {
      const { expression, inputs } = expressionOf(tensor);
      return keepValues(tensor, tensor.device.map(expression, inputs, tensor.shape, tensor.dtype));
    }
  }
}

/** Elements from which one function or another is done in vectors whatever run it is in. */
export const leastInVectors = 512;

/**
 * Evaluates tensors, those that are pending in one pass over memory where the device has such: what several of them read
 * or compute is read and computed once, to the same bits.
 */
export function materialiseTogether(tensors: readonly Tensor[]): void {
  const roots = tensors.filter(({ state }) => state.kind === "pending" && !state.folded);
  const { device, shape, size } = roots[0] ?? tensors[0]!;
  const alike = roots.every((root) => root.device === device && sameShape(root.shape, shape));
  if (new Set(roots).size > 1 && alike && size >= leastInVectors && device.rows !== undefined) {
    const inputs: View[] = [];
    const elements = express(roots, inputs);
    const buffers = device.rows({ folds: [], elements, rows: [] }, inputs, shape)?.elements;
    buffers?.forEach((buffer, i) => {
      // One may have been evaluated on the way, for an operand that reads it.
      if (roots[i]!.state.kind === "pending") keepValues(roots[i]!, buffer);
      else device.free(buffer);
    });
  }
  for (const tensor of tensors) materialise(tensor);
}

/** A pending tensor as an expression of views that have its shape. */
export function expressionOf(tensor: Tensor): { expression: Expression; inputs: readonly View[] } {
  const inputs: View[] = [];
  return { expression: express([tensor], inputs)[0]!, inputs };
}

/** Values belong to whom their tensor belongs to, whatever scope is under way when they are computed. */
function keepValues(tensor: Tensor, buffer: Buffer): View {
  const view = contiguousView(buffer, tensor.shape);
  tensor.state = { kind: "stored", view };
  tensor.owner?.buffers.set(buffer, tensor.device);
  return view;
}

/** Pending tensors of one shape as expressions of views that have it, which have their common parts in common. */
function express(roots: readonly Tensor[], inputs: View[]): Expression[] {
  const { shape } = roots[0]!;
  const several = roots.length > 1;
  // What only this run needs is come upon once; the rest are few, so that a list is sooner looked through than a map.
  const leaves: Tensor[] = [];
  const nodes: Expression[] = [];
  const visit = (tensor: Tensor): Expression => {
    const state = tensor.state;
    const isRoot = several && roots.includes(tensor);
    if (state.kind === "pending" && !state.folded && tensor.uses <= 1 && sameShape(tensor.shape, shape) && !isRoot)
      return apply(tensor, state);
    const known = leaves.indexOf(tensor);
    if (known >= 0) return nodes[known]!;
    let node: Expression;
    if (state.kind === "constant") node = { kind: "constant", value: state.value, dtype: tensor.dtype };
    else if (isRoot && state.kind === "pending") node = apply(tensor, state);
    else {
      node = { kind: "input", index: inputs.length, dtype: tensor.dtype };
      inputs.push(broadcastView(materialise(tensor), shape));
    }
    leaves.push(tensor);
    nodes.push(node);
    return node;
  };
  const apply = (tensor: Tensor, { scalar, operands }: Pending): Expression => {
    const to = new Array<Expression>(operands.length);
    for (let i = 0; i < operands.length; i++) to[i] = visit(operands[i]!);
    return { kind: "apply", scalar, to, dtype: tensor.dtype, place: 0 };
  };
  return several ? roots.map(visit) : [apply(roots[0]!, roots[0]!.state as Pending)];
}

/** Evaluates pending operands when together they would make the run too long; gives the length of the new run. */
export function boundRun(operands: readonly Tensor[]): number {
  let depth = 1;
  for (const operand of operands) if (operand.state.kind === "pending") depth += operand.state.depth;
  if (depth <= longestRun) return depth;
  for (const operand of operands) if (operand.state.kind === "pending") materialise(operand);
  return 1;
}
