import { Assembler, at, rax, rbx, rcx, rdi } from "./assembler.ts";

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

/** Whether there are AVX2 and FMA, and the operating system keeps the registers that they need. */
export function hasVectors([features = 0, more = 0, kept = 0]: Iterable<number>): boolean {
  const [fma, avx, avx2] = [bit(features, 12), bit(features, 28), bit(more, 5)];
  return fma && avx && avx2 && bit(kept, 1) && bit(kept, 2);
}
