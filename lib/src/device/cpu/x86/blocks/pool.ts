import { Assembler, at, Label, r8, r9, r10, r11, rax, rcx, rdi, rdx, rsi } from "../assembler.ts";
import { comparisons, instructions } from "../instructions.ts";

/**
 * What the first argument of the kernels for windows of 2 × 2, side by side, holds: 32-bit words, steps in bytes. Planes
 * are images of one channel, `lines` the rows of windows of each; after `whole` times eight windows of a line come those
 * of the masks: for the windows, and for twice as many pixels, in two vectors.
 */
export const poolParameters = [
  ...(["largeStart", "smallStart", "placeStart", "row", "planeRest", "planes", "lines", "whole", "rest"] as const),
  ...(["windows", "pixels"] as const),
] as const;

/** Bytes of the parameters; the masks begin at multiples of a vector. */
const VECTOR = 32;
const WINDOW_MASK = 2 * VECTOR;
const PIXEL_MASKS = [3 * VECTOR, 4 * VECTOR] as const;
export const poolWords = {
  windowMask: WINDOW_MASK / 4,
  pixelMask: PIXEL_MASKS[0] / 4,
  constants: 40,
  all: 72,
} as const;

const parameter = (name: (typeof poolParameters)[number]) => at(rdi, 4 * poolParameters.indexOf(name));
/** The places 0 to 3 of a window, in every lane. */
const constant = (value: number) => at(rdi, 4 * poolWords.constants + value * VECTOR);

const [large, small, places, row, lines, lower, count] = [rsi, rdx, rcx, r8, r9, r10, rax];
/** The mask of windows, and those of pixels. */
const masks = [13, 14, 15] as const;

type Body = (code: Assembler, isRest: boolean) => void;

/** Goes over all windows; a body does eight of them, or the rest of a line, and stays where it is. */
function overWindows(body: Body): Uint8Array<ArrayBuffer> {
  const code = new Assembler(8);
  const [nextPlane, nextLine, nextEight, rest, ended] = Array.from({ length: 5 }, () => new Label()) as [
    ...[Label, Label, Label],
    ...[Label, Label],
  ];
  for (const [array, start] of [
    [large, "largeStart"],
    [small, "smallStart"],
    [places, "placeStart"],
  ] as const) {
    code.loadSigned(r11, parameter(start));
    code.add(array, r11);
  }
  code.loadSigned(row, parameter("row"));
  for (const [i, place] of [WINDOW_MASK, ...PIXEL_MASKS].entries())
    code.vector(instructions.load, masks[i]!, 0, at(rdi, place));

  code.place(nextPlane);
  code.load(lines, parameter("lines"));
  code.place(nextLine);
  code.load(count, parameter("whole"));
  code.addConstant(count, 0);
  code.jumpIfZero(rest);
  code.place(nextEight);
  code.address(lower, { base: large, index: row });
  body(code, false);
  code.addConstant(large, 2 * VECTOR);
  code.addConstant(small, VECTOR);
  code.addConstant(places, VECTOR);
  code.decrement(count);
  code.jumpIfNotZero(nextEight);
  code.place(rest);
  code.addConstantAt(parameter("rest"), 0);
  code.jumpIfZero(ended);
  code.address(lower, { base: large, index: row });
  body(code, true);
  // Four bytes for each window, eight for its pixels.
  code.load(r11, parameter("windows"));
  code.add(small, r11);
  code.add(places, r11);
  code.add(large, r11);
  code.add(large, r11);
  code.place(ended);
  // From the end of the line to the beginning of the next but one.
  code.load(r11, parameter("pixels"));
  code.add(large, r11);
  code.decrement(lines);
  code.jumpIfNotZero(nextLine);
  code.loadSigned(r11, parameter("planeRest"));
  code.add(large, r11);
  code.decrementAt(parameter("planes"));
  code.jumpIfNotZero(nextPlane);
  code.endVectors();
  code.return();
  return code.finish();
}

