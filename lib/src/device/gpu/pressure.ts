/** Memory in use up to this needs no looking after. */
const CALM = 128 << 20;

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
 * no reason to work. When the memory in use has doubled since the last time, this asks it to, where one waits anyway.
 */
export class Pressure {
  readonly #live: () => number;
  #calm = CALM;

  constructor(live: () => number) {
    this.#live = live;
  }

  async relieve(): Promise<void> {
    if (this.#live() <= this.#calm) return;
    collector ??= find();
    const collect = await collector;
    if (collect !== null) {
      collect();
      // Memory comes back in a turn of its own.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    this.#calm = Math.max(CALM, 2 * this.#live());
  }
}
