/** Forces that push points `y [n · 2]` apart, and the sum of all (1 + distance²)⁻¹ over ordered pairs. */
export type Repulsion = (y: Float64Array, forces: Float64Array) => number;

/** Over all pairs. */
export const exactRepulsion: Repulsion = (y, forces) => {
  const n = y.length / 2;
  forces.fill(0);
  let total = 0;
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const dx = y[2 * i]! - y[2 * j]!;
      const dy = y[2 * i + 1]! - y[2 * j + 1]!;
      const q = 1 / (1 + dx * dx + dy * dy);
      total += 2 * q;
      const [fx, fy] = [q * q * dx, q * q * dy];
      forces[2 * i]! += fx;
      forces[2 * i + 1]! += fy;
      forces[2 * j]! -= fx;
      forces[2 * j + 1]! -= fy;
    }
  return total;
};

const deepest = 48;

/**
 * Points far away are taken together where their square, seen from a point, is smaller than `theta` (Barnes and Hut
 * 1986; van der Maaten 2014): n log n instead of n² steps.
 */
export function barnesHutRepulsion(theta: number): Repulsion {
  let capacity = 0;
  let children = new Int32Array(0);
  let counts = new Int32Array(0);
  let centres = new Float64Array(0);
  let stack = new Int32Array(256);
  const widths = new Float64Array(deepest + 1);
  let levels = new Uint8Array(0);
  return (y, forces) => {
    const n = y.length / 2;
    let [left, right, low, high] = [y[0]!, y[0]!, y[1]!, y[1]!];
    for (let i = 0; i < n; i++) {
      left = Math.min(left, y[2 * i]!);
      right = Math.max(right, y[2 * i]!);
      low = Math.min(low, y[2 * i + 1]!);
      high = Math.max(high, y[2 * i + 1]!);
    }
    const width = Math.max(right - left, high - low) * (1 + 1e-9) + 1e-12;
    for (let level = 0; level <= deepest; level++) widths[level] = width / 2 ** level;
    let nodes = 1;
    const reserve = (wanted: number) => {
      if (wanted <= capacity) return;
      capacity = Math.max(wanted, 2 * capacity, 4 * n);
      const grown = (old: Int32Array, size: number) => {
        const fresh = new Int32Array(size);
        fresh.set(old);
        return fresh;
      };
      children = grown(children, 4 * capacity);
      counts = grown(counts, capacity);
      const wider = new Float64Array(2 * capacity);
      wider.set(centres);
      centres = wider;
      const deeper = new Uint8Array(capacity);
      deeper.set(levels);
      levels = deeper;
    };
    const fresh = (level: number): number => {
      reserve(nodes + 1);
      const node = nodes++;
      children.fill(0, 4 * node, 4 * node + 4);
      counts[node] = 0;
      levels[node] = level;
      centres[2 * node] = centres[2 * node + 1] = 0;
      return node;
    };
    const root = fresh(0);
    for (let i = 0; i < n; i++) {
      const [px, py] = [y[2 * i]!, y[2 * i + 1]!];
      let [node, x0, y0] = [root, left, low];
      for (let level = 0; ; level++) {
        const before = counts[node]!;
        // While points are put in, a square holds their sum; a single one moves down when another comes.
        const [sx, sy] = [centres[2 * node]!, centres[2 * node + 1]!];
        centres[2 * node] = sx + px;
        centres[2 * node + 1] = sy + py;
        counts[node] = before + 1;
        if (before === 0 || level === deepest) break;
        const half = widths[level + 1]!;
        if (before === 1) {
          const corner = (sx >= x0 + half ? 1 : 0) + (sy >= y0 + half ? 2 : 0);
          const child = fresh(level + 1);
          children[4 * node + corner] = child;
          centres[2 * child] = sx;
          centres[2 * child + 1] = sy;
          counts[child] = 1;
        }
        const corner = (px >= x0 + half ? 1 : 0) + (py >= y0 + half ? 2 : 0);
        let child = children[4 * node + corner]!;
        if (child === 0) {
          child = fresh(level + 1);
          children[4 * node + corner] = child;
        }
        if (corner & 1) x0 += half;
        if (corner & 2) y0 += half;
        node = child;
      }
    }
    for (let node = root; node < nodes; node++) {
      centres[2 * node]! /= counts[node]!;
      centres[2 * node + 1]! /= counts[node]!;
    }
    forces.fill(0);
    let total = 0;
    const limit = theta * theta;
    for (let i = 0; i < n; i++) {
      const [px, py] = [y[2 * i]!, y[2 * i + 1]!];
      let [fx, fy, top] = [0, 0, 0];
      stack[top++] = root;
      while (top > 0) {
        const node = stack[--top]!;
        const dx = px - centres[2 * node]!;
        const dy = py - centres[2 * node + 1]!;
        const square = dx * dx + dy * dy;
        const size = widths[levels[node]!]!;
        const count = counts[node]!;
        const isLeaf = count === 1 || levels[node] === deepest;
        if (isLeaf || size * size < limit * square) {
          // Its own place pushes a point nowhere; the sum is over pairs of different points.
          const q = 1 / (1 + square);
          total += count * q;
          const force = count * q * q;
          fx += force * dx;
          fy += force * dy;
          continue;
        }
        if (top + 4 > stack.length) {
          const taller = new Int32Array(2 * stack.length);
          taller.set(stack);
          stack = taller;
        }
        for (let corner = 0; corner < 4; corner++) {
          const child = children[4 * node + corner]!;
          if (child !== 0) stack[top++] = child;
        }
      }
      forces[2 * i] = fx;
      forces[2 * i + 1] = fy;
      // Every point has met itself once, at distance 0.
      total -= 1;
    }
    return total;
  };
}
