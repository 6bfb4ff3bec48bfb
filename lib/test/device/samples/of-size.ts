import { shapes } from "../../../src/operations/record.ts";
import type { Sample } from "./inputs.ts";

/** A sample, and values for it where those that are usual will not do. */
export interface Sized {
  readonly sample: Sample;
  readonly value?: (k: number, size: number, input: number) => number;
  /** Whether an element must not be zero or nearly so. */
  readonly isLarge?: (k: number, input: number) => boolean;
}

/**
 * Symmetric matrices that are well apart from singular ones, with eigenvalues well apart from each other, and whatever
 * they are to be multiplied with.
 */
function regular(n: number): Omit<Sized, "sample"> {
  const place = (k: number) => [Math.floor(k / (n * n)), Math.floor(k / n) % n, k % n] as const;
  return {
    value: (k, _size, input) => {
      const [matrix, row, column] = place(k);
      if (input > 0) return Math.sin(1.3 * k + 0.7);
      return row === column ? 3 + 0.9 * row + 0.01 * matrix : 0.11 * Math.sin(1.7 * (row + column) + matrix);
    },
    isLarge: (k, input) => input === 0 && place(k)[1] === place(k)[2],
  };
}

/** As many rows as there are to be `many` elements in all, if each is `each`. */
const rowsOf = (many: number, each: number) => Math.max(1, Math.ceil(many / each));

const matrices = (n: number, many: number): Sized => ({
  sample: { shapes: shapes([rowsOf(many, n * n), n, n]), fractions: true },
  ...regular(n),
});

const solved = (n: number, many: number): Sized => {
  const count = rowsOf(many, n * n);
  return { sample: { shapes: shapes([count, n, n], [count, n, 3]), fractions: true }, ...regular(n) };
};

const plain = (sample: Sample, options?: unknown): Sized => ({
  sample: options === undefined ? sample : { ...sample, options: options as never },
});
const complex = (n: number, many: number) => plain({ shapes: shapes([rowsOf(many, 2 * n), n, 2]) });
const signals = (n: number, many: number) => plain({ shapes: shapes([rowsOf(many, 2 * n), 2, n]) }, { size: 2 });
const pictures = (options: object) => (n: number, many: number) =>
  plain({ shapes: shapes([rowsOf(many, 4 * n), 1, 4, n]) }, options);

/** What is of a size, for operations whose inputs and options depend on each other. */
const table: Readonly<Record<string, (n: number, many: number) => Sized>> = {
  ...{ fft: complex, ifft: complex },
  irfft: (n, many) => plain(complex(n, many).sample, n === 1 ? { length: 1 } : undefined),
  squaredMagnitude: (n, many) => plain({ shapes: shapes([rowsOf(many, 2 * n), n, 2]) }),
  ...{ avgPool1d: signals, maxPool1d: signals },
  ...{ avgPool2d: pictures({ size: 2 }), lpPool2d: pictures({ size: 2, power: 2 }) },
  spreadOverWindows: (n, many) => {
    const shape = [rowsOf(many, 3 * n), 1, 3, n];
    const indices = { 1: [0, 5, 2, 1, 3, 3, 4, 0, 0, 1, 2, 5] };
    return plain({ shapes: [shape, shape], indices }, { size: [2, 3], stride: [1, 2], to: [4, 2 * n + 1] });
  },
  conv1d: (n, many) => plain({ shapes: shapes([rowsOf(many, 2 * n), 2, n], [3, 2, 3]) }, { stride: 2, padding: 1 }),
  conv2d: (n, many) => plain({ shapes: shapes([rowsOf(many, 10 * n), 2, 5, n], [3, 2, 3, 2]) }, { padding: 1 }),
  fold: (n, many) => {
    const shape = [rowsOf(many, 3 * n), n, 3];
    return plain({ shapes: [shape] }, { axis: 1, size: 3, length: n + 2 });
  },
  ...{ eigh: matrices, svd: matrices, qr: matrices, cholesky: matrices, inverse: matrices },
  ...{ det: matrices, determinant: matrices, logDet: matrices },
  ...{ solve: solved, triangularSolve: solved },
  outer: (n, many) => plain({ shapes: shapes([n], [rowsOf(many, n)]) }),
  diag: (n, many) => plain({ shapes: shapes([Math.max(n, Math.ceil(Math.sqrt(many)))]) }),
  broadcastTo: (n, many) => plain({ shapes: shapes([n, 1]) }, [n, rowsOf(many, n)]),
  sumTo: (n, many) => plain({ shapes: shapes([rowsOf(many, n), n]) }, [rowsOf(many, n), 1]),
  reshape: (n, many) => plain({ shapes: shapes([rowsOf(many, n), n]) }, [n, -1]),
  unflatten: (n, many) => plain({ shapes: shapes([rowsOf(many, 3 * n), 3 * n]) }, { axis: 1, sizes: [3, -1] }),
  maxout: (n, many) => plain({ shapes: shapes([rowsOf(many, 2 * n), 2 * n]) }, { pieces: 2 }),
  gruCell: (n, many) => {
    const rows = rowsOf(many, 7 * n);
    return plain({ shapes: shapes([rows, 3 * n], [rows, 3 * n], [rows, n]) });
  },
  lstmCell: (n, many) => plain({ shapes: shapes([rowsOf(many, 5 * n), 4 * n], [rowsOf(many, 5 * n), n]) }),
};

/** A sample of an operation in which something is of length `n`, with about `many` elements, where it needs a rule of its own. */
export const ofSize = (name: string, n: number, many: number): Sized | undefined => table[name]?.(n, many);
