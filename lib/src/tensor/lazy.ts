import type { Buffer, Expression, View } from "../device/device.ts";
import { ArgumentError } from "./errors.ts";
import { released } from "./ownership.ts";
import { sameShape } from "./shapes.ts";
import type { Pending, Tensor } from "./tensor.ts";
import { broadcastView, contiguousView } from "./view.ts";

/** A longer run of elementwise operations is evaluated in pieces. */
export const longestRun = 24;

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
      const inputs: View[] = [];
      const expression = express(tensor, state, inputs);
      return keepValues(tensor, tensor.device.map(expression, inputs, tensor.shape, tensor.dtype));
    }
  }
}

/** A pending tensor as an expression of views that have its shape. */
export function expressionOf(tensor: Tensor, pending: Pending): { expression: Expression; inputs: readonly View[] } {
  const inputs: View[] = [];
  return { expression: express(tensor, pending, inputs), inputs };
}

/** Values belong to whom their tensor belongs to, whatever scope is under way when they are computed. */
function keepValues(tensor: Tensor, buffer: Buffer): View {
  const view = contiguousView(buffer, tensor.shape);
  tensor.state = { kind: "stored", view };
  tensor.owner?.buffers.set(buffer, tensor.device);
  return view;
}

function express(root: Tensor, pending: Pending, inputs: View[]): Expression {
  // What only this run needs is come upon once; the rest are few, so that a list is sooner looked through than a map.
  const leaves: Tensor[] = [];
  const nodes: Expression[] = [];
  const visit = (tensor: Tensor): Expression => {
    const state = tensor.state;
    if (state.kind === "pending" && !state.folded && tensor.uses <= 1 && sameShape(tensor.shape, root.shape))
      return apply(tensor, state);
    const known = leaves.indexOf(tensor);
    if (known >= 0) return nodes[known]!;
    let node: Expression;
    if (state.kind === "constant") node = { kind: "constant", value: state.value, dtype: tensor.dtype };
    else {
      node = { kind: "input", index: inputs.length, dtype: tensor.dtype };
      inputs.push(broadcastView(materialise(tensor), root.shape));
    }
    leaves.push(tensor);
    nodes.push(node);
    return node;
  };
  const apply = (tensor: Tensor, { scalar, operands }: Pending): Expression => {
    const to = new Array<Expression>(operands.length);
    for (let i = 0; i < operands.length; i++) to[i] = visit(operands[i]!);
    return { kind: "apply", scalar, to, dtype: tensor.dtype };
  };
  return apply(root, pending);
}

/** Evaluates pending operands when together they would make the run too long; gives the length of the new run. */
export function boundRun(operands: readonly Tensor[]): number {
  let depth = 1;
  for (const operand of operands) if (operand.state.kind === "pending") depth += operand.state.depth;
  if (depth <= longestRun) return depth;
  for (const operand of operands) if (operand.state.kind === "pending") materialise(operand);
  return 1;
}
