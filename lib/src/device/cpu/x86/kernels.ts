import type { Kernel, Memory } from "../jit/engine.ts";
import type { RowKernel } from "../vector/kernel.ts";
import type { Loops } from "../vector/loops.ts";
import type { Lanes } from "./assembler.ts";
import { Abreast } from "./blocks/abreast.ts";
import { Batches } from "./blocks/batches.ts";
import { Blocks } from "./blocks/blocks.ts";
import { Images } from "./blocks/images.ts";
import { Packing } from "./blocks/packing.ts";
import { Pools } from "./blocks/pools.ts";
import { correlateInside, type IsInside, productInside } from "./bounds.ts";
import { correlate, correlateParameters } from "./correlate.ts";
import { type Loader, loader, type MachineFunction, type Missing } from "./native.ts";
import { answerCount, keptRegisters, lanesOf, maySeeKept, questions } from "./processor.ts";
import { product, productParameters } from "./product.ts";
import { fitsRegisters } from "./rows/emit.ts";
import { rowKernel } from "./rows/rows.ts";
import { MOST_SHARES, shareOf, stepFor, type Team, teamOf } from "./team/team.ts";

const MOST_ROW_KERNELS = 4096;
/** Words of a call's parameters, with room for what a kernel counts itself. */
const WORDS = stepFor(32);
/** Multiplications in a nanosecond, about. */
const SPEED = 40;

/** One of the ways to split a call: which parameter is split, and by what others move on with each of its units. */
interface Axis {
  readonly count: number;
  readonly moves: readonly (readonly [parameter: number, step: number])[];
}

type Four = [number, number, number, number];

/** Machine code for a kernel of WebAssembly's. */
interface Written {
  readonly code: Uint8Array<ArrayBuffer>;
  /** Which of the parameters, by their number, say how often something is done. Where one is zero, nothing is. */
  readonly counts: readonly number[];
  readonly isInside: IsInside;
  /** How a call may be split among threads, and how many multiplications it is. */
  readonly split: (given: readonly number[]) => { readonly axes: readonly Axis[]; readonly products: number };
}

/** Kernels in machine code, in the memory that they share with WebAssembly's. */
export class X86Kernels {
  /** Floats in a vector. */
  readonly lanes: Lanes;
  /** Products of matrices, on the arrays themselves. */
  readonly blocks: Blocks;
  /** The same for many at once. */
  readonly batches: Batches;
  readonly packing = new Packing();
  readonly pools: Pools;
  readonly images: Images;
  readonly abreast: Abreast;
  readonly #load: Loader;
  readonly #team: Team;
  readonly #memory: Memory;
  readonly #kernels = new Map<string, Kernel>();
  readonly #rows = new Map<string, RowKernel>();
  readonly #parameters = new Int32Array(WORDS * MOST_SHARES);
  /** The memory, once for each array that a kernel asks for. */
  #arrays: readonly Uint8Array[] = [];
  #words = new Int32Array(0);

