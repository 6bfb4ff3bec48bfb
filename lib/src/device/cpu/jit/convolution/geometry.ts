/**
 * One axis of a convolution: `out[o] = Σ_t x[(o · stride + t · dilation − before) / inputDilation] · filter[t]`,
 * over the taps `t` for which the index is whole and inside.
 */
export interface Axis {
  readonly inputs: number;
  readonly taps: number;
  readonly outputs: number;
  readonly stride: number;
  readonly dilation: number;
  readonly inputDilation: number;
  readonly before: number;
}

/**
 * How to compute an axis by reading runs of memory only.
 *
 * The outputs `first, first + step, …` of a phase all use the same taps, so the zeros of an input dilation are never
 * multiplied. The input is kept as planes: plane `r` holds `x[r], x[r + spread], …`, beginning at index `low` and with
 * zeros outside the input, so that neighbouring outputs of a phase read neighbouring elements of one plane.
 */
export interface AxisPlan {
  readonly phases: readonly Phase[];
  /** Outputs of a phase lie this far apart. */
  readonly step: number;
  /** Taps of a phase lie this far apart. */
  readonly tapStep: number;
  readonly planes: readonly Plane[];
  /** Elements of one plane. */
  readonly length: number;
  /** Elements of one plane lie this far apart in the input. */
  readonly spread: number;
}

export interface Phase {
  readonly first: number;
  readonly outputs: number;
  readonly firstTap: number;
  /** For each tap, what the phase's first output reads: an element `at` of a plane. */
  readonly reads: readonly { readonly plane: number; readonly at: number }[];
}

/** Elements `at … at + count − 1` of a plane are the input's `from, from + spread, …`; the others are zero. */
export interface Plane {
  readonly at: number;
  readonly from: number;
  readonly count: number;
}

export function planAxis(axis: Axis): AxisPlan {
  const step = axis.inputDilation / greatestCommonDivisor(axis.stride, axis.inputDilation);
  const tapStep = axis.inputDilation / greatestCommonDivisor(axis.dilation, axis.inputDilation);
  const spread = (axis.stride * step) / axis.inputDilation;
  const found = Array.from({ length: Math.min(step, axis.outputs) }, (_, first) => {
    const outputs = Math.ceil((axis.outputs - first) / step);
    const taps = Array.from({ length: axis.taps }, (_, tap) => tap).flatMap((tap) => {
      const position = first * axis.stride + tap * axis.dilation - axis.before;
      if (position % axis.inputDilation !== 0) return [];
      const index = position / axis.inputDilation;
      const shift = Math.floor(index / spread);
      return [{ tap, residue: index - shift * spread, shift }];
    });
    return { first, outputs, taps };
  });

  const shifts = found.flatMap(({ taps, outputs }) => taps.flatMap(({ shift }) => [shift, shift + outputs - 1]));
  const low = shifts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = shifts.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const length = shifts.length === 0 ? 1 : high - low + 1;
  const residues = [...new Set(found.flatMap(({ taps }) => taps.map(({ residue }) => residue)))].sort((a, b) => a - b);
  const phases = found.map(({ first, outputs, taps }) => ({
    first,
    outputs,
    firstTap: taps[0]?.tap ?? 0,
    reads: taps.map(({ residue, shift }) => ({ plane: residues.indexOf(residue), at: shift - low })),
  }));
  const planes = residues.map((residue) => {
    const at = Math.max(0, Math.ceil(-residue / spread) - low);
    const end = Math.min(length, Math.ceil((axis.inputs - residue) / spread) - low);
    return { at, from: (at + low) * spread + residue, count: Math.max(0, end - at) };
  });
  return { phases, step, tapStep, planes, length, spread };
}

/** The same sums with the outputs in the place of the taps: `Σ_o x[…] · g[o]` for each tap, as its gradient is. */
export function swapRoles(axis: Axis): Axis {
  return { ...axis, taps: axis.outputs, outputs: axis.taps, stride: axis.dilation, dilation: axis.stride };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
