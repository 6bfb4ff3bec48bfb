/** Forces that push points `y [n · dimensions]` apart, and the sum of all (1 + distance²)⁻¹ over ordered pairs. */
export type Repulsion = (y: Float64Array, forces: Float64Array) => number;

/** Over all pairs, in the plane or in space. */
export function exactRepulsion(dimensions: 2 | 3 = 2): Repulsion {
  const inSpace = dimensions === 3;
  return (y, forces) => {
    forces.fill(0);
    let total = 0;
    for (let i = 0; i < y.length; i += dimensions)
      for (let j = i + dimensions; j < y.length; j += dimensions) {
        const dx = y[i]! - y[j]!;
        const dy = y[i + 1]! - y[j + 1]!;
        const dz = inSpace ? y[i + 2]! - y[j + 2]! : 0;
        const q = 1 / (1 + dx * dx + dy * dy + dz * dz);
        total += 2 * q;
        const [fx, fy] = [q * q * dx, q * q * dy];
        forces[i]! += fx;
        forces[i + 1]! += fy;
        forces[j]! -= fx;
        forces[j + 1]! -= fy;
        if (!inSpace) continue;
        forces[i + 2]! += q * q * dz;
        forces[j + 2]! -= q * q * dz;
      }
    return total;
  };
}

const deepest = 48;

/**
 * Points far away are taken together where their square or cube, seen from a point, is smaller than `theta` (Barnes and
 * Hut 1986; van der Maaten 2014): n log n instead of n² steps.
 */
export function barnesHutRepulsion(theta: number, dimensions: 2 | 3 = 2): Repulsion {
  const inSpace = dimensions === 3;
  const corners = 2 ** dimensions;
  let capacity = 0;
  let children = new Int32Array(0);
  let counts = new Int32Array(0);
  let centres = new Float64Array(0);
  let stack = new Int32Array(256);
  const widths = new Float64Array(deepest + 1);
  let levels = new Uint8Array(0);
  return (y, forces) => {
    const n = y.length / dimensions;
    const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    let width = 0;
    for (let axis = 0; axis < dimensions; axis++) {
      let most = Number.NEGATIVE_INFINITY;
      for (let at = axis; at < y.length; at += dimensions) {
        least[axis] = Math.min(least[axis]!, y[at]!);
        most = Math.max(most, y[at]!);
      }
      width = Math.max(width, most - least[axis]!);
    }
    width = width * (1 + 1e-9) + 1e-12;
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
      children = grown(children, corners * capacity);
      counts = grown(counts, capacity);
      const wider = new Float64Array(3 * capacity);
      wider.set(centres);
      centres = wider;
      const deeper = new Uint8Array(capacity);
      deeper.set(levels);
      levels = deeper;
    };
    const fresh = (level: number): number => {
      reserve(nodes + 1);
      const node = nodes++;
      children.fill(0, corners * node, corners * (node + 1));
      counts[node] = 0;
      levels[node] = level;
      centres[3 * node] = centres[3 * node + 1] = centres[3 * node + 2] = 0;
      return node;
    };
    const root = fresh(0);
    for (let i = 0; i < n; i++) {
      const at = dimensions * i;
      const [px, py] = [y[at]!, y[at + 1]!];
      const pz = inSpace ? y[at + 2]! : 0;
      let [node, x0, y0, z0] = [root, least[0]!, least[1]!, inSpace ? least[2]! : 0];
      for (let level = 0; ; level++) {
        const before = counts[node]!;
        // While points are put in, a cell holds their sum; a single one moves down when another comes.
        const [sx, sy, sz] = [centres[3 * node]!, centres[3 * node + 1]!, centres[3 * node + 2]!];
        centres[3 * node] = sx + px;
        centres[3 * node + 1] = sy + py;
        centres[3 * node + 2] = sz + pz;
        counts[node] = before + 1;
        if (before === 0 || level === deepest) break;
        const half = widths[level + 1]!;
        if (before === 1) {
          const corner = (sx >= x0 + half ? 1 : 0) + (sy >= y0 + half ? 2 : 0) + (inSpace && sz >= z0 + half ? 4 : 0);
          const child = fresh(level + 1);
          children[corners * node + corner] = child;
          centres[3 * child] = sx;
          centres[3 * child + 1] = sy;
          centres[3 * child + 2] = sz;
          counts[child] = 1;
        }
        const corner = (px >= x0 + half ? 1 : 0) + (py >= y0 + half ? 2 : 0) + (inSpace && pz >= z0 + half ? 4 : 0);
        let child = children[corners * node + corner]!;
        if (child === 0) {
          child = fresh(level + 1);
          children[corners * node + corner] = child;
        }
        if (corner & 1) x0 += half;
        if (corner & 2) y0 += half;
        if (corner & 4) z0 += half;
        node = child;
      }
    }
    for (let node = root; node < nodes; node++) {
      centres[3 * node]! /= counts[node]!;
      centres[3 * node + 1]! /= counts[node]!;
      centres[3 * node + 2]! /= counts[node]!;
    }
    let total = 0;
    const limit = theta * theta;
    for (let i = 0; i < n; i++) {
      const at = dimensions * i;
      const [px, py] = [y[at]!, y[at + 1]!];
      const pz = inSpace ? y[at + 2]! : 0;
      let [fx, fy, fz, top] = [0, 0, 0, 0];
      stack[top++] = root;
      while (top > 0) {
        const node = stack[--top]!;
        const dx = px - centres[3 * node]!;
        const dy = py - centres[3 * node + 1]!;
        const dz = pz - centres[3 * node + 2]!;
        const square = dx * dx + dy * dy + dz * dz;
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
          fz += force * dz;
          continue;
        }
        if (top + corners > stack.length) {
          const taller = new Int32Array(2 * stack.length);
          taller.set(stack);
          stack = taller;
        }
        for (let corner = 0; corner < corners; corner++) {
          const child = children[corners * node + corner]!;
          if (child !== 0) stack[top++] = child;
        }
      }
      forces[at] = fx;
      forces[at + 1] = fy;
      if (inSpace) forces[at + 2] = fz;
      // Every point has met itself once, at distance 0.
      total -= 1;
    }
    return total;
  };
}
