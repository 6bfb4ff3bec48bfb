import type { Kernel, Memory } from "../jit/engine.ts";
import type { RowKernel } from "../vector/kernel.ts";
import type { Loops } from "../vector/loops.ts";
import type { Lanes } from "./assembler.ts";
import { Blocks } from "./blocks/blocks.ts";
import { Packing } from "./blocks/packing.ts";
import { Pools } from "./blocks/pools.ts";
import { correlateInside, type IsInside, productInside } from "./bounds.ts";
import { correlate, correlateParameters } from "./correlate.ts";
import { type Loader, loader, type Missing } from "./native.ts";
import { answerCount, keptRegisters, lanesOf, maySeeKept, questions } from "./processor.ts";
import { product, productParameters } from "./product.ts";
import { mostStreams } from "./rows/emit.ts";
import { rowKernel } from "./rows/rows.ts";

const MOST_ROW_KERNELS = 4096;

/** Machine code for a kernel of WebAssembly's. */
interface Written {
  readonly code: Uint8Array<ArrayBuffer>;
  /** Which of the parameters, by their number, say how often something is done. Where one is zero, nothing is. */
  readonly counts: readonly number[];
  readonly isInside: IsInside;
}

/** Kernels in machine code, in the memory that they share with WebAssembly's. */
export class X86Kernels {
  /** Floats in a vector. */
  readonly lanes: Lanes;
  /** Products of matrices, on the arrays themselves. */
  readonly blocks: Blocks;
  readonly packing = new Packing();
  readonly pools: Pools;
  readonly #load: Loader;
  readonly #memory: Memory;
  readonly #kernels = new Map<string, Kernel>();
  readonly #rows = new Map<string, RowKernel>();
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);

  private constructor(lanes: Lanes, load: Loader, memory: Memory) {
    this.lanes = lanes;
    this.blocks = new Blocks(lanes, load);
    this.pools = new Pools(load);
    this.#load = load;
    this.#memory = memory;
  }

  /** The kernels, with vectors of `most` floats where there are such, or why there are none on this machine. */
  static in(memory: Memory, load = loader(), most: Lanes = 16): X86Kernels | Missing {
    if ("missing" in load) return load;
    try {
      const lanes = lanesOf(answersOf(load));
      if (lanes !== undefined) return new X86Kernels(lanes < most ? lanes : most, load, memory);
      return { missing: "the processor has no AVX2 and FMA", surprising: true };
    } catch (error) {
      return { missing: (error as Error).message, surprising: true };
    }
  }

  /** The kernel {@link product} for tiles of `rows` × {@link lanes} · `vectors`; what would leave the memory is refused. */
  product(rows: number, vectors: number): Kernel {
    return this.#kernel(`product of ${rows} × ${vectors}`, () => ({
      code: product(this.lanes, rows, vectors),
      counts: [productParameters.indexOf("aPanels"), productParameters.indexOf("bPanels")],
      isInside: productInside(rows, this.lanes * vectors),
    }));
  }

  /** The kernel {@link correlate} for tiles of `lines` × {@link lanes} · `vectors`, likewise. */
  correlate(lines: number, vectors: number): Kernel {
    return this.#kernel(`correlation of ${lines} × ${vectors}`, () => ({
      code: correlate(this.lanes, lines, vectors),
      counts: ["tiles", "panels", "images", "rows", "columns"].map((name) => correlateParameters.indexOf(name)),
      isInside: correlateInside(lines, this.lanes * vectors),
    }));
  }

  /** Loops over rows, on arrays outside of the shared memory; what would leave an array is refused. */
  rows(loops: Loops): RowKernel | undefined {
    const known = this.#rows.get(loops.key);
    if (known !== undefined) return known;
    // Machine code is never unloaded.
    if (this.#rows.size >= MOST_ROW_KERNELS || loops.streams.length > mostStreams) return undefined;
    const kernel = rowKernel(loops, this.#load);
    this.#rows.set(loops.key, kernel);
    return kernel;
  }

  #kernel(name: string, write: () => Written): Kernel {
    const known = this.#kernels.get(name);
    if (known !== undefined) return known;
    const { code, counts, isInside } = write();
    const run = this.#load(code, 2);
    // Room for what a kernel counts itself.
    const parameters = new Int32Array(32);
    const kernel: Kernel = (...given) => {
      if (counts.some((index) => given[index] === 0)) return;
      this.#refresh();
      if (!isInside(given, this.#words)) {
        const size = `the memory of ${this.#words.byteLength} bytes`;
        throw new RangeError(`x86: the ${name} with ${given.join(", ")} leaves ${size}.`);
      }
      parameters.set(given);
      run(this.#bytes, parameters);
    };
    this.#kernels.set(name, kernel);
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

function answersOf(load: Loader): Int32Array {
  const answers = new Int32Array(answerCount);
  const bytes = new Uint8Array(answers.buffer);
  load(questions(), 1)(bytes);
  if (maySeeKept(answers)) load(keptRegisters(), 1)(bytes);
  return answers;
}
