import type { RowKernel } from "../../vector/kernel.ts";
import type { Loops } from "../../vector/loops.ts";
import { isAddressable } from "../bounds.ts";
import type { Loader } from "../native.ts";
import { emit } from "./emit.ts";

const LANES = 8;

/** Loops in machine code, on the arrays themselves. */
export function rowKernel(loops: Loops, load: Loader): RowKernel {
  const { code, frame } = emit(loops);
  const run = load(code, 1 + loops.streams.length);
  const words = new Int32Array(frame.bytes / 4);
  const floats = new Float32Array(words.buffer);
  frame.fill(words);
  return (streams, rows, columns, numbers) => {
    if (rows === 0) return;
    const arrays: ArrayBufferView[] = [words];
    for (let i = 0; i < streams.length; i++) {
      const { values, offset, stride } = streams[i]!;
      const { dtype, reach } = loops.streams[i]!;
      const width = reach === "row" ? 1 : columns;
      const far = (rows - 1) * stride;
      const [first, last] = [offset + Math.min(0, far), offset + Math.max(0, far) + width];
      if (!(first >= 0 && last <= values.length && isAddressable(values)))
        throw new RangeError(
          `x86: elements ${first} to ${last} of stream ${i} leave its ${values.length} elements (${loops.key}).`,
        );
      const bytes = dtype === "bool" ? 1 : 4;
      words[frame.offset(i) / 4] = offset * bytes;
      words[frame.stride(i) / 4] = stride * bytes;
      arrays.push(values);
    }
    const rest = columns % LANES;
    words[frame.rows / 4] = rows;
    words[frame.whole / 4] = columns - rest;
    words[frame.rest / 4] = rest;
    const mask = frame.mask / 4;
    words.fill(-1, mask, mask + rest);
    words.fill(0, mask + rest, mask + LANES);
    for (let i = 0; i < numbers.length; i++) {
      const slot = frame.slot(i) / 4;
      floats.fill(numbers[i]!, slot, slot + LANES);
    }
    run(...arrays);
  };
}
