import { threads } from "../../threads.ts";
import type { Loader, MachineFunction, Pointer, Threads } from "../native.ts";
import { boardBytes, call, dismiss, follow, lead, MOST_ARRAYS, order } from "./code.ts";

/** Tasks of a job for each thread: some threads are slower than others. */
const EACH = 3;
/** The most tasks that jobs are split into. */
export const MOST_SHARES = 192;
/** Nanoseconds of work, about, in all and in each task, below which one thread does a job sooner. */
const LEAST = { job: 12_000, task: 3000 } as const;

/** Where a task's share of so many units begins. */
export const shareOf = (units: number, tasks: number, task: number) => Math.floor((units * task) / tasks);

/** Threads that are at work on one board. */
interface Crew {
  readonly size: number;
  readonly board: Pointer;
}

/**
 * Threads that share kernels' work with the one that calls them. A job is a kernel with parameters for each of some
 * tasks; whoever is free takes the next task. Which thread does a task changes nothing in what it computes.
 *
 * The threads run machine code alone: they wait for some fifty microseconds for the next job, then sleep until there is one.
 */
export class Team {
  readonly #load: Loader;
  readonly #threads: Threads | undefined;
  readonly #order = new Int32Array(order.words);
  readonly #leads: MachineFunction[] = [];
  readonly #calls: MachineFunction[] = [];
  #crew: Crew | undefined;
  /** Set where the system has no more threads. */
  #alone = false;

  constructor(load: Loader) {
    this.#load = load;
    this.#threads = load.threads;
  }

  /** How many work on a job, the calling thread among them. */
  get size(): number {
    return this.#threads === undefined || this.#alone ? 1 : threads();
  }

  /** Into how many tasks to split so many units of work, which take one thread about so many nanoseconds in all. */
  shares(units: number, nanoseconds: number): number {
    if (nanoseconds < LEAST.job) return 1;
    const { size } = this;
    if (size === 1) return 1;
    return Math.max(1, Math.min(units, EACH * size, MOST_SHARES, Math.floor(nanoseconds / LEAST.task)));
  }

  /**
   * Calls a kernel once for each task, with the task's parameters, `step` words each, and the arrays. Tasks must not
   * touch what others of them write.
   */
  run(
    work: MachineFunction,
    frames: Int32Array,
    step: number,
    tasks: number,
    arrays: readonly ArrayBufferView[],
  ): void {
    const crew = tasks > 1 && arrays.length <= MOST_ARRAYS ? this.#gather() : undefined;
    if (crew === undefined) {
      for (let task = 0; task < tasks; task++)
        work(task === 0 ? frames : frames.subarray(task * step, (task + 1) * step), ...arrays);
      return;
    }
    const count = arrays.length;
    this.#leads[count] ??= this.#load(lead(count), 3 + count);
    this.#calls[count] ??= this.#load(call(count), 2);
    putAddress(this.#order, order.work, work.address);
    putAddress(this.#order, order.caller, this.#calls[count].address);
    this.#order[order.step] = step * 4;
    this.#order[order.tasks] = tasks;
    this.#leads[count](crew.board, this.#order, frames, ...arrays);
  }

  /** As many threads as there are to be; none where one is to do it all. */
  #gather(): Crew | undefined {
    const { size } = this;
    if (this.#crew?.size !== size) this.#replace(size);
    return this.#crew;
  }

  #replace(size: number): void {
    if (this.#crew !== undefined) this.#load(dismiss(), 1)(this.#crew.board);
    this.#crew = undefined;
    if (size === 1) return;
    const board = this.#threads!.memory(boardBytes);
    const work = this.#load(follow(), 1);
    let started = 1;
    try {
      for (; started < size; started++) this.#threads!.start(work, board);
    } catch {
      // With those that there are, then.
      this.#alone = started === 1;
    }
    if (!this.#alone) this.#crew = { size, board };
  }
}

function putAddress(words: Int32Array, at: number, address: bigint): void {
  words[at] = Number(BigInt.asIntN(32, address));
  words[at + 1] = Number(BigInt.asIntN(32, address >> 32n));
}
