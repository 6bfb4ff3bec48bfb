/** A map at a size at which it is a stamp. */
export interface SmallMap {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly high: number;
}

/** Makes a map small: each new cell is the largest of those that it covers, so that no line of single weights is lost. */
export function smallMap(weights: Float32Array, rows: number, columns: number, most: number): SmallMap {
  const [down, across] = [Math.ceil(rows / most), Math.ceil(columns / most)];
  const small = { rows: Math.ceil(rows / down), columns: Math.ceil(columns / across) };
  const values = new Float32Array(small.rows * small.columns);
  let high = 0;
  for (let row = 0; row < rows; row++) {
    const target = Math.floor(row / down) * small.columns;
    for (let column = 0; column < columns; column++) {
      const weight = weights[row * columns + column]!;
      const at = target + Math.floor(column / across);
      if (weight > values[at]!) values[at] = weight;
      if (weight > high) high = weight;
    }
  }
  return { ...small, values, high: high || 1 };
}
