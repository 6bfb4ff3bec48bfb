import { nn, type Tensor } from "../../src/index.ts";

type Named = Readonly<Record<string, Tensor>>;

/** Two recurrent layers over `[batch, time, features]`: outputs, then the parts of the last state. */
export function recurrent(kind: "rnn" | "lstm" | "gru", p: Named): Tensor[] {
  const { x, ...weights } = p as { x: Tensor } & Record<string, Tensor>;
  const [inputs, hidden] = [p.weight_ih_l0!.shape[1]!, p.weight_hh_l0!.shape[1]!];
  const Net = { rnn: nn.RNN, lstm: nn.LSTM, gru: nn.GRU }[kind];
  const net = Object.assign(new Net(inputs, hidden, { layers: 2 }), weights);
  const reading = net.forward(x);
  return [reading.output, reading.hidden, ...("cell" in reading ? [reading.cell] : [])] as Tensor[];
}
