import type { RowKernel } from "../../vector/kernel.ts";
import type { Loops } from "../../vector/loops.ts";
import type { Lanes } from "../assembler.ts";
import { isAddressable } from "../bounds.ts";
import type { Loader } from "../native.ts";
import { shareOf, stepFor, type Team } from "../team/team.ts";
import { emit, VECTORS } from "./emit.ts";

const LANES = 8;
/** Elements of a stream that lie in a line of the cache: no two threads are to write to one. */
const LINE = 16;
/** Elements of a stream in a nanosecond, about. */
const SPEED = 3;

/** Loops in machine code, on the arrays themselves. */
export function rowKernel(loops: Loops, lanes: Lanes, load: Loader, team: Team): RowKernel {
  const { code, frame } = emit(loops, lanes);
  const run = load(code, 1 + loops.streams.length);
  const step = stepFor(frame.bytes / 4);
  const group = lanes === LANES ? VECTORS * LANES : lanes;
  let [words, floats] = framesFor(1);
  function framesFor(tasks: number): [Int32Array, Float32Array] {
    const frames = new Int32Array(step * tasks);
    for (let task = 0; task < tasks; task++) frame.fill(frames.subarray(task * step, (task + 1) * step));
    return [frames, new Float32Array(frames.buffer)];
  }
  const folds = loops.passes.some(({ fold }) => fold !== null);
  return (streams, rows, columns, numbers) => {
    if (rows === 0) return;
    if (!(Number.isInteger(rows) && rows > 0 && Number.isInteger(columns) && columns >= 0))
      throw new RangeError(`x86: ${rows} rows of ${columns} elements, expected whole numbers (${loops.key}).`);
    const arrays: ArrayBufferView[] = [];
    for (let i = 0; i < streams.length; i++) {
      const { values, offset, stride } = streams[i]!;
      const { dtype, reach } = loops.streams[i]!;
      const width = reach === "row" ? 1 : columns;
      const far = (rows - 1) * stride;
      const [first, last] = [offset + Math.min(0, far), offset + Math.max(0, far) + width];
      // In bytes: the program decides how an array is read.
      const bytes = dtype === "bool" ? 1 : 4;
      if (!(first >= 0 && last * bytes <= values.byteLength && isAddressable(values)))
        throw new RangeError(
          `x86: elements ${first} to ${last} of stream ${i} leave its ${values.length} elements (${loops.key}).`,
        );
      arrays.push(values);
    }
    // What folds nothing is split within rows too.
    const byColumn = !folds && rows * LINE < columns;
    const units = byColumn ? Math.ceil(columns / LINE) : rows;
    const tasks = team.shares(units, (rows * columns * streams.length) / SPEED);
    if (words.length < tasks * step) [words, floats] = framesFor(tasks);
    for (let task = 0; task < tasks; task++) {
      const [from, to] = [shareOf(units, tasks, task), shareOf(units, tasks, task + 1)];
      const column = byColumn ? from * LINE : 0;
      const wide = byColumn ? Math.min(columns, to * LINE) - column : columns;
      prepare(task * step, byColumn ? 0 : from, byColumn ? rows : to - from, column, wide);
    }
    team.run(run, words, step, { tasks }, arrays);

    function prepare(at: number, row: number, height: number, column: number, wide: number): void {
      for (let i = 0; i < streams.length; i++) {
        const { offset, stride } = streams[i]!;
        const { dtype, reach } = loops.streams[i]!;
        const bytes = dtype === "bool" ? 1 : 4;
        words[at + frame.offset(i) / 4] = (offset + row * stride + (reach === "row" ? 0 : column)) * bytes;
        words[at + frame.stride(i) / 4] = stride * bytes;
      }
      const rest = wide % LANES;
      words[at + frame.rows / 4] = height;
      words[at + frame.whole / 4] = wide - rest;
      words[at + frame.rest / 4] = rest;
      words[at + frame.wide / 4] = wide - (wide % group);
      const mask = at + frame.mask / 4;
      words.fill(-1, mask, mask + rest);
      words.fill(0, mask + rest, mask + LANES);
      for (let i = 0; i < numbers.length; i++) {
        const slot = at + frame.slot(i) / 4;
        floats.fill(numbers[i]!, slot, slot + LANES);
      }
    }
  };
}
