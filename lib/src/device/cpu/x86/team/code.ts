import { at, r8, r9, r12, rax, rbp, rbx, rcx, rdi, rdx, rsi } from "../assembler.ts";
import { Label } from "../encoder.ts";
import { TeamAssembler } from "./instructions.ts";
import { giveWay, type Waiting, wait, wake } from "./waiting.ts";

/**
 * The memory that a team shares, in bytes from its beginning. What is written often lies in lines of the cache of its
 * own.
 */
const board = {
  /**
   * What there is to take: in its lower half the number of tasks and the next of them, sixteen bits each, in its upper
   * half the number of the job. One instruction takes a task, so that nobody takes one of a job that is over.
   */
  ticket: 0,
  job: 4,
  /** Tasks that are not done. */
  left: 64,
  sleepers: 128,
  /** Not zero when the team is to end. */
  over: 132,
  /** Threads that have gone because there was nothing to do for long. */
  gone: 136,
  /** How long that is: seconds and nanoseconds, 64 bits each. */
  limit: 144,
  /** Of the present job: the function, what calls it, and the first task's parameters. */
  work: 192,
  caller: 200,
  frames: 208,
  /** From a task's parameters to the next ones', in bytes. */
  stride: 216,
  /** How often the function is called for a task, and from the parameters of a call to the next ones. */
  each: 220,
  step: 224,
  arrays: 232,
} as const;

/** Bytes of the memory that a team shares. */
export const boardBytes = 4096;
/** Arrays that a job may have. */
export const MOST_ARRAYS = 16;
/** Tasks that a job may have. */
export const MOST_TASKS = 0xffff;

/** What the leader is told, and, at `gone`, answers, as 32-bit words: addresses are two of them. */
export const order = { work: 0, caller: 2, stride: 4, each: 5, step: 6, tasks: 7, gone: 8, words: 10 } as const;

/** Rounds of waiting before a thread goes to sleep: some fifty microseconds, about what lies between two operations. */
const PATIENCE = 2000;

/** Where a function that has pushed so many registers finds its arguments beyond the sixth. */
const onStack = (pushed: number, index: number) => at(4, 8 * (pushed + 1 + index));

/** Takes the next task, has it done and goes on at `done`; goes to `none` where there is none. rbx holds the board. */
function takeOne(code: TeamAssembler, { done, none }: { readonly done: Label; readonly none: Label }): void {
  const again = new Label();
  code.place(again);
  const place = (offset: number) => at(rbx, offset);
  code.loadLong(rax, place(board.ticket));
  code.lowWord(rdx, rax);
  code.copy(rcx, rax);
  code.shiftLeft(rcx, 32);
  code.shiftRight(rcx, 48);
  code.compareHalves(rdx, rcx);
  code.jumpIfNotBelow(none);
  code.address(rdx, at(rax, 1));
  code.compareAndExchangeLong(place(board.ticket), rdx);
  code.jumpIfNotZero(again);
  code.lowWord(rsi, rax);
  code.load(rcx, place(board.stride));
  code.multiply(rsi, rcx);
  code.loadLong(rcx, place(board.frames));
  code.add(rsi, rcx);
  code.copy(rdi, rbx);
  code.callAt(place(board.caller));
  code.decrementAtomic(place(board.left));
  code.jumpAlways(done);
}

/**
 * What the threads of a team run until it is over, or there has been nothing to do for so many seconds; the argument is the
 * board.
 */
export function follow(seconds: number, waiting: Waiting): Uint8Array<ArrayBuffer> {
  const code = new TeamAssembler(8);
  const [again, none, sleep, rest, end] = [new Label(), new Label(), new Label(), new Label(), new Label()];
  const place = (offset: number) => at(rbx, offset);
  for (const register of [rbx, rbp]) code.push(register);
  code.copy(rbx, rdi);
  code.place(rest);
  code.set(rbp, PATIENCE);
  code.place(again);
  takeOne(code, { done: rest, none });

  code.place(none);
  // rax holds the ticket that had nothing.
  code.compareConstantAt(place(board.over), 0);
  code.jumpIfNotZero(end);
  code.decrement(rbp);
  code.jumpIfZero(sleep);
  code.pause();
  code.jumpAlways(again);

  code.place(sleep);
  code.incrementAtomic(place(board.sleepers));
  code.copy(rdx, rax);
  code.shiftRight(rdx, 32);
  const { unless } = wait(code, waiting, place(board.job), place(board.limit), seconds);
  code.decrementAtomic(place(board.sleepers));
  unless(rest);
  code.incrementAtomic(place(board.gone));

  code.place(end);
  for (const register of [rbp, rbx]) code.pop(register);
  code.set(rax, 0);
  code.return();
  return code.finish();
}