/** Sixteen pixels of a row as those of even and odd columns, in registers `even` and `even + 1`; their order is kept among them. */
function readPixels(code: Assembler, from: number, even: number, spare: number, isRest: boolean): void {
  for (const half of [0, 1])
    if (isRest) code.vector(instructions.loadMasked, spare + half, masks[1 + half]!, at(from, half * VECTOR));
    else code.vector(instructions.load, spare + half, 0, at(from, half * VECTOR));
  code.vector(instructions.shuffle, even, spare, spare + 1, 0x88);
  code.vector(instructions.shuffle, even + 1, spare, spare + 1, 0xdd);
}

/** Brings pairs of lanes from the order of {@link readPixels} into theirs, or back. */
const ORDER = 0b11_01_10_00;

function writeWindows(code: Assembler, register: number, isRest: boolean): void {
  code.vector(instructions.permutePairs, register, 0, register, ORDER);
  if (isRest) code.vector(instructions.storeMasked, register, masks[0], at(small));
  else code.vector(instructions.store, register, 0, at(small));
}

/** The largest of each window: NaN if one is, and 0 above −0. Arguments: parameters, pixels, results. */
export function poolMax(): Uint8Array<ArrayBuffer> {
  return overWindows((code, isRest) => {
    readPixels(code, large, 0, 4, isRest);
    readPixels(code, lower, 2, 4, isRest);
    for (const [to, other] of [
      [0, 1],
      [2, 3],
      [0, 2],
    ] as const) {
      code.vector(instructions.compare, 4, to, other, comparisons.unordered);
      code.vector(instructions.max, 5, to, other);
      code.vector(instructions.max, to, other, to);
      code.vector(instructions.and, to, to, 5);
      code.vector(instructions.or, to, to, 4);
    }
    writeWindows(code, 0, isRest);
  });
}

/** Where in its window the largest is, from 0 to 3: the first of equals, and a NaN before all. */
export function poolPlace(): Uint8Array<ArrayBuffer> {
  return overWindows((code, isRest) => {
    readPixels(code, large, 0, 4, isRest);
    readPixels(code, lower, 2, 4, isRest);
    code.clearVector(6);
    for (const place of [1, 2, 3]) {
      code.vector(instructions.compare, 4, place, 0, comparisons.notLessEqual);
      code.vector(instructions.compare, 5, 0, 0, comparisons.ordered);
      code.vector(instructions.and, 4, 4, 5);
      code.vector(instructions.blend, 0, 0, place, 4 << 4);
      code.vector(instructions.load, 5, 0, constant(place));
      code.vector(instructions.blend, 6, 6, 5, 4 << 4);
    }
    writeWindows(code, 6, isRest);
  });
}

/**
 * Puts what belongs to each window where its place says, and zeros elsewhere. Arguments: parameters, the pixels to write,
 * what belongs to the windows, and the places, from 0 to 3.
 */
export function poolSpread(): Uint8Array<ArrayBuffer> {
  return overWindows((code, isRest) => {
    const [value, place, zero, spare] = [0, 1, 2, 8];
    for (const [register, from] of [
      [value, small],
      [place, places],
    ] as const) {
      if (isRest) code.vector(instructions.loadMasked, register, masks[0], at(from));
      else code.vector(instructions.load, register, 0, at(from));
      code.vector(instructions.permutePairs, register, 0, register, ORDER);
    }
    code.clearVector(zero);
    for (const line of [0, 1]) {
      for (const column of [0, 1]) {
        const to = 4 + column;
        code.vector(instructions.equalInt, to, place, constant(2 * line + column));
        code.vector(instructions.and, to, to, value);
        // −0 becomes 0, as where something is added to nothing.
        code.vector(instructions.add, to, to, zero);
      }
      code.vector(instructions.interleaveLow, spare, 4, 5);
      code.vector(instructions.interleaveHigh, spare + 1, 4, 5);
      for (const half of [0, 1]) {
        const to = at(line === 0 ? large : lower, half * VECTOR);
        if (isRest) code.vector(instructions.storeMasked, spare + half, masks[1 + half]!, to);
        else code.vector(instructions.store, spare + half, 0, to);
      }
    }
  });
}
