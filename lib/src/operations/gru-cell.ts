import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { beside, slopeOf, slopeOfTanh, type Value } from "./gates.ts";
import { chunk, concat } from "./joining.ts";
import { shapes } from "./record.ts";
import { rowProgram, type Term } from "./rows.ts";

/** The next state, from the input's parts r, z, n, those of the state, and the state. */
function forward<T extends Value<T>>([ri, zi, ni, rh, zh, nh, state]: readonly T[]): T[] {
  const [reset, update] = [ri!.add(rh!).sigmoid(), zi!.add(zh!).sigmoid()];
  const candidate = ni!.add(reset.mul(nh!)).tanh();
  return [candidate.add(update.mul(state!.sub(candidate)))];
}

/**
 * The cotangents of the input's n, of r, z and n of the product, and of the state; those of r and z are the input's, too. The
 * last one given is that of the next state.
 */
function backward<T extends Value<T>>([ri, zi, ni, rh, zh, nh, state, down]: readonly T[]): T[] {
  const [reset, update] = [ri!.add(rh!).sigmoid(), zi!.add(zh!).sigmoid()];
  const candidate = ni!.add(reset.mul(nh!)).tanh();
  const kept = down!.mul(update);
  const made = down!.sub(kept).mul(slopeOfTanh(candidate));
  const resets = made.mul(nh!).mul(slopeOf(reset));
  const updates = down!.mul(state!.sub(candidate)).mul(slopeOf(update));
  return [made, resets, updates, made.mul(reset), kept];
}

const forwardRows = rowProgram(7, (given) => forward<Term>(given));
const backwardRows = rowProgram(8, (given) => backward<Term>(given));

/**
 * A step of a gated recurrent unit (Cho et al., EMNLP 2014) in PyTorch's form, in which the reset gate acts on the product
 * with the state: from what the input and the state give to the gates before they are squashed, `[…, 3 · hidden]` each in the
 * order r, z, n, and the state `[…, hidden]`, the next state.
 */
export const gruCell: OperationFunction<[input: Tensor, product: Tensor, state: Tensor]> = define({
  name: "gruCell",
  inputs: ["input", "product", "state"],
  shape: ([input, product, state]) => {
    const hidden = state.at(-1) ?? 0;
    const expected = `${[...state.slice(0, -1), 3 * hidden]}`;
    if (state.length > 0 && `${input}` === expected && `${product}` === expected) return [...state];
    return {
      because: `input ${showShape(input)} and product ${showShape(product)} with a state ${showShape(state)}: expected ${showShape([...state.slice(0, -1), 3 * hidden])} for both.`,
    };
  },
  compose: ([input, product, state]) =>
    beside(forwardRows, forward<Tensor>, [...chunk(input, 3, -1), ...chunk(product, 3, -1), state]),
  pullback: (cotangent, [input, product, state]) => {
    const given = [...chunk(input, 3, -1), ...chunk(product, 3, -1), state, cotangent];
    const all = beside(backwardRows, backward<Tensor>, given);
    const width = state.shape.at(-1)!;
    const parts = (start: number, stop: number) => all.slice({ axis: -1, start: start * width, stop: stop * width });
    return [() => concat([parts(1, 3), parts(0, 1)], -1), parts(1, 4), parts(4, 5)];
  },
  samples: [{ shapes: shapes([2, 9], [2, 9], [2, 3]) }, { shapes: shapes([2, 2, 3], [2, 2, 3], [2, 2, 1]) }],
  refusals: [
    {
      shapes: shapes([2, 9], [2, 6], [2, 3]),
      message: /input \[2, 9\] and product \[2, 6\] with a state \[2, 3\]: expected \[2, 9\] for both/,
    },
  ],
});
