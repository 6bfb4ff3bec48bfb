import { threads } from "../../threads.ts";
import type { Loader, MachineFunction, Pointer, Threads } from "../native.ts";
import { boardBytes, call, dismiss, follow, lead, MOST_ARRAYS, MOST_TASKS, order } from "./code.ts";

/** Tasks of a job for each thread: some threads are slower than others. */
const EACH = 2;
/** The most tasks that jobs are split into. */
export const MOST_SHARES = 192;
/** Nanoseconds of work, about, in all and in each task, below which one thread does a job sooner. */
const LEAST = { job: 12_000, task: 3000 } as const;

/** Where a task's share of so many units begins. */
export const shareOf = (units: number, tasks: number, task: number) => Math.floor((units * task) / tasks);

/** What is to be done: tasks, which may be done at the same time, of some calls each, one after another. */
export interface Job {
  readonly tasks: number;
  /** Once, if not said. */
  readonly each?: number;
  /** Whether it is large enough to be shared; as soon as there is more than one task, if not said. */
  readonly together?: boolean;
}

/** Threads that are at work on one board. */
interface Crew {
  readonly size: number;
  readonly board: Pointer;
  /** How many there are, with the one that calls, as far as is known, and how many have gone. */
  there: number;
  gone: number;
}

/** Seconds without work after which a thread goes; when there is work again, another takes its place. */
const IDLE = 30;
/** Bytes that no two threads are to write to: two lines of the cache, which some processors fetch together. */
const APART = 128;

/** Words from the parameters of a call to those of the next, for so many: kernels use theirs up, and arrays begin anywhere. */
export const stepFor = (words: number) => (Math.ceil((words * 4) / APART) + 1) * (APART / 4);

const teams = new WeakMap<Loader, Team>();

/** The one team that works with what a loader loads. */
export function teamOf(load: Loader): Team {
  const known = teams.get(load) ?? new Team(load);
  teams.set(load, known);
  return known;
}

/**
 * Threads that share kernels' work with the one that calls them. A job is a kernel with parameters for each of some
 * tasks; whoever is free takes the next task. Which thread does a task changes nothing in what it computes.
 *
 * The threads run machine code alone: they wait for some fifty microseconds for the next job, then sleep until there is one,
 * and end when there has been none for long.
 */
export class Team {
  readonly #load: Loader;
  readonly #threads: Threads | undefined;
  readonly #order = new Int32Array(order.words);
  readonly #leads: MachineFunction[] = [];
  readonly #calls: MachineFunction[] = [];
  #crew: Crew | undefined;
  #own: Pointer | undefined;
  /** A size for which the system had no threads. */
  #refused = 0;
  readonly #idle: number;

  constructor(load: Loader, idle = IDLE) {
    this.#idle = idle;
    this.#load = load;
    this.#threads = load.threads;
  }

  /** How many work on a job, the calling thread among them. */
  get size(): number {
    const size = this.#threads === undefined ? 1 : threads();
    return size === this.#refused ? 1 : size;
  }

  /** Into how many tasks to split so many units of work, which take one thread about so many nanoseconds in all. */
  shares(units: number, nanoseconds: number): number {
    if (nanoseconds < LEAST.job) return 1;
    const { size } = this;
    if (size === 1) return 1;
    return Math.max(1, Math.min(units, EACH * size, MOST_SHARES, Math.floor(nanoseconds / LEAST.task)));
  }

  /**
   * Has a job done. Parameters of the calls follow each other in `frames`, `step` words each; all calls are given the same
   * arrays, whose bounds the caller has checked.
   */
  run(work: MachineFunction, frames: Int32Array, step: number, job: Job, arrays: readonly ArrayBufferView[]): void {
    const { tasks, each = 1, together = tasks > 1 } = job;
    if (tasks > MOST_TASKS) {
      for (let first = 0; first < tasks; first += MOST_TASKS) {
        const some = { tasks: Math.min(MOST_TASKS, tasks - first), each, together };
        this.run(work, frames.subarray(first * each * step), step, some, arrays);
      }
      return;
    }
    if (tasks * each === 1) {
      work(frames, ...arrays);
      return;
    }
    const board = arrays.length > MOST_ARRAYS ? undefined : (together && this.#gather()?.board) || this.#solo();
    if (board === undefined) {
      for (let i = 0; i < tasks * each; i++) work(frames.subarray(i * step, (i + 1) * step), ...arrays);
      return;
    }
    const count = arrays.length;
    this.#leads[count] ??= this.#load(lead(count, this.#threads!.waiting), 3 + count);
    this.#calls[count] ??= this.#load(call(count), 2);
    const words = this.#order;
    [words[order.work], words[order.work + 1]] = work.address;
    [words[order.caller], words[order.caller + 1]] = this.#calls[count].address;
    words[order.stride] = step * 4 * each;
    words[order.each] = each;
    words[order.step] = step * 4;
    words[order.tasks] = tasks;
    this.#leads[count](board, words, frames, ...arrays);
    const crew = this.#crew;
    if (crew === undefined || crew.board !== board) return;
    crew.there -= words[order.gone]! - crew.gone;
    crew.gone = words[order.gone]!;
  }

  /** Where one thread does a job of many calls alone, for which JavaScript then is asked once. */
  #solo(): Pointer | undefined {
    this.#own ??= this.#threads?.memory(boardBytes);
    return this.#own;
  }

  /** As many threads as there are to be; none where one is to do it all. */
  #gather(): Crew | undefined {
    const { size } = this;
    if ((this.#crew?.size ?? 1) !== size) {
      if (this.#crew !== undefined) this.#load(dismiss(this.#threads!.waiting), 1)(this.#crew.board);
      this.#crew = size === 1 ? undefined : { size, board: this.#threads!.memory(boardBytes), there: 1, gone: 0 };
    }
    const crew = this.#crew;
    if (crew !== undefined) this.#fill(crew);
    return this.#crew;
  }

  /** Starts the threads that are missing. */
  #fill(crew: Crew): void {
    try {
      for (; crew.there < crew.size; crew.there++)
        this.#threads!.start(this.#load(follow(this.#idle, this.#threads!.waiting), 1), crew.board);
    } catch {
      // With those that there are, then; they end by themselves where nobody asks for them.
      if (crew.there > 1) crew.there = crew.size;
      else [this.#refused, this.#crew] = [crew.size, undefined];
    }
  }
}
