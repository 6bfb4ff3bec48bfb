import type { AttentionViews, Shape } from "../device/device.ts";
import { arange } from "../tensor/create.ts";
import { materialise } from "../tensor/lazy.ts";
import { ownBuffer } from "../tensor/ownership.ts";
import { activeRecorders } from "../tensor/recording.ts";
import { broadcastShapes, showShape } from "../tensor/shapes.ts";
import { stored, type Tensor } from "../tensor/tensor.ts";
import { broadcastView, contiguousView } from "../tensor/view.ts";
import { define, type OperationFunction } from "./define.ts";
import { shapes } from "./record.ts";
import { where } from "./selection.ts";

/** @internal The score of what may not be attended to: its exponential is 0 beside any other. */
export const never = -1e30;

export interface AttentionOrder {
  /** Whether query `i` attends to no key after the `i`th. */
  readonly causal: boolean;
}

type Inputs = readonly [queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor, condition: Tensor];

/** Whether an input is a number that says nothing: a bias of 0, a condition that always holds. */
const isIdle = ({ state }: Tensor, value: number) => state.kind === "constant" && state.value === value;

function masked(scores: Tensor, condition: Tensor, { causal }: AttentionOrder, instead: number): Tensor {
  const kept = isIdle(condition, 1) ? scores : where(condition, scores, instead);
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  if (!causal) return kept;
  const on = { device: scores.device };
  return where(arange(keys, on).lessEqual(arange(queries, on).expandDims(-1)), kept, instead);
}

function weightsOf([queries, keys, , bias, condition]: Inputs, order: AttentionOrder): Tensor {
  const scores = queries.div(Math.sqrt(queries.shape.at(-1)!)).matmul(keys.transpose());
  return masked(isIdle(bias, 0) ? scores : scores.add(bias), condition, order, never).softmax();
}

/** The operands as a device takes them; undefined where nobody but a composition does. */
function viewsOf(inputs: Inputs, shape: Shape, { causal }: AttentionOrder): AttentionViews | undefined {
  const { device } = inputs[0];
  const idle = [false, false, false, isIdle(inputs[3], 0), isIdle(inputs[4], 1)];
  const fits = inputs.every(
    ({ device: own, dtype, state }, i) =>
      idle[i] || (own === device && dtype === (i === 4 ? "bool" : "float32") && state.kind !== "batched"),
  );
  if (!fits || activeRecorders().length > 0) return undefined;
  const lead = shape.slice(0, -2);
  const among = [shape.at(-2)!, inputs[1].shape.at(-2)!];
  const [queries, keys, values, bias, allowed] = inputs.map((input, i) =>
    idle[i] ? undefined : broadcastView(materialise(input), [...lead, ...(i < 3 ? input.shape.slice(-2) : among)]),
  );
  return {
    queries: queries!,
    keys: keys!,
    values: values!,
    ...(bias === undefined ? {} : { bias }),
    ...(allowed === undefined ? {} : { allowed }),
    causal,
  };
}

/** What `compute` gives when it is first asked for. */
function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: compute() };
    return result.value;
  };
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017): softmax(q kᵀ / √d + bias) v, with queries `[…, n, d]`, keys
 * `[…, m, d]` and values `[…, m, width]`, where a condition, broadcast to `[…, n, m]` as the bias is, says what may be
 * attended to. Where the device can, the weights `[…, n, m]` are never in memory (Dao et al. 2022).
 */
export const attention: OperationFunction<
  [queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor | number, condition: Tensor | number],
  [order: AttentionOrder]
