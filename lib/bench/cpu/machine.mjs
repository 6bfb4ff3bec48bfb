// What one core of this machine can do at most, by the kernels themselves.
import { engine } from "../../dist/device/cpu/jit/engine.js";
import { setThreads } from "../../dist/index.js";

/** The least milliseconds of many. */
function least(times, work) {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const before = performance.now();
    work();
    best = Math.min(best, performance.now() - before);
  }
  return best;
}

/**
 * Multiplications and additions of floats, 10⁹ a second, on factors that stay in the first-level cache, and bytes copied
 * from memory to memory, 10⁹ a second; undefined where there is no machine code.
 */
export async function measureMachine() {
  setThreads(1);
  const { x86 } = engine() ?? {};
  if (!x86) return { peak: undefined, bandwidth: undefined };
  const { blocks } = x86;
  const tile = { rows: 6, vectors: 2 };
  const [width, depth, tiles, panels] = [2 * blocks.lanes, 128, 4, 50];
  const [a, b] = [new Float32Array(tile.rows * tiles * depth).fill(1), new Float32Array(depth * width).fill(1)];
  const out = new Float32Array(tile.rows * tiles * width * panels);
  // The same panel again and again.
  const product = () =>
    blocks.product(
      tile,
      { values: a, start: 0, row: depth, depth: 1 },
      { values: b, start: 0, panel: 0, depth: width },
      { values: out, start: 0, row: width * panels },
      { tiles, panels, depth, accumulate: false },
    );
  const flops = 2 * tile.rows * tiles * width * panels * depth;
  const [from, to] = [new Float32Array(1 << 24).fill(1), new Float32Array(1 << 24).fill(1)];
  const whole = { start: 0, row: 1 << 24, block: 0 };
  const copy = () =>
    blocks.copy({ ...whole, values: from }, { ...whole, values: to }, { blocks: 1, rows: 1, width: 1 << 24 });
  return { peak: flops / least(1000, product) / 1e6, bandwidth: from.byteLength / least(10, copy) / 1e6 };
}
