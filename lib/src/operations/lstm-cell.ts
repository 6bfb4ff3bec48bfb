import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { beside, slopeOf, slopeOfTanh, type Value } from "./gates.ts";
import { chunk } from "./joining.ts";
import { shapes } from "./record.ts";
import { rowProgram, type Term } from "./rows.ts";

/** The next hidden state and cell, from the gates i, f, g, o and the cell. */
function forward<T extends Value<T>>([i, f, g, o, cell]: readonly T[]): T[] {
  const next = f!.sigmoid().mul(cell!).add(i!.sigmoid().mul(g!.tanh()));
  return [o!.sigmoid().mul(next.tanh()), next];
}

/** The cotangents of the gates and of the cell; the last two are those of what {@link forward} gives. */
function backward<T extends Value<T>>([i, f, g, o, cell, dh, dc]: readonly T[]): T[] {
  const [write, keep, candidate, show] = [i!.sigmoid(), f!.sigmoid(), g!.tanh(), o!.sigmoid()];
  const seen = keep.mul(cell!).add(write.mul(candidate)).tanh();
  const down = dc!.add(dh!.mul(show).mul(slopeOfTanh(seen)));
  return [
    down.mul(candidate).mul(slopeOf(write)),
    down.mul(cell!).mul(slopeOf(keep)),
    down.mul(write).mul(slopeOfTanh(candidate)),
    dh!.mul(seen).mul(slopeOf(show)),
    down.mul(keep),
  ];
}

const forwardRows = rowProgram(5, (given) => forward<Term>(given));
const backwardRows = rowProgram(7, (given) => backward<Term>(given));

/** From the cotangents of the hidden state and of the cell. */
function pullBack(
  cotangents: readonly Tensor[],
  [gates, cell]: readonly [gates: Tensor, cell: Tensor],
): [Tensor, Tensor] {
  const all = beside(backwardRows, backward<Tensor>, [...chunk(gates, 4, -1), cell, ...cotangents]);
  const width = gates.shape.at(-1)!;
  return [
    all.slice({ axis: -1, start: 0, stop: width }),
    all.slice({ axis: -1, start: width, stop: all.shape.at(-1)! }),
  ];
}

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
  compose: ([gates, cell]) => beside(forwardRows, forward<Tensor>, [...chunk(gates, 4, -1), cell]),
  pullback: (cotangent, given) => pullBack(chunk(cotangent, 2, -1), given),
  inParts: { parts: 2, pullback: pullBack },
  samples: [{ shapes: shapes([2, 12], [2, 3]) }, { shapes: shapes([2, 2, 4], [2, 2, 1]) }],
  refusals: [
    { shapes: shapes([2, 9], [2, 3]), message: /gates \[2, 9\] with a cell \[2, 3\]: expected gates \[2, 12\]/ },
  ],
});
