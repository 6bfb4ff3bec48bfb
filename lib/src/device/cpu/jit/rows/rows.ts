import type { StreamArgument } from "../../vector/kernel.ts";
import type { Loops } from "../../vector/loops.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { emit } from "./emit.ts";

/** Elements at a time, of every stream: a few such blocks fit the second-level cache. */
const BLOCK = 4096;
const LANES = 8;

/** A part of a stream in the kernels' memory. */
interface Staged {
  readonly address: number;
  /** From a row to the next, in floats. */
  readonly stride: number;
}

/** Runs loops in WebAssembly, on copies of a few rows at a time; rows that fold nothing may be done in parts. */
export function runRows(
  loops: Loops,
  streams: readonly StreamArgument[],
  rows: number,
  columns: number,
  numbers: readonly number[],
  scratch: Scratch,
): void {
  for (let i = 0; i < streams.length; i++)
    refuseOutside(streams[i]!, loops.streams[i]!.reach === "row" ? 1 : columns, rows);
  const kernel = scratch.engine.kernels(loops.key, (fused) => ({ run: emit(loops, fused) })).run;
  const folds = loops.passes.some(({ fold }) => fold !== null);
  const width = folds ? columns : Math.min(columns, BLOCK);
  const padded = roundUp(width, LANES);
  const height = Math.max(1, Math.min(rows, Math.floor(BLOCK / padded)));
  const maskAt = scratch.claim(LANES * 4);
  const staged = loops.streams.map(({ reach }): Staged => {
    if (reach === "element") return { address: scratch.claim(height * padded * 4), stride: padded };
    // The result of a row is written as a vector, over the places of the next ones.
    return { address: scratch.claim((height + 3) * 4), stride: 1 };
  });
  const { floats, integers } = scratch;
  for (let row = 0; row < rows; row += height) {
    const some = Math.min(height, rows - row);
    for (let column = 0; column < columns; column += width) {
      const wide = Math.min(width, columns - column);
      const rest = wide % LANES;
      integers.fill(-1, maskAt / 4, maskAt / 4 + rest);
      integers.fill(0, maskAt / 4 + rest, maskAt / 4 + LANES);
      const parameters: number[] = [];
      for (const [i, { address, stride }] of staged.entries()) {
        if (i < loops.inputs.length)
          copyIn(streams[i]!, staged[i]!, loops.streams[i]!.reach === "row", row, some, column, wide, floats);
        parameters.push(address, stride * 4);
      }
      kernel(some, (wide - rest) * 4, Number(rest > 0), maskAt, ...parameters, ...numbers);
      for (let i = loops.inputs.length; i < staged.length; i++)
        copyOut(streams[i]!, staged[i]!, loops.streams[i]!.reach === "row", row, some, column, wide, floats);
    }
  }
}

/** Refuses rows of so many elements that leave their array. */
function refuseOutside({ values, offset, stride }: StreamArgument, width: number, rows: number): void {
  const far = (rows - 1) * stride;
  const [first, last] = [offset + Math.min(0, far), offset + Math.max(0, far) + width];
  const whole = Number.isInteger(rows) && Number.isInteger(width) && rows >= 0 && width >= 0;
  if (!(whole && first >= 0 && last <= values.length))
    throw new RangeError(`wasm: elements ${first} to ${last} of a stream leave its ${values.length} elements.`);
}

function copyIn(
  { values, offset, stride }: StreamArgument,
  to: Staged,
  perRow: boolean,
  row: number,
  rows: number,
  column: number,
  columns: number,
  floats: Float32Array,
): void {
  const start = to.address / 4;
  if (perRow) {
    for (let i = 0; i < rows; i++) floats[start + i] = values[offset + (row + i) * stride]!;
    return;
  }
  const from = offset + row * stride + column;
  if (stride === to.stride && columns === to.stride) floats.set(values.subarray(from, from + rows * columns), start);
  else
    for (let i = 0; i < rows; i++)
      floats.set(values.subarray(from + i * stride, from + i * stride + columns), start + i * to.stride);
}

function copyOut(
  { values, offset, stride }: StreamArgument,
  from: Staged,
  perRow: boolean,
  row: number,
  rows: number,
  column: number,
  columns: number,
  floats: Float32Array,
): void {
  const start = from.address / 4;
  const to = offset + row * stride + column;
  if (perRow) {
    for (let i = 0; i < rows; i++) values[offset + (row + i) * stride] = floats[start + i]!;
  } else if (stride === from.stride && columns === from.stride)
    values.set(floats.subarray(start, start + rows * columns), to);
  else
    for (let i = 0; i < rows; i++)
      values.set(floats.subarray(start + i * from.stride, start + i * from.stride + columns), to + i * stride);
}
