import { Recurrent, type Traces } from "../nn/recurrent.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type Model, type Run, watching } from "./watch.ts";

/**
 * The gates and cells of every recurrent layer of a model along its sequences: for `nn.LSTM` the gates `input`,
 * `forget`, `candidate` and `output` and the `cell` and `hidden` states, each `[batch, time, hidden]`, 0 after a
 * sequence's end. By path, layer and direction, with PyTorch's ending: `lstm.l0`, `lstm.l0_reverse`; for a layer used
 * again `#2`, `#3` … behind it.
 * @throws ArgumentError where the model has no recurrent layer, or none was used.
 *
 * @example
 * ```ts
 * import { inspect, nn, random } from "gradbook";
 *
 * const lstm = nn.init(new nn.LSTM(3, 4), { seed: 1 });
 * const traces = inspect.gateTraces(lstm, random.seed(2).normal([1, 6, 3]));
 * traces.get("l0")!.forget!.shape; // [1, 6, 4]
 * ```
 */
export function gateTraces<M extends Model>(model: M, on: Run<M>): Map<string, Traces> {
  const found = new Map<string, Traces>();
  watching(model, on, ({ path, module, args, forward }) => {
    if (!(module instanceof Recurrent)) return forward(...args);
    const [x, options] = args as readonly [unknown, object | undefined];
    const reading = forward(x, { ...options, trace: true }) as { readonly traces: readonly Traces[] };
    reading.traces.forEach((traces, i) => {
      const place =
        "weight_ih_l0_reverse" in module ? `l${Math.floor(i / 2)}${i % 2 === 1 ? "_reverse" : ""}` : `l${i}`;
      const name = path === "" ? place : `${path}.${place}`;
      let free = name;
      for (let time = 2; found.has(free); time++) free = `${name}#${time}`;
      found.set(free, traces);
    });
    return reading;
  });
  if (found.size === 0)
    throw new ArgumentError(
      "gateTraces",
      `${model.constructor.name} used no recurrent layer, expected one such as nn.LSTM.`,
    );
  return found;
}
