import { concat, sigmoid, stack, type Tensor, tanh, zeros } from "../../src/index.ts";

type Named = Readonly<Record<string, Tensor>>;
type Cell = (input: Tensor, state: readonly Tensor[], layer: Layer) => Tensor[];

/** One layer's weights under PyTorch's names. */
interface Layer {
  readonly input: (x: Tensor) => Tensor;
  readonly hidden: (h: Tensor) => Tensor;
}

function gates(x: Tensor, count: number): Tensor[] {
  const width = x.shape[1]! / count;
  return Array.from({ length: count }, (_, i) => x.slice({ axis: 1, start: i * width, stop: (i + 1) * width }));
}

const cells: Readonly<Record<string, Cell>> = {
  rnn: (x, [h], { input, hidden }) => [tanh(input(x).add(hidden(h!)))],
  lstm: (x, [h, c], { input, hidden }) => {
    const [i, f, g, o] = gates(input(x).add(hidden(h!)), 4) as [Tensor, Tensor, Tensor, Tensor];
    const cell = sigmoid(f)
      .mul(c!)
      .add(sigmoid(i).mul(tanh(g)));
    return [sigmoid(o).mul(tanh(cell)), cell];
  },
  gru: (x, [h], { input, hidden }) => {
    const [ri, zi, ni] = gates(input(x), 3) as [Tensor, Tensor, Tensor];
    const [rh, zh, nh] = gates(hidden(h!), 3) as [Tensor, Tensor, Tensor];
    const z = sigmoid(zi.add(zh));
    const n = tanh(ni.add(sigmoid(ri.add(rh)).mul(nh)));
    return [n.sub(z.mul(n)).add(z.mul(h!))];
  },
};

/** Two recurrent layers over `[batch, time, features]`, written in operations: outputs, then each last state by layer. */
export function recurrent(kind: string, p: Named): Tensor[] {
  const [batch, time] = p.x!.shape as [number, number];
  const width = p.weight_hh_l0!.shape[1]!;
  const states = kind === "lstm" ? 2 : 1;
  let steps = Array.from({ length: time }, (_, t) => p.x!.slice({ axis: 1, start: t, stop: t + 1 }).squeeze(1));
  const last: Tensor[][] = [];
  for (const l of [0, 1]) {
    const layer: Layer = {
      input: (x) => x.matmul(p[`weight_ih_l${l}`]!.transpose()).add(p[`bias_ih_l${l}`]!),
      hidden: (h) => h.matmul(p[`weight_hh_l${l}`]!.transpose()).add(p[`bias_hh_l${l}`]!),
    };
    let state: readonly Tensor[] = Array.from({ length: states }, () =>
      zeros([batch, width], { dtype: p.x!.dtype, device: p.x!.device }),
    );
    steps = steps.map((x) => {
      state = cells[kind]!(x, state, layer);
      return state[0]!;
    });
    last.push([...state]);
  }
  const finals = Array.from({ length: states }, (_, s) =>
    concat(
      last.map((state) => state[s]!.expandDims(0)),
      0,
    ),
  );
  return [stack(steps, 1), ...finals];
}
