import type { Surroundings } from "../install/jupyter-folders.ts";

/** How a check came out: all is well, something is worth knowing, or something essential is broken. */
export type Status = "ok" | "warning" | "broken";

/** What a check found. */
export interface Finding {
  readonly status: Status;
  /** What is, in a sentence. */
  readonly says: string;
  /** How to go on, where something can be mended. */
  readonly remedy?: string;
}

/** What checks look at. Passed in, so that they can be tested with broken surroundings. */
export interface Patient {
  readonly around: Surroundings;
  /** What keeps ZeroMQ from working, if anything does. */
  zeromqProblem(): Promise<string | undefined>;
  /** What `device("gpu")` would find. */
  gpu(): Promise<GpuTrial>;
  /** The kernel started for the checks that need one, at most once. */
  kernel(): Promise<TrialRun>;
}

/** What came of asking for a GPU. */
export interface GpuTrial {
  /** Whether the package that finds it is not installed. */
  readonly missing?: boolean;
  /** Why it did not work. */
  readonly failure?: string;
  /** What the GPU calls itself; nothing where none answers. */
  readonly name?: string;
  readonly vendor?: string;
  /** The largest tensor, in bytes, and the threads that work together at most. */
  readonly bytes?: number;
  readonly threads?: number;
}

/** What came of starting the kernel and running two cells. */
export interface TrialRun {
  /** Why it did not start; nothing else is known then. */
  readonly failure?: string;
  /** Until it answered, in milliseconds. */
  readonly startMs: number;
  /** The text of the result of `6 * 7`, or the error's, and how long it took in milliseconds. */
  readonly answer: string;
  readonly answerMs: number;
  /** What came of a cell with an error of types: the error's name. */
  readonly typeError: string;
}

/** One thing to check. */
export interface Check {
  /** What is checked, in a word or two. */
  readonly name: string;
  /** Looks; it may throw, which is told as something broken. */
  run(patient: Patient): Finding[] | Promise<Finding[]>;
}

/** All is well. */
export function ok(says: string): Finding {
  return { status: "ok", says };
}

/** Worth knowing, but the kernel works. */
export function warning(says: string, remedy?: string): Finding {
  return remedy === undefined ? { status: "warning", says } : { status: "warning", says, remedy };
}

/** The kernel cannot work like this. */
export function broken(says: string, remedy: string): Finding {
  return { status: "broken", says, remedy };
}
