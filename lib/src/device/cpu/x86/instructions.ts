import type { Instruction } from "./assembler.ts";

const plain = (opcode: number): Instruction => ({ map: 1, prefix: 0, opcode });
const whole = (opcode: number): Instruction => ({ map: 1, prefix: 1, opcode });
const half = (instruction: Instruction): Instruction => ({ ...instruction, half: true });

/** The instructions of AVX2 and FMA on vectors of eight floats that loops over rows consist of. */
export const instructions = {
  copy: plain(0x28),
  load: plain(0x10),
  store: plain(0x11),
  /** Only where the mask's sign is set; nothing else is touched. */
  loadMasked: { map: 2, prefix: 1, opcode: 0x2c },
  storeMasked: { map: 2, prefix: 1, opcode: 0x2e },
  /** One float in every lane. */
  broadcast: { map: 2, prefix: 1, opcode: 0x18 },
  /** Eight bytes as whole numbers. */
  fromBytes: { map: 2, prefix: 1, opcode: 0x31 },
  add: plain(0x58),
  mul: plain(0x59),
  sub: plain(0x5c),
  min: plain(0x5d),
  div: plain(0x5e),
  max: plain(0x5f),
  sqrt: plain(0x51),
  and: plain(0x54),
  /** The bits of the second operand that are not in the first. */
  notAnd: plain(0x55),
  or: plain(0x56),
  xor: plain(0x57),
  compare: plain(0xc2),
  round: { map: 3, prefix: 1, opcode: 0x08 },
  /** The second operand where the mask, a register in the upper half of a byte at the end, has its sign set. */
  blend: { map: 3, prefix: 1, opcode: 0x4a },
  fromInt: plain(0x5b),
  addInt: whole(0xfe),
  subInt: whole(0xfa),
  equalInt: whole(0x76),
  greaterInt: whole(0x66),
  /** `register` says which shift it is, `first` is the result. */
  shift: whole(0x72),
  /** to = to · second + first. */
  multiplyAdd132: { map: 2, prefix: 1, opcode: 0x98 },
  /** to = first · to + second. */
  multiplyAdd213: { map: 2, prefix: 1, opcode: 0xa8 },
  /** to = first · second + to. */
  multiplyAdd231: { map: 2, prefix: 1, opcode: 0xb8 },
  /** Four floats as doubles. */
  widen: plain(0x5a),
  addDouble: whole(0x58),
  /** The upper half of a vector; `register` is what it is of, `second` where it goes. */
  upperHalf: { map: 3, prefix: 1, opcode: 0x19 },
  addHalfDouble: half(whole(0x58)),
  /** The sum of two doubles. */
  addAcross: half(whole(0x7c)),
  /** Four doubles as floats, in half a vector. */
  narrowFour: whole(0x5a),
  storeHalf: half(plain(0x11)),
  /** A double as a float. */
  narrow: half({ map: 1, prefix: 3, opcode: 0x5a }),
  /** The four floats of half a vector in any order. */
  permuteHalf: half({ map: 3, prefix: 1, opcode: 0x04 }),
  /** Floats of two vectors in turns, of the lower pairs or the upper ones of each half. */
  interleaveLow: plain(0x14),
  interleaveHigh: plain(0x15),
  /** Two floats of each, in each half. */
  shuffle: plain(0xc6),
  /** Pairs of floats in any order. */
  permutePairs: { map: 3, prefix: 1, opcode: 0x01, wide: true },
  /** Halves of two vectors. */
  joinHalves: { map: 3, prefix: 1, opcode: 0x06 },
  /** Whole numbers of two halves to half as many bits, bounded. */
  packToWords: half(whole(0x6b)),
  packToBytes: half(whole(0x63)),
  /** The lowest float. */
  storeOne: half({ map: 1, prefix: 2, opcode: 0x11 }),
  /** Eight bytes. */
  storeLow: half(plain(0x13)),
} as const satisfies Record<string, Instruction>;

/** What `compare` asks. */
export const comparisons = {
  ...{ equal: 0, less: 1, lessEqual: 2, unordered: 3, notEqual: 4 },
  ...{ notLessEqual: 6, ordered: 7, notGreaterEqual: 9 },
} as const;
/** How `round` rounds, without telling. */
export const roundings = { nearest: 8, floor: 9, ceil: 10, trunc: 11 } as const;
/** Which `shift` it is. */
export const shifts = { shl: 6, shr: 4 } as const;
