import { setImmediate as turn } from "node:timers/promises";
import type { TensorLike } from "../data.ts";
import type { RunSettings, RunState, RunStatus } from "./state.ts";

/** A moment of t-SNE at work, as gradbook's `tsne` gives it. */
export interface MapMoment {
  readonly iteration: number;
  /** `[n, 2]` or `[n, 3]` */
  readonly positions: TensorLike;
  readonly klDivergence: number;
}

/** What a run asks for, and whom it tells. */
export interface RunParts {
  /** Starts t-SNE; from places where it has been before, after so many iterations, when it goes on. */
  start(settings: RunSettings, from?: { readonly positions: TensorLike; readonly iteration: number }): Moments;
  /** Is told of every map, while more are coming. */
  moved(): void;
  /** Is told when it begins, ends, pauses or fails. */
  settled(): void;
}

type Moments = AsyncIterator<MapMoment> | AsyncIterable<MapMoment>;

/**
 * Runs t-SNE step by step, so that it can be paused between two iterations, and lets the kernel's event loop turn after
 * each of them.
 */
export class MapRun {
  readonly #parts: RunParts;
  #settings: RunSettings;
  #status: RunStatus = "waiting";
  #last: MapMoment | undefined;
  #error: unknown;
  /** How many iterations it makes, and where it will end. */
  #length: number;
  #end: number;
  /** Where it pauses before its end. */
  #stop = Number.POSITIVE_INFINITY;
  #moments: AsyncIterator<MapMoment> | undefined;
  /** Iterations that were made before `#moments` began. */
  #before = 0;
  /** Which loop is the one that counts: an older one leaves when it sees another number. */
  #loopNumber = 0;
  #looping = false;
  #computing = false;
  /** An iteration was cut off by an interrupt, and may never end. */
  #cut = false;
  #gaveWay = false;
  readonly #waiting: (() => void)[] = [];

  constructor(parts: RunParts, settings: RunSettings, length: number) {
    this.#parts = parts;
    this.#settings = settings;
    this.#length = length;
    this.#end = length;
  }

  get state(): RunState {
    const { iteration } = this;
    const note = this.#status === "failed" ? messageOf(this.#error) : "";
    const iterations = Math.max(iteration, this.#end);
    const kl = this.#last?.klDivergence ?? null;
    return { status: this.#status, iteration, iterations, kl, note, settings: this.#settings };
  }

  get iteration(): number {
    return this.#last ? this.#before + this.#last.iteration : 0;
  }

  /** The current map. */
  get positions(): TensorLike | undefined {
    return this.#last?.positions;
  }

  get active(): boolean {
    return this.#status === "preparing" || this.#status === "running";
  }

  /** Begins, or goes on where it was paused; one that has come to its end goes on for as long again. */
  play(settings: RunSettings): void {
    if (this.active) return;
    if (this.#status === "failed") {
      this.restart(settings);
      return;
    }
    if (!this.#last) this.#settings = settings;
    if (this.iteration >= this.#end) this.#end = this.iteration + this.#length;
    this.#stop = Number.POSITIVE_INFINITY;
    this.#go();
  }

  /** Holds it up after the iteration that is being made. */
  pause(): void {
    if (this.active) this.#settle("paused");
  }

  /** Makes one iteration, or as many as t-SNE makes between two maps. */
  step(settings: RunSettings): void {
    if (this.active) {
      this.pause();
      return;
    }
    if (this.#status === "failed") this.restart(settings);
    else {
      if (!this.#last) this.#settings = settings;
      this.#go();
    }
    this.#stop = this.iteration + 1;
  }

  /** Begins anew. */
  restart(settings: RunSettings): void {
    this.#leave();
    this.#settings = settings;
    this.#last = undefined;
    this.#before = 0;
    this.#end = this.#length;
    this.#stop = Number.POSITIVE_INFINITY;
    this.#go();
  }

  /** Sets how many iterations it makes, all in all. */
  setLength(iterations: number): void {
    this.#length = iterations;
    this.#end = iterations;
  }

  /** Pauses because another one is wanted: whoever waits for the end waits no longer. */
  giveWay(): void {
    if (!this.active) return;
    this.#gaveWay = true;
    this.pause();
  }

  /** Ends it because of something that went wrong with its maps. */
  fail(error: unknown): void {
    if (this.#status === "failed") return;
    this.#leave();
    this.#error = error;
    this.#settle("failed");
  }

  /** Resolves when it has come to its end or gave way; being paused is no end. @throws what t-SNE has thrown */
  async ended(): Promise<void> {
    this.#gaveWay = false;
    while (this.#status !== "done" && this.#status !== "failed" && !this.#gaveWay)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#status === "failed") throw this.#error;
  }

  /** The running cell is interrupted: an iteration that is being made right now may never come to its end. */
  interrupted(): void {
    this.#cut = this.#computing;
    this.pause();
  }

  #go(): void {
    if (this.#cut) this.#leave();
    this.#status = this.#last ? "running" : "preparing";
    this.#parts.settled();
    if (!this.#looping) void this.#loop(++this.#loopNumber);
  }

  /** Gives up what is being computed. */
  #leave(): void {
    const moments = this.#moments;
    this.#loopNumber++;
    this.#looping = this.#computing = this.#cut = false;
    this.#forget();
    moments?.return?.()?.catch(() => undefined);
  }

  /** What follows starts from the last map. */
  #forget(): void {
    const { iteration } = this;
    this.#moments = undefined;
    if (!this.#last) return;
    this.#last = { ...this.#last, iteration: 0 };
    this.#before = iteration;
  }

  async #loop(number: number): Promise<void> {
    const isOver = () => number !== this.#loopNumber;
    this.#looping = true;
    try {
      const from = this.#last && { positions: this.#last.positions, iteration: this.iteration };
      this.#moments ??= iteratorOf(this.#parts.start(this.#settings, from));
      while (this.active) {
        this.#computing = true;
        const { value, done } = await this.#moments.next();
        if (isOver()) return;
        this.#computing = this.#cut = false;
        if (done) {
          this.#forget();
          this.#end = this.iteration;
          this.#settle("done");
          break;
        }
        this.#last = value;
        this.#look();
        await turn();
        if (isOver()) return;
      }
    } catch (error) {
      if (isOver()) return;
      this.#forget();
      this.#error = error;
      this.#settle("failed");
    }
    this.#looping = this.#computing = false;
  }

  /** There is a new map. */
  #look(): void {
    if (!this.active) this.#parts.settled();
    else if (this.iteration >= this.#end) this.#settle("done");
    else if (this.iteration >= this.#stop) this.#settle("paused");
    else {
      this.#status = "running";
      this.#parts.moved();
    }
  }

  #settle(status: "paused" | "done" | "failed"): void {
    this.#status = status;
    this.#parts.settled();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function iteratorOf(moments: Moments): AsyncIterator<MapMoment> {
  return Symbol.asyncIterator in moments ? moments[Symbol.asyncIterator]() : moments;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
