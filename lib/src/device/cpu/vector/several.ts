import { type Instruction, type Value, VectorCode } from "./code.ts";

/** The code for several vectors at once. */
export interface Several {
  readonly code: VectorCode;
  /** A value of the code for one vector, in that of several. */
  at(value: Value, which: number): Value;
}

/**
 * Straight-line code for several vectors, each instruction for all of them before the next one, so that none waits for
 * itself; constants and common values are shared. Stream `s` of vector `w` is called `s + w · streams`.
 */
export function several(one: VectorCode, count: number, streams: number): Several {
  const code = new VectorCode();
  const places: number[][] = [];
  const push = (instruction: Instruction) => code.instructions.push(instruction) - 1;
  for (const instruction of one.instructions) {
    if (instruction.op === "constant" || instruction.op === "common") {
      places.push(Array<number>(count).fill(push(instruction)));
      continue;
    }
    const own: number[] = [];
    for (let which = 0; which < count; which++) {
      if (instruction.op === "stream") own.push(push({ ...instruction, stream: instruction.stream + which * streams }));
      else {
        const of = instruction.of.map((value) => places[value]![which]!);
        own.push(push({ ...instruction, of } as unknown as Instruction));
      }
    }
    places.push(own);
  }
  return { code, at: ({ index }, which) => ({ index: places[index]![which]! }) };
}
