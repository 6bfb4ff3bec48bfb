import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { concat } from "./joining.ts";
import { shapes } from "./record.ts";
import { inRows, rowProgram } from "./rows.ts";

/** The parts of gates `[…, 4 · hidden]`: what is written, what is kept, what might be written, what is shown. */
const partsOf = (gates: Tensor) => quarters(gates, 4) as [Tensor, Tensor, Tensor, Tensor];

function quarters(x: Tensor, count: number): Tensor[] {
  const width = x.shape.at(-1)! / count;
  return Array.from({ length: count }, (_, i) => x.slice({ axis: -1, start: i * width, stop: (i + 1) * width }));
}

const forwardRows = rowProgram(5, ([i, f, g, o, c]) => {
  const cell = f!.sigmoid().mul(c!).add(i!.sigmoid().mul(g!.tanh()));
  return [o!.sigmoid().mul(cell.tanh()), cell];
});

const backwardRows = rowProgram(7, ([i, f, g, o, c, dh, dc]) => {
  const [write, keep, candidate, show] = [i!.sigmoid(), f!.sigmoid(), g!.tanh(), o!.sigmoid()];
  const seen = keep.mul(c!).add(write.mul(candidate)).tanh();
  const slope = (gate: typeof write) => gate.sub(gate.mul(gate));
  const down = dc!.add(dh!.mul(show).mul(seen.mul(seen).mul(-1).add(1)));
  return [
    down.mul(candidate).mul(slope(write)),
    down.mul(c!).mul(slope(keep)),
    down.mul(write).mul(candidate.mul(candidate).mul(-1).add(1)),
    dh!.mul(seen).mul(slope(show)),
    down.mul(keep),
  ];
});

/**
 * A step of long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000): from the gates
 * before they are squashed, `[…, 4 · hidden]` in PyTorch's order i, f, g, o, and the cell `[…, hidden]`, the next hidden state
 * and the next cell side by side, `[…, 2 · hidden]`.
 */
export const lstmCell: OperationFunction<[gates: Tensor, cell: Tensor]> = define({
  name: "lstmCell",
  inputs: ["gates", "cell"],
  shape: ([gates, cell]) => {
    const hidden = cell.at(-1) ?? 0;
    const expected = [...cell.slice(0, -1), 4 * hidden];
    if (cell.length > 0 && `${gates}` === `${expected}`) return [...cell.slice(0, -1), 2 * hidden];
    return {
      because: `gates ${showShape(gates)} with a cell ${showShape(cell)}: expected gates ${showShape(expected)}.`,
    };
  },
  compose: ([gates, cell]) => {
    const parts = partsOf(gates);
    return inRows(forwardRows, [...parts, cell], -1, () => {
      const [i, f, g, o] = parts;
      const next = f.sigmoid().mul(cell).add(i.sigmoid().mul(g.tanh()));
      return concat([o.sigmoid().mul(next.tanh()), next], -1);
    });
  },
  pullback: (cotangent, [gates, cell]) => {
    const parts = partsOf(gates);
    const [dh, dc] = quarters(cotangent, 2) as [Tensor, Tensor];
    const all = inRows(backwardRows, [...parts, cell, dh, dc], -1, () => {
      const [write, keep, show] = [parts[0].sigmoid(), parts[1].sigmoid(), parts[3].sigmoid()];
      const candidate = parts[2].tanh();
      const seen = keep.mul(cell).add(write.mul(candidate)).tanh();
      const slope = (gate: Tensor) => gate.sub(gate.mul(gate));
      const down = dc.add(dh.mul(show).mul(seen.mul(seen).mul(-1).add(1)));
      const toGates = [
        down.mul(candidate).mul(slope(write)),
        down.mul(cell).mul(slope(keep)),
        down.mul(write).mul(candidate.mul(candidate).mul(-1).add(1)),
        dh.mul(seen).mul(slope(show)),
      ];
      return concat([...toGates, down.mul(keep)], -1);
    });
    const width = gates.shape.at(-1)!;
    return [
      all.slice({ axis: -1, start: 0, stop: width }),
      all.slice({ axis: -1, start: width, stop: all.shape.at(-1)! }),
    ];
  },
  samples: [{ shapes: shapes([2, 12], [2, 3]) }, { shapes: shapes([2, 2, 4], [2, 2, 1]) }],
  refusals: [
    { shapes: shapes([2, 9], [2, 3]), message: /gates \[2, 9\] with a cell \[2, 3\]: expected gates \[2, 12\]/ },
  ],
});
