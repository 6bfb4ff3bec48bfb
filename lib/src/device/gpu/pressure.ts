/** Growth of the memory in use up to this needs no looking after. */
const CALM = 4 << 20;
/** Memory in use above this is looked after whatever time it takes. */
const SHORT = 128 << 20;
/** Below, between two collections passes so many times what one takes. */
const SELDOM = 50;

type Collect = () => void;

/** The garbage collector of Node, called by hand; null elsewhere. */
let collector: Promise<Collect | null> | null = null;

async function find(): Promise<Collect | null> {
  const { gc, process } = globalThis as { gc?: Collect; process?: { versions?: { node?: string } } };
  if (gc !== undefined) return gc;
  if (process?.versions?.node === undefined) return null;
  try {
    // Not literals: no bundler should look for Node's own modules.
    const [v8, vm] = ["node:v8", "node:vm"];
    const { setFlagsFromString } = (await import(v8)) as { setFlagsFromString(flags: string): void };
    const { runInNewContext } = (await import(vm)) as { runInNewContext(code: string): Collect };
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc");
  } catch {
    return null;
  }
}

/**
 * The garbage collector does not see the GPU's memory: a tensor that nobody holds any more is a small object to it, and
 * no reason to work. When the memory in use has grown much since the last time, this asks it to, where one waits anyway:
 * seldom enough to cost next to no time, unless memory may run short.
 */
export class Pressure {
  readonly #weight: () => number;
  #calm = CALM;
  /** Until then collecting again would take too much of the time. */
  #rest = 0;

  constructor(weight: () => number) {
    this.#weight = weight;
  }

  async relieve(): Promise<void> {
    const weight = this.#weight();
    if (weight <= this.#calm) return;
    const began = performance.now();
    if (weight <= SHORT && began < this.#rest) return;
    // Whoever waits at the same time need not do it, too.
    this.#calm = Number.POSITIVE_INFINITY;
    collector ??= find();
    const collect = await collector;
    if (collect !== null) {
      collect();
      // Memory comes back in a turn of its own.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const ended = performance.now();
    this.#rest = ended + SELDOM * (ended - began);
    this.#calm = this.#weight() + Math.max(CALM, this.#weight());
  }
}
