import { split, stack, unbind } from "../../operations/joining.ts";
import { zeros } from "../../tensor/create.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Call, Runs } from "./call.ts";

/** One step of a cell: from the input's part of the gates and the state to the next state, the output first. */
type Cell = (input: Tensor, state: readonly Tensor[], weights: Weights) => readonly Tensor[];

interface Weights {
  /** `[gates · hidden, hidden]`, turned. */
  readonly recurrent: Tensor;
  /** The state's bias, `[gates · hidden]`. */
  readonly bias: Tensor | null;
}

/** The state's part of the gates. */
function recur(h: Tensor, { recurrent, bias }: Weights): Tensor {
  const product = h.matmul(recurrent);
  return bias === null ? product : product.add(bias);
}

/** Gates in the order i, o, f, c, as ONNX has them. */
const lstm: Cell = (input, [h, c], weights) => {
  const [i, o, f, g] = split(input.add(recur(h!, weights)), input.shape[1]! / 4, 1) as [Tensor, Tensor, Tensor, Tensor];
  const cell = f.sigmoid().mul(c!).add(i.sigmoid().mul(g.tanh()));
  return [o.sigmoid().mul(cell.tanh()), cell];
};

/** Gates in the order z, r, h; the reset gate acts before or after the product with the state. */
const gru =
  (linearBeforeReset: boolean): Cell =>
  (input, [h], { recurrent, bias }) => {
    const hidden = input.shape[1]! / 3;
    const sizes = [2 * hidden, hidden];
    const [gatesIn, candidateIn] = split(input, sizes, 1) as [Tensor, Tensor];
    const [gates, candidate] = split(recurrent, sizes, 1) as [Tensor, Tensor];
    const biases = bias === null ? [null, null] : split(bias, sizes, 0);
    const [update, reset] = split(
      gatesIn.add(recur(h!, { recurrent: gates, bias: biases[0]! })).sigmoid() as Tensor,
      hidden,
      1,
    ) as [Tensor, Tensor];
    const own = { recurrent: candidate, bias: biases[1]! };
    const part = linearBeforeReset ? reset.mul(recur(h!, own)) : recur(reset.mul(h!), own);
    const next = candidateIn.add(part).tanh();
    return [next.add(update.mul(h!.sub(next)))];
  };

const rnn =
  (activation: string): Cell =>
  (input, [h], weights) => {
    const sum = input.add(recur(h!, weights)) as Tensor;
    return [activation === "relu" ? sum.relu() : sum.tanh()];
  };

const usual: Readonly<Record<string, readonly string[]>> = {
  LSTM: ["sigmoid", "tanh", "tanh"],
  GRU: ["sigmoid", "tanh"],
  RNN: ["tanh"],
};

function activations(call: Call, directions: number): string {
  const given = call.texts("activations").map((name) => name.toLowerCase());
  const plain = usual[call.node.opType]!;
  const each = given.length === 0 ? plain : given.slice(0, plain.length);
  const same = given.every((name, i) => name === each[i % plain.length]);
  const rectified = call.node.opType === "RNN" && each[0] === "relu";
  if (!same || given.length > plain.length * directions || (each.join() !== plain.join() && !rectified))
    return call.refuse(`the activations ${given.join(", ")}`);
  return each[0]!;
}

/** Reads sequences `[time, batch, inputs]` in one direction or both. */
function read(call: Call, gates: number, parts: number, cellOf: (activation: string) => Cell): readonly Tensor[] {
  const byBatch = call.int("layout", 0) === 1;
  const x = byBatch ? call.x(0).transpose([1, 0, 2]) : call.x(0);
  const direction = call.text("direction", "forward");
  const directions = direction === "bidirectional" ? ["forward", "reverse"] : [direction];
  const hidden = call.int("hidden_size", call.x(2).shape[2]!);
  const cell = cellOf(activations(call, directions.length));
  if (call.maybe(4) !== null) return call.refuse("sequences of different lengths");
  if (call.has("clip") || call.int("input_forget", 0) === 1) return call.refuse("clip or input_forget");
  if (parts === 2 && call.maybe(7) !== null) return call.refuse("peepholes");
  const starts = [5, 6].slice(0, parts).map((i) => {
    const given = call.maybe(i);
    if (given === null) return zeros([directions.length, x.shape[1]!, hidden], { dtype: x.dtype, device: x.device });
    return byBatch ? given.transpose([1, 0, 2]) : given;
  });
  const runs = directions.map((way, d) => {
    const of = (tensor: Tensor) => tensor.slice({ axis: 0, start: d, stop: d + 1 }).squeeze(0);
    const bias = call.maybe(3);
    const [inputBias, stateBias] =
      bias === null ? [null, null] : (split(of(bias), gates * hidden, 0) as [Tensor, Tensor]);
    const product = x.matmul(of(call.x(1)).transpose());
    const inputs = unbind(inputBias === null ? product : (product.add(inputBias) as Tensor));
    const weights = { recurrent: of(call.x(2)).transpose(), bias: stateBias };
    let state: readonly Tensor[] = starts.map(of);
    const outputs = new Array<Tensor>(inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      const t = way === "reverse" ? inputs.length - 1 - i : i;
      state = cell(inputs[t]!, state, weights);
      outputs[t] = state[0]!;
    }
    return { output: stack(outputs), state };
  });
  const y = stack(
    runs.map(({ output }) => output),
    1,
  );
  const ends = starts.map((_, part) => stack(runs.map(({ state }) => state[part]!)));
  if (!byBatch) return [y, ...ends];
  return [y.transpose([2, 0, 1, 3]), ...ends.map((end) => end.transpose([1, 0, 2]))];
}

/** Nets that read sequences. */
export const recurrent: Runs = {
  LSTM: (call) => read(call, 4, 2, () => lstm),
  GRU: (call) => read(call, 3, 1, () => gru(call.int("linear_before_reset", 0) === 1)),
  RNN: (call) => read(call, 1, 1, rnn),
};
