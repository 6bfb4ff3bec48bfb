import { Assembler, at, Label, r8, r9, rcx, rdi, rdx, rsi } from "./assembler.ts";

/** The stack's register. */
const rsp = 4;
/** Vectors of which Windows wants the lower half kept. */
const kept = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;
/** Registers with the first arguments: where Windows gives them, and where the kernels look for them. */
const [given, wanted] = [
  [rcx, rdx, r8, r9],
  [rdi, rsi, rdx, rcx, r8, r9],
] as const;

/**
 * What goes before a function with so many arguments, all of them addresses, so that it can be called on Windows: it is
 * written for the other systems, whose functions get their arguments elsewhere and need not keep as much.
 * Microsoft, x64 calling convention; System V Application Binary Interface, AMD64 supplement, section 3.2.
 */
export function windowsEntry(parameters: number): Uint8Array<ArrayBuffer> {
  const code = new Assembler();
  const start = new Label();
  const room = kept.length * 16;
  for (const register of [rdi, rsi]) code.push(register);
  code.addConstant(rsp, -room);
  kept.forEach((register, i) => {
    code.storeQuarter(at(rsp, i * 16), register);
  });
  // Above what was pushed lie the address to return to, room for the arguments in registers, and the other arguments.
  let below = room + 2 * 8;
  const argument = (i: number) => at(rsp, below + 8 + i * 8);
  for (let i = parameters - 1; i >= wanted.length; i--) {
    code.loadLong(rdi, argument(i));
    code.push(rdi);
    below += 8;
  }
  const inRegisters = wanted.slice(0, parameters);
  inRegisters.forEach((to, i) => {
    if (i < given.length) code.copy(to, given[i]!);
    else code.loadLong(to, argument(i));
  });
  code.call(start);
  code.addConstant(rsp, 8 * Math.max(0, parameters - wanted.length));
  kept.forEach((register, i) => {
    code.loadQuarter(register, at(rsp, i * 16));
  });
  code.addConstant(rsp, room);
  for (const register of [rsi, rdi]) code.pop(register);
  code.return();
  code.place(start);
  return code.finish();
}
