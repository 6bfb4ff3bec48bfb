const DENORMAL = 1e-40;
/** The least positive float32. */
export const LEAST = 2 ** -149;
const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, DENORMAL, -LEAST, -0];

/** Which elements are special, and which value they have instead of a usual one. */
export interface Placement {
  readonly name: string;
  readonly at: (k: number, size: number, usual: number) => number;
  /** Whether products of what is placed may be too small for float32, or quotients too large. */
  readonly hasDenormals: boolean;
  /** Whether all elements are small. */
  readonly isSmall: boolean;
}

/** Where one value is, in some elements and in all. */
const ofOne = (values: readonly number[]): readonly Placement[] =>
  values.flatMap((special): Placement[] => {
    const common = { hasDenormals: special !== 0 && Math.abs(special) < 1, isSmall: false };
    const name = Object.is(special, -0) ? "−0" : `${special}`;
    return [
      { ...common, name: `some ${name}`, at: (k, size, usual) => (k % 7 === (size > 7 ? 3 : 0) ? special : usual) },
      { ...common, name: `all ${name}`, at: () => special },
    ];
  });

/** NaN and infinities, as every device has them. */
export const notFinite = ofOne(specials.slice(0, 3));

/** All of them. */
export const everything: readonly Placement[] = [
  ...ofOne(specials),
  {
    ...{ name: "one of each", hasDenormals: true, isSmall: false },
    at: (k, _, usual) => (k % 5 === 2 ? specials[(k - 2) % specials.length]! : usual),
  },
  { ...{ name: "all small", hasDenormals: true, isSmall: true }, at: (_k, _size, usual) => usual * DENORMAL },
];
