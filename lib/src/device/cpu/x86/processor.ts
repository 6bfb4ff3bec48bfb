import { Assembler, at, type Lanes, rax, rbx, rcx, rdi } from "./assembler.ts";

/** The number of 32-bit words that {@link questions} answers with. */
export const answerCount = 3;

/** Code that writes what decides on AVX2 and FMA to its argument. */
export function questions(): Uint8Array<ArrayBuffer> {
  const code = new Assembler();
  code.push(rbx);
  code.set(rax, 1);
  code.set(rcx, 0);
  code.identify();
  code.store(at(rdi, 0), rcx);
  code.set(rax, 7);
  code.set(rcx, 0);
  code.identify();
  code.store(at(rdi, 4), rbx);
  code.pop(rbx);
  code.return();
  return code.finish();
}

/** Code that writes to its argument which registers the operating system keeps. Only where OSXSAVE says that it may. */
export function keptRegisters(): Uint8Array<ArrayBuffer> {
  const code = new Assembler();
  code.set(rcx, 0);
  code.keptRegisters();
  code.store(at(rdi, 8), rax);
  code.return();
  return code.finish();
}

const bit = (word: number, index: number) => (word >>> index) % 2 === 1;

/** Whether the operating system lets programs ask what it keeps. */
export const maySeeKept = ([features = 0]: ArrayLike<number> & Iterable<number>) => bit(features, 27);

/** Floats in the widest vectors that there are and whose registers the operating system keeps; none without FMA. */
export function lanesOf([features = 0, more = 0, kept = 0]: Iterable<number>): Lanes | undefined {
  const keeps = (...registers: number[]) => registers.every((register) => bit(kept, register));
  const [fma, avx, avx2] = [bit(features, 12), bit(features, 28), bit(more, 5)];
  // Its foundation, and what all but the first processors have beside it.
  const avx512 = bit(more, 16) && bit(more, 17);
  if (!(fma && avx && avx2 && keeps(1, 2))) return undefined;
  return avx512 && keeps(5, 6, 7) ? 16 : 8;
}
