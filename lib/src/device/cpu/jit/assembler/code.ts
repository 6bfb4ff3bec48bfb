import { signed, unsigned } from "./leb128.ts";

export type ValueType = "i32" | "f32" | "v128";

/** Instructions that leave one value of type `T` on the stack. */
export interface Code<T extends ValueType> {
  readonly type: T;
  readonly bytes: readonly number[];
}
/** Instructions that leave nothing on the stack. */
export type Statement = readonly number[];

/** A variable of a function: reading it is a {@link Code}. */
export interface Local<T extends ValueType> extends Code<T> {
  set(value: Code<T>): Statement;
}

type I32 = Code<"i32">;
type F32 = Code<"f32">;
type V128 = Code<"v128">;

const SIMD = 0xfd;

function code<T extends ValueType>(type: T, ...parts: (readonly number[])[]): Code<T> {
  return { type, bytes: parts.flat() };
}

export function localAt<T extends ValueType>(type: T, index: number): Local<T> {
  return {
    ...code(type, [0x20, ...unsigned(index)]),
    set: (value) => [...value.bytes, 0x21, ...unsigned(index)],
  };
}

const scalarBinary =
  <A extends ValueType, R extends ValueType>(result: R, opcode: number) =>
  (a: Code<A>, b: Code<A>): Code<R> =>
    code(result, a.bytes, b.bytes, [opcode]);

const simdUnary = (opcode: number) => (a: V128) => code("v128", a.bytes, [SIMD, ...unsigned(opcode)]);
const simdBinary = (opcode: number) => (a: V128, b: V128) =>
  code("v128", a.bytes, b.bytes, [SIMD, ...unsigned(opcode)]);
const simdShift = (opcode: number) => (a: V128, by: number) =>
  code("v128", a.bytes, i32.const(by).bytes, [SIMD, ...unsigned(opcode)]);

/** Alignment hint 2 (four bytes): nothing here is promised to be better aligned. */
const access = (offset: number) => [2, ...unsigned(offset)];

export const i32 = {
  const: (value: number): I32 => code("i32", [0x41, ...signed(value)]),
  load: (address: I32, offset = 0): I32 => code("i32", address.bytes, [0x28, ...access(offset)]),
  add: scalarBinary<"i32", "i32">("i32", 0x6a),
  sub: scalarBinary<"i32", "i32">("i32", 0x6b),
  mul: scalarBinary<"i32", "i32">("i32", 0x6c),
  and: scalarBinary<"i32", "i32">("i32", 0x71),
  shl: scalarBinary<"i32", "i32">("i32", 0x74),
  equal: scalarBinary<"i32", "i32">("i32", 0x46),
  /** Signed a < b. */
  less: scalarBinary<"i32", "i32">("i32", 0x48),
  /** Unsigned a < b, for addresses. */
  below: scalarBinary<"i32", "i32">("i32", 0x49),
};

export const f32 = {
  load: (address: I32, offset = 0): F32 => code("f32", address.bytes, [0x2a, ...access(offset)]),
  store: (address: I32, value: F32, offset = 0): Statement => [
    ...address.bytes,
    ...value.bytes,
    0x38,
    ...access(offset),
  ],
  add: scalarBinary<"f32", "f32">("f32", 0x92),
};

