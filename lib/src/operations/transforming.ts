import { tensorOf } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { concat } from "./joining.ts";

/** Up to this length a transform is one product with a matrix. */
const small = 32;

/** A table of complex numbers e^(i angle), laid out for products with pairs. */
function table(x: Tensor, shape: readonly number[], values: Float64Array): Tensor {
  return x.dtype === "float64"
    ? tensorOf(values, "float64", shape, x.device)
    : tensorOf(Float32Array.from(values), "float32", shape, x.device);
}

/** −2π jk/n, or 2π jk/n for the inverse, with the product taken modulo n first, so that it stays exact. */
function angle(j: number, k: number, n: number, inverse: boolean): number {
  return ((inverse ? 2 : -2) * Math.PI * ((j * k) % n)) / n;
}

/** Each pair times a complex number of a table `[…, 2]`. */
function times(x: Tensor, factors: Float64Array, shape: readonly number[]): Tensor {
  const [same, crossed] = [new Float64Array(factors.length), new Float64Array(factors.length)];
  for (let i = 0; i < factors.length; i += 2) {
    same[i] = same[i + 1] = factors[i]!;
    crossed[i] = -factors[i + 1]!;
    crossed[i + 1] = factors[i + 1]!;
  }
  return x.mul(table(x, shape, same)).add(x.flip(-1).mul(table(x, shape, crossed)));
}

/** `[…, n, 2]` times the matrix of the transform, as a real product of twice the size. */
function direct(x: Tensor, inverse: boolean): Tensor {
  const n = x.shape.at(-2)!;
  const matrix = new Float64Array(4 * n * n);
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < n; k++) {
      const turn = angle(j, k, n, inverse);
      const [c, s] = [Math.cos(turn), Math.sin(turn)];
      const at = (row: number, column: number) => (2 * j + row) * 2 * n + 2 * k + column;
      matrix[at(0, 0)] = c;
      matrix[at(0, 1)] = s;
      matrix[at(1, 0)] = -s;
      matrix[at(1, 1)] = c;
    }
  }
  const lead = x.shape.slice(0, -2);
  const rows = x.reshape([lead.reduce((product, size) => product * size, 1), 2 * n]);
  return rows.matmul(table(x, [2 * n, 2 * n], matrix)).reshape([...lead, n, 2]);
}

/** The largest divisor of `n` that is no larger than `small`; 1 where n is a larger prime. */
function divisor(n: number): number {
  for (let d = small; d > 1; d--) if (n % d === 0) return d;
  return 1;
}

/** Without the factor 1/n of the inverse. */
function unscaled(x: Tensor, inverse: boolean): Tensor {
  const n = x.shape.at(-2)!;
  if (n <= small) return direct(x, inverse);
  const a = divisor(n);
  if (a === 1) return byChirps(x, inverse);
  // n = a · b: place j = b j₁ + j₂ and frequency k = k₁ + a k₂ (Cooley and Tukey 1965).
  const b = n / a;
  const lead = x.shape.slice(0, -2);
  const swap = (y: Tensor) => y.swapAxes([-2, -3]);
  const inner = direct(swap(x.reshape([...lead, a, b, 2])), inverse);
  const twiddles = new Float64Array(2 * n);
  for (let j = 0; j < b; j++) {
    for (let k = 0; k < a; k++) {
      const turn = angle(j, k, n, inverse);
      twiddles[2 * (j * a + k)] = Math.cos(turn);
      twiddles[2 * (j * a + k) + 1] = Math.sin(turn);
    }
  }
  const outer = unscaled(swap(times(inner, twiddles, [b, a, 2])), inverse);
  return swap(outer).reshape([...lead, n, 2]);
}

/** For a length without small divisors: a convolution with chirps, of a length that has them (Bluestein 1970). */
function byChirps(x: Tensor, inverse: boolean): Tensor {
  const n = x.shape.at(-2)!;
  let wide = 1;
  while (wide < 2 * n - 1) wide *= 2;
  const chirp = new Float64Array(2 * n);
  for (let j = 0; j < n; j++) {
    // jk = (j² + k² − (k − j)²) / 2
    const turn = ((inverse ? 1 : -1) * Math.PI * ((j * j) % (2 * n))) / n;
    chirp[2 * j] = Math.cos(turn);
    chirp[2 * j + 1] = Math.sin(turn);
  }
  const opposite = new Float64Array(2 * wide);
  for (let j = 0; j < n; j++) {
    for (const at of j === 0 ? [0] : [j, wide - j]) {
      opposite[2 * at] = chirp[2 * j]!;
      opposite[2 * at + 1] = -chirp[2 * j + 1]!;
    }
  }
  const none = x.shape.map(() => 0);
  const padded = times(x, chirp, [n, 2]).pad({ before: none, after: none.with(-2, wide - n) });
  const response = unscaled(table(x, [wide, 2], opposite), false);
  const product = complexProduct(unscaled(padded, false), response);
  const convolved = unscaled(product, true)
    .mul(1 / wide)
    .slice({ axis: -2, stop: n });
  return times(convolved, chirp, [n, 2]);
}

function complexProduct(a: Tensor, b: Tensor): Tensor {
  const part = (x: Tensor, i: number) => x.slice({ axis: -1, start: i, stop: i + 1 });
  const [ar, ai, br, bi] = [part(a, 0), part(a, 1), part(b, 0), part(b, 1)];
  return concat([ar.mul(br).sub(ai.mul(bi)), ar.mul(bi).add(ai.mul(br))], -1);
}

/** The Fourier transform of pairs `[…, n, 2]` over n, or its inverse, written in operations. */
export function transform(x: Tensor, inverse: boolean): Tensor {
  const y = unscaled(x, inverse);
  return inverse ? y.mul(1 / x.shape.at(-2)!) : y;
}

/** Each complex number mirrored at the real axis. */
export function conjugate(x: Tensor): Tensor {
  return x.mul(table(x, [2], Float64Array.of(1, -1)));
}
