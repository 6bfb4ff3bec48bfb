import type { Kernel, Memory } from "../jit/engine.ts";
import { type Loader, loader, type MachineFunction, type Missing } from "./native.ts";
import { answerCount, hasVectors, keptRegisters, maySeeKept, questions } from "./processor.ts";
import { LANES, parameterCount, product } from "./product.ts";

/** Products in machine code, in the memory that they share with the WebAssembly kernels. */
export class X86Products {
  readonly #load: Loader;
  readonly #memory: Memory;
  readonly #kernels = new Map<string, Kernel>();
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);

  private constructor(load: Loader, memory: Memory) {
    this.#load = load;
    this.#memory = memory;
  }

  /** The products, or why there are none on this machine. */
  static in(memory: Memory, load = loader()): X86Products | Missing {
    if ("missing" in load) return load;
    try {
      if (canRun(load)) return new X86Products(load, memory);
      return { missing: "the processor has no AVX2 and FMA", surprising: true };
    } catch (error) {
      return { missing: (error as Error).message, surprising: true };
    }
  }

  /** The kernel {@link product} for tiles of `rows` × 8 `vectors`; what would leave the memory is refused. */
  kernel(rows: number, vectors: number): Kernel {
    const key = `${rows}×${vectors}`;
    const known = this.#kernels.get(key);
    if (known !== undefined) return known;
    const run: MachineFunction = this.#load(product(rows, vectors), 2);
    const parameters = new Int32Array(parameterCount);
    const kernel: Kernel = (...given) => {
      const [, , , , , , aPanels, bPanels] = given;
      if (aPanels === 0 || bPanels === 0) return;
      this.#refresh();
      checkBounds(given, this.#words, rows, vectors);
      parameters.set(given);
      run(this.#bytes, parameters);
    };
    this.#kernels.set(key, kernel);
    return kernel;
  }

  /** A memory that has grown is another one. */
  #refresh(): void {
    const { buffer } = this.#memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
  }
}

function canRun(load: Loader): boolean {
  const answers = new Int32Array(answerCount);
  const bytes = new Uint8Array(answers.buffer);
  load(questions(), 1)(bytes);
  if (!maySeeKept(answers)) return false;
  load(keptRegisters(), 1)(bytes);
  return hasVectors(answers);
}

/**
 * Refuses a call that would read or write outside the memory; or that would write over the offsets, after which it
 * might read anywhere.
 */
function checkBounds(given: readonly number[], words: Int32Array, rows: number, vectors: number): void {
  const [a, b, bStride, offsets, out, outStride, aPanels, bPanels, depth] = given as unknown as NineNumbers;
  const width = vectors * LANES * 4;
  const size = words.byteLength;
  const whole = given.length === parameterCount && given.every((value) => Number.isInteger(value) && value >= 0);
  const [offsetsEnd, outEnd] = [offsets + depth * 4, out + (aPanels * rows - 1) * outStride + bPanels * width];
  if (whole && offsets % 4 === 0 && offsetsEnd <= size && (outEnd <= offsets || offsetsEnd <= out)) {
    let [least, most] = [0, 0];
    for (let i = offsets / 4; i < offsetsEnd / 4; i++) {
      const offset = words[i]!;
      if (offset < least) least = offset;
      if (offset > most) most = offset;
    }
    const read = Math.max(a + aPanels * depth * rows * 4, b + (bPanels - 1) * bStride + most + width);
    if (least === 0 && read <= size && outEnd <= size) return;
  }
  throw new RangeError(`x86: a product of ${given.join(", ")} leaves the memory of ${size} bytes.`);
}

type NineNumbers = [number, number, number, number, number, number, number, number, number];
