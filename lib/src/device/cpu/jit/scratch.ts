import { type Engine, engine, forgetEngine, MOST_PAGES } from "./engine.ts";

const PAGE = 65536;
/** Kernels may read a few vectors past the end of what they were given. */
const SLACK = 256;
/** Above this the memory is given back after the call: most programs never need as much again. */
const MOST_KEPT = 256 << 20;

class ScratchFull extends Error {}

/**
 * The kernels' memory during one call: regions are claimed one after another and all given up at the end.
 * What a region holds at first is undefined.
 */
export class Scratch {
  readonly engine: Engine;
  /** Bytes in all. */
  readonly capacity: number;
  #top = SLACK;

  constructor(engine: Engine, capacity: number = MOST_PAGES * PAGE) {
    this.engine = engine;
    this.capacity = capacity;
  }

  /** The address of `bytes` bytes, a multiple of 64. When there is no room, {@link withScratch} ends. */
  claim(bytes: number): number {
    const address = this.#top;
    const top = address + Math.ceil(bytes / 64) * 64 + SLACK;
    // Nor is there for what is no size.
    if (!(bytes >= 0 && top <= this.capacity)) throw new ScratchFull();
    const { memory } = this.engine;
    const missing = Math.ceil((top - memory.buffer.byteLength) / PAGE);
    if (missing > 0) {
      try {
        memory.grow(missing);
      } catch {
        throw new ScratchFull();
      }
    }
    this.#top = top;
    return address;
  }

  /** Where the next region will begin; {@link rewind} gives up all that lie above. */
  get mark(): number {
    return this.#top;
  }

  rewind(mark: number): void {
    this.#top = mark;
  }

  /** The memory as floats. Claiming may leave an older view empty: ask again afterwards. */
  get floats(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.engine.memory.buffer);
  }

  /** The memory as integers, likewise. */
  get integers(): Int32Array<ArrayBuffer> {
    return new Int32Array(this.engine.memory.buffer);
  }
}

/** The result of `work`, or undefined when there is no engine or its memory does not suffice. */
export function withScratch<T>(work: (scratch: Scratch) => T): T | undefined {
  const running = engine();
  if (running === null) return undefined;
  try {
    return work(new Scratch(running));
  } catch (error) {
    if (error instanceof ScratchFull) return undefined;
    throw error;
  } finally {
    if (running.memory.buffer.byteLength > MOST_KEPT) forgetEngine();
  }
}
