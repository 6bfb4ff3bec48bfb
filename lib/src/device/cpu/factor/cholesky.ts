/** The lower triangle L with L Lᵀ = A of a symmetric `n × n` matrix, of which the lower half is read; NaN from the first pivot on that is not positive. */
export function cholesky(a: Float64Array, n: number, out: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= out[i * n + k]! * out[j * n + k]!;
      // The square root of a negative pivot is NaN, which a pivot of zero becomes as well.
      if (i === j) out[i * n + i] = sum === 0 ? Number.NaN : Math.sqrt(sum);
      else out[i * n + j] = sum / out[j * n + j]!;
    }
  }
}