  private constructor(lanes: Lanes, load: Loader, memory: Memory) {
    this.lanes = lanes;
    this.#team = teamOf(load);
    this.blocks = new Blocks(lanes, load, this.#team);
    this.batches = new Batches(this.blocks, this.#team);
    this.pools = new Pools(load, this.#team);
    this.images = new Images(lanes, load, this.#team);
    this.abreast = new Abreast(lanes, load, this.#team);
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
    const [a, b, bStride, out, outStride, aPanels, bPanels, depth] = (
      ["a", "b", "bStride", "out", "outStride", "aPanels", "bPanels", "depth"] as const
    ).map((name) => productParameters.indexOf(name)) as [...Four, ...Four];
    const columns = this.lanes * vectors;
    return this.#kernel(`product of ${rows} × ${vectors}`, () => ({
      code: product(this.lanes, rows, vectors),
      counts: [aPanels, bPanels],
      isInside: productInside(rows, columns),
      split: (given) => ({
        axes: [
          {
            count: bPanels,
            moves: [
              [b, given[bStride]!],
              [out, columns * 4],
            ],
          },
          {
            count: aPanels,
            moves: [
              [a, given[depth]! * rows * 4],
              [out, rows * given[outStride]!],
            ],
          },
        ],
        products: given[aPanels]! * rows * given[bPanels]! * columns * given[depth]!,
      }),
    }));
  }

  /** The kernel {@link correlate} for tiles of `lines` × {@link lanes} · `vectors`, likewise. */
  correlate(lines: number, vectors: number): Kernel {
    const index = (name: string) => correlateParameters.indexOf(name);
    const [offsets, g, gPanel, out, outStride] = ["offsets", "g", "gPanel", "out", "outStride"].map(index) as [
      ...Four,
      number,
    ];
    const counts = ["tiles", "panels", "images", "rows", "columns"].map(index);
    const [tiles, panels] = counts as [number, number];
    const across = this.lanes * vectors;
    return this.#kernel(`correlation of ${lines} × ${vectors}`, () => ({
      code: correlate(this.lanes, lines, vectors),
      counts,
      isInside: correlateInside(lines, across),
      split: (given) => ({
        axes: [
          {
            count: tiles,
            moves: [
              [offsets, lines * 4],
              [out, lines * given[outStride]!],
            ],
          },
          {
            count: panels,
            moves: [
              [g, given[gPanel]!],
              [out, across * 4],
            ],
          },
        ],
        products: counts.reduce((product, count) => product * given[count]!, lines * across),
      }),
    }));
  }

  /** Loops over rows, on arrays outside of the shared memory; what would leave an array is refused. */
  rows(loops: Loops): RowKernel | undefined {
    const known = this.#rows.get(loops.key);
    if (known !== undefined) return known;
    // Machine code is never unloaded.
    if (this.#rows.size >= MOST_ROW_KERNELS || !fitsRegisters(loops)) return undefined;
    const kernel = rowKernel(loops, this.lanes, this.#load, this.#team);
    this.#rows.set(loops.key, kernel);
    return kernel;
  }

  #kernel(name: string, write: () => Written): Kernel {
    const known = this.#kernels.get(name);
    if (known !== undefined) return known;
    const { code, counts, isInside, split } = write();
    const run = this.#load(code, 5);
    const kernel: Kernel = (...given) => {
      if (counts.some((index) => given[index] === 0)) return;
      this.#refresh();
      if (!isInside(given, this.#words)) {
        const size = `the memory of ${this.#words.byteLength} bytes`;
        throw new RangeError(`x86: the ${name} with ${given.join(", ")} leaves ${size}.`);
      }
      this.#share(run, given, split(given));
    };
    this.#kernels.set(name, kernel);
    return kernel;
  }

  /** Has the team do a call, split where it has most units. */
  #share(run: MachineFunction, given: readonly number[], { axes, products }: ReturnType<Written["split"]>): void {
    const units = ({ count }: Axis) => given[count]!;
    const axis = axes.reduce((best, next) => (units(next) > units(best) ? next : best));
    const tasks = this.#team.shares(units(axis), products / SPEED);
    for (let task = 0; task < tasks; task++) {
      const [first, end] = [shareOf(units(axis), tasks, task), shareOf(units(axis), tasks, task + 1)];
      this.#parameters.set(given, task * WORDS);
      this.#parameters[task * WORDS + axis.count] = end - first;
      for (const [parameter, step] of axis.moves)
        this.#parameters[task * WORDS + parameter] = given[parameter]! + first * step;
    }
    this.#team.run(run, this.#parameters, WORDS, { tasks }, this.#arrays);
  }

  /** A memory that has grown is another one. */
  #refresh(): void {
    const { buffer } = this.#memory;
    if (this.#words.buffer === buffer) return;
    this.#arrays = Array(4).fill(new Uint8Array(buffer));
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
