import type { Observation } from "./data.ts";
import type { SteeringState } from "./series/curve-state.ts";

/** Under this symbol a training's steps carry what holds it up and ends it. */
const controlSymbol: unique symbol = Symbol.for("gradbook.control");
/** Under this symbol of `globalThis` a kernel tells which cell is running. */
const cellSymbol: unique symbol = Symbol.for("Jupyter.cell");
/** Under this one it has the signal that an interrupt aborts; who reads it promises to heed it. */
const signalSymbol: unique symbol = Symbol.for("Jupyter.signal");

/** What a training offers with each of its steps. */
interface Control {
  readonly ended?: boolean;
  readonly stopped?: boolean;
  /** Whether it is held up right now. */
  readonly waiting?: boolean;
  pause(): void;
  resume(): void;
  stop(): void;
}

/** One run of one cell. */
interface Cell {
  readonly finished: boolean;
  readonly interrupted: boolean;
}

/** How long a loop that awaits may keep the event loop from turning, in milliseconds: the page must come through. */
const longestBreath = 30;

/** So long a training whose cell has finished may take for a step before it counts as left, in milliseconds. */
const longestStep = 5000;

/** What is known of a training. */
interface Training {
  readonly cell: Cell | undefined;
  /** When its latest step came. */
  at: number;
}

/**
 * Holds up and ends the trainings that feed a curve: those of `train` by the control that their steps carry, loops
 * written by hand by a promise that they await after each step, and by a flag that they look at.
 */
export class Steering {
  readonly #trainings = new Map<Control, Training>();
  /** Cells whose loops have awaited, or looked at the flag. */
  readonly #awaiting = new Set<Cell>();
  readonly #looking = new Set<Cell>();
  readonly #stopped = new WeakSet<Cell>();
  #held: { readonly promise: Promise<void>; release(): void } | undefined;
  #breathedAt = 0;
  #ended: "idle" | "stopped" = "idle";

  /** Looks whether an observation comes from a training that can be steered. */
  notice(observation: Observation): void {
    const control = (observation as { readonly [controlSymbol]?: Control })[controlSymbol];
    if (!control || control.ended || control.stopped) return;
    const known = this.#trainings.get(control);
    if (known) {
      known.at = performance.now();
      return;
    }
    // Before it is held up by a pause that was meant for one that is gone.
    this.#forget();
    this.#trainings.set(control, { cell: currentCell(), at: performance.now() });
    this.#ended = "idle";
    if (this.#held) control.pause();
  }

  /** What a loop written by hand awaits after each step. Not awaited it does nothing, and costs nothing. */
  readonly gate: PromiseLike<void> = {
    // biome-ignore lint/suspicious/noThenProperty: only so can it know whether somebody waits
    then: (passed, failed) => this.#wait().then(passed, failed),
  };

  /** Whether the loops of this cell were told to stop. */
  get stopped(): boolean {
    const cell = currentCell();
    if (!cell) return false;
    this.#note(this.#looking, cell);
    return this.#stopped.has(cell);
  }

  get state(): SteeringState {
    this.#forget();
    const canPause = this.#trainings.size > 0 || this.#awaiting.size > 0;
    const canStop = this.#trainings.size > 0 || this.#looking.size > 0;
    if (!canPause && !canStop) return { state: this.#ended, canPause, canStop };
    return { state: this.#held ? "paused" : "running", canPause, canStop };
  }

  pause(): void {
    if (this.#held) return;
    let release: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#held = { promise, release };
    for (const control of this.#trainings.keys()) control.pause();
  }

  resume(): void {
    this.#held?.release();
    this.#held = undefined;
    for (const control of this.#trainings.keys()) control.resume();
  }

  stop(): void {
    for (const cell of [...this.#looking, ...this.#cells()]) if (cell) this.#stopped.add(cell);
    for (const control of this.#trainings.keys()) control.stop();
    this.#looking.clear();
    this.#trainings.clear();
    // A loop that never looks goes on, and can still be paused.
    for (const cell of this.#awaiting) if (this.#stopped.has(cell)) this.#awaiting.delete(cell);
    this.resume();
    this.#ended = "stopped";
  }

  /** Forgets what is over; what was held up with nothing else goes with it, so that the next training begins at once. */
  #forget(): void {
    for (const [control, training] of this.#trainings) {
      const gone = left(control, training);
      // It may only have taken its time: then it must not wait for ever.
      if (gone) control.resume();
      if (gone || control.ended || training.cell?.interrupted) this.#trainings.delete(control);
    }
    for (const cells of [this.#awaiting, this.#looking])
      for (const cell of cells) if (cell.finished) cells.delete(cell);
    if (this.#trainings.size + this.#awaiting.size + this.#looking.size === 0) this.resume();
  }

  #cells(): (Cell | undefined)[] {
    return [...this.#trainings.values()].map(({ cell }) => cell);
  }

  /** A loop of this cell was written by hand: none that is steered by its steps, and none that was stopped. */
  #note(cells: Set<Cell>, cell: Cell): void {
    if (cell.finished || cells.has(cell) || this.#stopped.has(cell) || this.#cells().includes(cell)) return;
    cells.add(cell);
    this.#ended = "idle";
  }

  async #wait(): Promise<void> {
    const cell = currentCell();
    if (cell) this.#note(this.#awaiting, cell);
    const now = performance.now();
    if (now - this.#breathedAt > longestBreath) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#breathedAt = performance.now();
    }
    while (this.#held) await unlessInterrupted(this.#held.promise);
  }
}

/** Whether nobody asks a training for its steps any more; one that is held up asks, and waits. */
function left({ waiting }: Control, { cell, at }: Training): boolean {
  return cell?.finished === true && waiting !== true && performance.now() - at > longestStep;
}

function currentCell(): Cell | undefined {
  return (globalThis as { readonly [cellSymbol]?: Cell })[cellSymbol];
}

/** @throws what the kernel's signal says, when the cell is interrupted meanwhile. */
async function unlessInterrupted(promise: Promise<void>): Promise<void> {
  const signal = (globalThis as { readonly [signalSymbol]?: AbortSignal })[signalSymbol];
  if (!signal) return promise;
  const { promise: aborted, reject } = withResolvers();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function withResolvers(): { readonly promise: Promise<never>; reject(reason: unknown): void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, failed) => {
    reject = failed;
  });
  return { promise, reject };
}
