import type { Loops } from "../../vector/loops.ts";
import { at, type Place, rdi } from "../assembler.ts";

const VECTOR = 32;
/** What comes before the streams. */
const HEAD = 16;

/**
 * The memory that a kernel and its caller share beside the streams: what the caller says, constants, and values that
 * registers do not hold. Places are in bytes from its beginning, which `rdi` holds.
 */
export class Frame {
  /** Rows that are left. */
  readonly rows = 0;
  /** Elements of a row in whole vectors, and those after them. */
  readonly whole = 4;
  readonly rest = 8;
  /** Elements of a row in whole wide vectors, or in whole groups of others. */
  readonly wide = 12;
  /** All bits set in the lanes of a last vector that a row has. */
  readonly mask: number;
  readonly #streams: number;
  readonly #slots: number;
  readonly #constants = new Map<number, number>();
  readonly #everywhere = new Map<number, Place>();
  #counting: number | undefined;
  #end: number;

  constructor({ streams, slots }: Loops) {
    this.#streams = streams.length;
    const words = HEAD + this.#streams * 16;
    this.mask = Math.ceil(words / VECTOR) * VECTOR;
    this.#slots = this.mask + VECTOR;
    this.#end = this.#slots + slots * VECTOR;
  }

  /** From the beginning of a stream's array to its first element, in bytes. */
  offset(stream: number): number {
    return HEAD + stream * 8;
  }

  /** From a row of a stream to the next, in bytes. */
  stride(stream: number): number {
    return HEAD + 4 + stream * 8;
  }

  /** Where a row of a stream begins. */
  pointer(stream: number): number {
    return HEAD + this.#streams * 8 + stream * 8;
  }

  slot(slot: number): number {
    return this.#slots + slot * VECTOR;
  }

  /** 32 bits for every lane. */
  everywhere(bits: number): Place {
    let place = this.#everywhere.get(bits);
    if (place === undefined) {
      place = { ...inFrame(this.constant(bits)), everywhere: true };
      this.#everywhere.set(bits, place);
    }
    return place;
  }

  /** The place of 32 bits in every lane. */
  constant(bits: number): number {
    const place = this.#constants.get(bits) ?? this.spare();
    this.#constants.set(bits, place);
    return place;
  }

  /** A place for a vector that nothing else uses, or two. */
  spare(vectors = 1): number {
    this.#end += vectors * VECTOR;
    return this.#end - vectors * VECTOR;
  }

  /** The place of 0, 1 … 7. */
  counting(): number {
    this.#counting ??= this.spare();
    return this.#counting;
  }

  get bytes(): number {
    return this.#end;
  }

  /** Writes the constants where they belong. */
  fill(words: Int32Array): void {
    for (const [bits, place] of this.#constants) words.fill(bits, place / 4, (place + VECTOR) / 4);
    if (this.#counting !== undefined) words.set([0, 1, 2, 3, 4, 5, 6, 7], this.#counting / 4);
  }
}

export const inFrame = (place: number): Place => at(rdi, place);
