import { describe, expect, it } from "vitest";
import { Assembler, at, Label, r8, r9, r12, rax, rcx, rdi, rdx, rsi } from "../../src/device/cpu/x86/assembler.ts";
import { loader } from "../../src/device/cpu/x86/native.ts";
import { windowsEntry } from "../../src/device/cpu/x86/windows.ts";

const loaded = loader();
const rsp = 4;
const vectors = Array.from({ length: 10 }, (_, i) => 6 + i);
const inRegisters = [rdi, rsi, rdx, rcx, r8, r9];

/** Stores its arguments one after another where the first one points, and uses up all registers that it may. */
function kernel(parameters: number): Uint8Array {
  const code = new Assembler();
  code.copy(rax, rdi);
  for (let i = 0; i < parameters; i++) {
    if (i >= inRegisters.length) code.loadLong(rdx, at(rsp, 8 + 8 * (i - inRegisters.length)));
    code.storeLong(at(rax, 8 * i), i < inRegisters.length ? inRegisters[i]! : rdx);
  }
  for (const vector of vectors) code.clearVector(vector);
  for (const register of [rcx, rdx, rsi, rdi, r8, r9]) code.copy(register, rax);
  code.endVectors();
  code.return();
  return code.finish();
}

/**
 * Calls a function of so many arguments as a program on Windows does: each argument is 1000 and its number, but for the
 * first, which is that of this function. After the call it stores the vectors and registers that were to be kept.
 */
function caller(parameters: number, what: Uint8Array): Uint8Array {
  const code = new Assembler();
  const entry = new Label();
  code.push(r12);
  code.copy(r12, rdi);
  vectors.forEach((vector, i) => {
    code.loadQuarter(vector, at(rdi, 256 + 16 * i));
  });
  const value = (register: number, i: number) => {
    code.set(rax, 1000 + i);
    code.copy(register, rax);
  };
  const onStack = Math.max(0, parameters - 4);
  for (let i = parameters - 1; i >= 4; i--) {
    code.set(rax, 1000 + i);
    code.push(rax);
  }
  code.addConstant(rsp, -32);
  code.copy(rcx, r12);
  for (const [i, register] of [rdx, r8, r9].entries()) value(register, i + 1);
  value(rsi, 77);
  value(rdi, 88);
  code.call(entry);
  code.addConstant(rsp, 32 + 8 * onStack);
  vectors.forEach((vector, i) => {
    code.storeQuarter(at(r12, 512 + 16 * i), vector);
  });
  code.storeLong(at(r12, 768), rsi);
  code.storeLong(at(r12, 776), rdi);
  code.pop(r12);
  code.return();
  code.place(entry);
  return Uint8Array.of(...code.finish(), ...windowsEntry(parameters), ...what);
}

describe.skipIf("missing" in loaded)("the way into machine code on Windows", () => {
  it.each([1, 2, 4, 5, 6, 7, 9, 14])(
    "brings %i arguments where they belong and keeps what is to be kept",
    (parameters) => {
      if ("missing" in loaded) return;
      const run = loaded(caller(parameters, kernel(parameters)), 1);
      const memory = new BigInt64Array(128);
      for (let i = 0; i < 20; i++) memory[32 + i] = BigInt(i) * 0x1234567890n + 3n;
      const before = memory.slice();
      run(memory);
      const others = Array.from({ length: parameters - 1 }, (_, i) => BigInt(1001 + i));
      expect([...memory.subarray(1, parameters)]).toEqual(others);
      expect([...memory.subarray(64, 84)]).toEqual([...before.subarray(32, 52)]);
      expect([...memory.subarray(96, 98)]).toEqual([1077n, 1088n]);
    },
  );
});