> = define({
  name: "attention",
  inputs: ["queries", "keys", "values", "bias", "condition"],
  shape: ([queries, keys, values, bias, condition]) => {
    const all = [queries, keys, values].map(showShape).join(", ");
    const [n, m] = [queries.at(-2)!, keys.at(-2)!];
    if (
      Math.min(queries.length, keys.length, values.length) < 2 ||
      queries.at(-1) !== keys.at(-1) ||
      m !== values.at(-2)
    )
      return { because: `${all}: expected queries […, n, d], keys […, m, d] and values […, m, width].` };
    let lead: Shape = queries.slice(0, -2);
    for (const others of [keys.slice(0, -2), values.slice(0, -2)]) {
      const both = broadcastShapes(lead, others);
      if (!("shape" in both)) return { because: `${all}: the leading axes do not broadcast.` };
      lead = both.shape;
    }
    const scores = [...lead, n, m];
    for (const given of [bias, condition])
      if (given.length > scores.length || given.some((size, i) => size !== 1 && size !== scores.at(i - given.length)))
        return { because: `${showShape(given)} does not broadcast to the scores ${showShape(scores)}.` };
    return [...lead, n, values.at(-1)!];
  },
  compose: (inputs, order) => {
    const [queries, keys, values] = inputs as Inputs;
    const { device } = queries;
    const lead = [keys, values].reduce<Shape>(
      (all, { shape }) => {
        const both = broadcastShapes(all, shape.slice(0, -2)) as { shape: Shape };
        return both.shape;
      },
      queries.shape.slice(0, -2),
    );
    const shape = [...lead, queries.shape.at(-2)!, values.shape.at(-1)!];
    const views = device.attend && viewsOf(inputs as Inputs, shape, order);
    const buffer = views && device.attend!(views);
    if (buffer === undefined) return weightsOf(inputs as Inputs, order).matmul(values);
    ownBuffer(device, buffer);
    return stored(device, "float32", contiguousView(buffer, shape));
  },
  pullback: (g, inputs, output, order) => {
    const given = inputs as Inputs;
    const [queries, keys, values, bias, condition] = given;
    const { device, shape } = output;
    const composed = once(() => {
      const weights = weightsOf(given, order);
      const back = g.matmul(values.transpose());
      const slopes = weights.mul(back.sub(back.mul(weights).sum({ axis: -1, keepDims: true })));
      return { weights, slopes: masked(slopes, condition, order, 0) };
    });
    const fused = once(() => {
      if (device.attendBack === undefined || g.state.kind === "batched" || output.state.kind === "batched") return null;
      const views = viewsOf(given, shape, order);
      const buffers = views && device.attendBack(views, materialise(output), materialise(g));
      if (views === undefined || buffers === undefined) return null;
      const tensorOf = (name: "queries" | "keys" | "values") => {
        ownBuffer(device, buffers[name]);
        return stored(device, "float32", contiguousView(buffers[name], views[name].shape));
      };
      return { queries: tensorOf("queries"), keys: tensorOf("keys"), values: tensorOf("values") };
    });
    const root = Math.sqrt(queries.shape.at(-1)!);
    return [
      () => (fused()?.queries ?? composed().slopes.matmul(keys).div(root)).sumTo(queries.shape),
      () => (fused()?.keys ?? composed().slopes.transpose().matmul(queries.div(root))).sumTo(keys.shape),
      () => (fused()?.values ?? composed().weights.transpose().matmul(g)).sumTo(values.shape),
      () => composed().slopes.sumTo(bias.shape),
      null,
    ];
  },
  samples: [
    { shapes: shapes([2, 3], [4, 3], [4, 2], [], []), conditions: { 4: [1] }, options: { causal: false } },
    { shapes: shapes([3, 2], [3, 2], [3, 1], [3, 3], [3]), conditions: { 4: [1, 0, 1] }, options: { causal: true } },
    {
      shapes: shapes([2, 1, 2, 3], [1, 2, 3, 3], [2, 3, 2], [2, 1, 1, 3], [2, 3]),
      conditions: { 4: [0, 0, 0, 1, 1, 0] },
      options: { causal: false },
    },
    {
      shapes: shapes([2, 65, 20], [2, 70, 20], [2, 70, 33], [65, 70], [1]),
      conditions: { 4: [1] },
      options: { causal: true },
      large: true,
    },
  ],
  refusals: [
    {
      shapes: shapes([2, 3], [4, 2], [4, 2], [], []),
      options: { causal: false },
      message: /\[2, 3\], \[4, 2\], \[4, 2\]: expected queries \[…, n, d\], keys \[…, m, d\]/,
    },
    {
      shapes: shapes([2, 3], [4, 3], [4, 2], [3, 4], []),
      options: { causal: false },
      message: /\[3, 4\] does not broadcast to the scores \[2, 4\]/,
    },
  ],
});