/**
 * Has the team do a job, takes part in it, and returns when all of it is done, whoever of the others takes part. The
 * arguments are the board, the order, the tasks' parameters and so many arrays.
 */
export function lead(arrays: number, waiting: Waiting): Uint8Array<ArrayBuffer> {
  const code = new TeamAssembler(8);
  const place = (offset: number) => at(rbx, offset);
  const given = (word: number) => at(rsi, 4 * word);
  const [own, again, rest, out] = [new Label(), new Label(), new Label(), new Label()];
  for (const register of [rbx, rbp, rsi]) code.push(register);
  code.copy(rbx, rdi);
  for (const [to, from] of [
    [board.work, order.work],
    [board.caller, order.caller],
  ] as const) {
    code.loadLong(rax, given(from));
    code.storeLong(place(to), rax);
  }
  for (const [to, from] of [
    [board.stride, order.stride],
    [board.each, order.each],
    [board.step, order.step],
  ] as const) {
    code.load(rax, given(from));
    code.store(place(to), rax);
  }
  code.storeLong(place(board.frames), rdx);
  const inRegisters = [rcx, r8, r9];
  for (let i = 0; i < arrays; i++) {
    const register = inRegisters[i] ?? rax;
    if (i >= inRegisters.length) code.loadLong(rax, onStack(3, i - inRegisters.length));
    code.storeLong(place(board.arrays + 8 * i), register);
  }
  code.load(rax, given(order.tasks));
  code.store(place(board.left), rax);
  code.shiftLeft(rax, 16);
  code.load(rcx, place(board.job));
  code.addConstant(rcx, 1);
  code.shiftLeft(rcx, 32);
  code.or(rax, rcx);
  code.exchangeLong(place(board.ticket), rax);
  code.compareConstantAt(place(board.sleepers), 0);
  code.jumpIfZero(own);
  code.load(rdx, place(board.left));
  wake(code, waiting, place(board.job));

  code.place(own);
  takeOne(code, { done: own, none: again });

  // The others are still at it.
  code.place(again);
  code.set(rbp, PATIENCE);
  code.place(rest);
  code.compareConstantAt(place(board.left), 0);
  code.jumpIfZero(out);
  code.pause();
  code.decrement(rbp);
  code.jumpIfNotZero(rest);
  giveWay(code, waiting);
  code.jumpAlways(again);

  code.place(out);
  code.load(rax, place(board.gone));
  code.pop(rsi);
  code.store(given(order.gone), rax);
  for (const register of [rbp, rbx]) code.pop(register);
  code.return();
  return code.finish();
}

/** Ends a team: its threads return when they have done what they are at. The argument is the board. */
export function dismiss(waiting: Waiting): Uint8Array<ArrayBuffer> {
  const code = new TeamAssembler(8);
  code.incrementAtomic(at(rdi, board.over));
  code.incrementAtomic(at(rdi, board.job));
  code.set(rdx, 0x7fffffff);
  wake(code, waiting, at(rdi, board.job));
  code.return();
  return code.finish();
}

/**
 * Calls the work for a task, as often as is wanted one after another, with the addresses of so many arrays. The arguments
 * are the board and the first parameters.
 */
export function call(arrays: number): Uint8Array<ArrayBuffer> {
  const code = new TeamAssembler(8);
  const place = (offset: number) => at(rbx, offset);
  const inRegisters = [rsi, rdx, rcx, r8, r9];
  const pushed = Math.max(0, arrays - inRegisters.length);
  const again = new Label();
  for (const register of [rbx, rbp, r12]) code.push(register);
  code.copy(rbx, rdi);
  code.copy(rbp, rsi);
  code.load(r12, place(board.each));
  code.place(again);
  code.copy(rdi, rbp);
  for (let i = arrays - 1; i >= inRegisters.length; i--) code.pushAt(place(board.arrays + 8 * i));
  for (const [i, register] of inRegisters.slice(0, arrays).entries())
    code.loadLong(register, place(board.arrays + 8 * i));
  code.callAt(place(board.work));
  if (pushed > 0) code.addConstant(4, 8 * pushed);
  code.load(rax, place(board.step));
  code.add(rbp, rax);
  code.decrement(r12);
  code.jumpIfNotZero(again);
  for (const register of [r12, rbp, rbx]) code.pop(register);
  code.return();
  return code.finish();
}