export const v128 = {
  load: (address: I32, offset = 0): V128 => code("v128", address.bytes, [SIMD, 0x00, ...access(offset)]),
  store: (address: I32, value: V128, offset = 0): Statement => [
    ...address.bytes,
    ...value.bytes,
    SIMD,
    0x0b,
    ...access(offset),
  ],
  /** One float in all four lanes. */
  loadSplat: (address: I32, offset = 0): V128 => code("v128", address.bytes, [SIMD, 0x09, ...access(offset)]),
  /** One double in both lanes. */
  loadSplatDouble: (address: I32, offset = 0): V128 => code("v128", address.bytes, [SIMD, 0x0a, ...access(offset)]),
  not: simdUnary(0x4d),
  and: simdBinary(0x4e),
  /** The bits of `a` that are not in `b`. */
  andNot: simdBinary(0x4f),
  or: simdBinary(0x50),
  xor: simdBinary(0x51),
  /** `a` where the mask's bits are set, `b` elsewhere. */
  select: (mask: V128, a: V128, b: V128): V128 => code("v128", a.bytes, b.bytes, mask.bytes, [SIMD, 0x52]),
  /** Picks four of the eight 32-bit lanes of `a` (0 … 3) and `b` (4 … 7). */
  shuffle: (a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 =>
    code("v128", a.bytes, b.bytes, [SIMD, 0x0d, ...lanes.flatMap((lane) => [0, 1, 2, 3].map((i) => lane * 4 + i))]),
};

const vectorConstant = (lane: Uint8Array): V128 => code("v128", [SIMD, 0x0c], ...[0, 1, 2, 3].map(() => [...lane]));

export const i32x4 = {
  const: (value: number) => vectorConstant(new Uint8Array(new Int32Array([value]).buffer)),
  shl: simdShift(0xab),
  /** Arithmetic shift. */
  shr: simdShift(0xac),
  shrUnsigned: simdShift(0xad),
  add: simdBinary(0xae),
  sub: simdBinary(0xb1),
  equal: simdBinary(0x37),
  splat: (value: I32): V128 => code("v128", value.bytes, [SIMD, 0x11]),
  /** 0, 1, 2, 3. */
  counting: code("v128", [SIMD, 0x0c], [...new Uint8Array(new Int32Array([0, 1, 2, 3]).buffer)]),
};

export const f32x4 = {
  const: (value: number) => vectorConstant(new Uint8Array(new Float32Array([value]).buffer)),
  splat: (value: F32): V128 => code("v128", value.bytes, [SIMD, 0x13]),
  lane: (a: V128, lane: number): F32 => code("f32", a.bytes, [SIMD, 0x1f, lane]),
  fromInt: simdUnary(0xfa),
  equal: simdBinary(0x41),
  notEqual: simdBinary(0x42),
  less: simdBinary(0x43),
  lessEqual: simdBinary(0x45),
  ceil: simdUnary(0x67),
  floor: simdUnary(0x68),
  trunc: simdUnary(0x69),
  /** Half to even. */
  nearest: simdUnary(0x6a),
  abs: simdUnary(0xe0),
  neg: simdUnary(0xe1),
  sqrt: simdUnary(0xe3),
  add: simdBinary(0xe4),
  sub: simdBinary(0xe5),
  mul: simdBinary(0xe6),
  div: simdBinary(0xe7),
  /** NaN if either is. */
  min: simdBinary(0xe8),
  /** NaN if either is. */
  max: simdBinary(0xe9),
  /** `b` if b < a, else `a`: one instruction, and a NaN in `a` passes through. */
  pmin: simdBinary(0xea),
  /** `b` if a < b, else `a`. */
  pmax: simdBinary(0xeb),
  /** a · b + c rounded once; needs relaxed SIMD. */
  fused: (a: V128, b: V128, c: V128): V128 => code("v128", a.bytes, b.bytes, c.bytes, [SIMD, ...unsigned(0x105)]),
};

export const i64x2 = {
  const: (value: bigint): V128 => code("v128", [SIMD, 0x0c], twice(new Uint8Array(new BigInt64Array([value]).buffer))),
  shl: simdShift(0xcb),
  /** Arithmetic shift. */
  shr: simdShift(0xcc),
  sub: simdBinary(0xd1),
};

const twice = (lane: Uint8Array) => [...lane, ...lane];

export const f64x2 = {
  const: (value: number): V128 => code("v128", [SIMD, 0x0c], twice(new Uint8Array(new Float64Array([value]).buffer))),
  /** The first two whole numbers as doubles. */
  fromInt: simdUnary(0xfe),
  /** The same without a sign. */
  fromUnsigned: simdUnary(0xff),
  sqrt: simdUnary(0xef),
  sub: simdBinary(0xf1),
  mul: simdBinary(0xf2),
  div: simdBinary(0xf3),
  /** The first two floats as doubles. */
  promoteLow: simdUnary(0x5f),
  /** Two doubles as floats; the others are zero. */
  demote: simdUnary(0x5e),
  add: simdBinary(0xf0),
};

/** a · b + c, rounded once where the engine can, else twice. */
export type MultiplyAdd = (a: V128, b: V128, c: V128) => V128;

export const multiplyAdd = (fused: boolean): MultiplyAdd =>
  fused ? f32x4.fused : (a, b, c) => f32x4.add(f32x4.mul(a, b), c);
