import { at, r8, r9, r10, rax, rcx, rdi, rdx, rsi } from "../assembler.ts";
import type { Label, Place } from "../encoder.ts";
import type { TeamAssembler } from "./instructions.ts";

/** How threads sleep and are woken: by a call of Linux, or by functions of Windows at these addresses. */
export type Waiting =
  | "futex"
  | {
      readonly waitOnAddress: bigint;
      readonly wakeByAddressAll: bigint;
      readonly switchToThread: bigint;
    };

/** Linux's numbers of system calls, and what they are asked. */
const [FUTEX, YIELD] = [202, 24];
const [WAIT, WAKE] = [128, 129];
/** What Linux answers where nobody woke a thread for so long as it would wait. */
const TIMED_OUT = -110;
const rsp = 4;

/**
 * Sleeps while 32 bits in memory are what rdx holds, for some seconds at most, and then goes on; at `woken` where it did
 * not take so long. `limit` is free for how long that is.
 */
export function wait(
  code: TeamAssembler,
  waiting: Waiting,
  value: Place,
  limit: Place,
  seconds: number,
): { readonly unless: (woken: Label) => void } {
  if (waiting === "futex") {
    code.set(rax, seconds);
    code.storeLong(limit, rax);
    code.set(rax, 0);
    code.storeLong({ ...limit, displacement: limit.displacement! + 8 }, rax);
    code.address(rdi, value);
    code.set(rsi, WAIT);
    code.address(r10, limit);
    code.set(rax, FUTEX);
    code.systemCall();
    return {
      unless(woken) {
        code.addConstant(rax, -TIMED_OUT);
        code.jumpIfNotZero(woken);
      },
    };
  }
  onWindows(code, waiting.waitOnAddress, (spare) => {
    code.address(rcx, value);
    code.store(spare, rdx);
    code.address(rdx, spare);
    code.set(rax, 4);
    code.copy(r8, rax);
    code.set(rax, seconds * 1000);
    code.copy(r9, rax);
  });
  return {
    unless(woken) {
      code.addConstant(rax, 0);
      code.jumpIfNotZero(woken);
    },
  };
}

/** Wakes those that wait for a place, as many as rdx says or more. */
export function wake(code: TeamAssembler, waiting: Waiting, value: Place): void {
  if (waiting !== "futex") {
    onWindows(code, waiting.wakeByAddressAll, () => code.address(rcx, value));
    return;
  }
  code.address(rdi, value);
  code.set(rsi, WAKE);
  code.set(rax, FUTEX);
  code.systemCall();
}

/** Lets another thread have the core. */
export function giveWay(code: TeamAssembler, waiting: Waiting): void {
  if (waiting !== "futex") {
    onWindows(code, waiting.switchToThread, () => {});
    return;
  }
  code.set(rax, YIELD);
  code.systemCall();
}

/** Calls a function of Windows, for which the stack is to lie evenly and have room above; it keeps rbx, rbp, rsi and rdi. */
function onWindows(code: TeamAssembler, address: bigint, give: (spare: Place) => void): void {
  const [spare, before] = [at(rsp, 40), at(rsp, 48)];
  code.copy(rax, rsp);
  code.alignStack();
  code.addConstant(rsp, -64);
  code.storeLong(before, rax);
  give(spare);
  code.setLong(rax, address);
  code.callRegister(rax);
  code.loadLong(rsp, before);
}
