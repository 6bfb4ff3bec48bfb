import type { Buffer, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { type Context, whole } from "../context.ts";
import { joined } from "../layout.ts";
import { groupsFor, perElement, word } from "../wgsl/program.ts";
import { offsetOf, unravelled } from "./index-code.ts";
import { map } from "./map.ts";
import { reduce } from "./reduce.ts";
import { foursFor, paysInTiles, sharedOut, TILE_WORDS, tiles } from "./tiles.ts";

/** Products of matrices, however they lie. */
export function matmul(context: Context, a: View, b: View): Buffer {
  const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const lead = a.shape.slice(0, -2);
  const matrices = sizeOf(lead);
  const { dtype } = a.buffer;
  const size = matrices * m * n;
  if (size === 0) return context.make(dtype, 0);
  if (k === 0) return map(context, { kind: "constant", value: 0, dtype }, [], [size], dtype);
  const walk = joined(lead, [a.strides.slice(0, -2), b.strides.slice(0, -2)]);
  const rank = walk.shape.length;
  const of = (view: View) => [view.offset, view.strides.at(-2)!, view.strides.at(-1)!];
  const places = [...of(a), ...of(b), ...walk.shape, ...walk.strides[0]!, ...walk.strides[1]!];
  const fours = foursFor(matrices, m, n);
  const shared = sharedOut(matrices, m, n, k, fours);
  if (context.software || !shared.fits || !paysInTiles(m, n, k)) {
    const out = context.make(dtype, size);
    const source = () => oneByOne(dtype, rank);
    context.run(
      `matmul ${dtype} ${rank}`,
      source,
      [size, m, n, k, ...places],
      [a.buffer, b.buffer],
      [out],
      groupsFor(size),
    );
    return out;
  }
  const { pieces, groups, words } = shared;
  const out = context.make(dtype, pieces * size);
  const along = [a.strides.at(-1) === 1, b.strides.at(-1) !== 1] as const;
  const at = TILE_WORDS;
  const batch = unravelled("m", "matrix", rank, at + 6);
  const source = () =>
    tiles({
      dtype,
      reads: [dtype, dtype],
      alongTerms: along,
      fours,
      outside: `fn left(row: i32, k: i32, matrix: i32) -> ${dtype === "int32" ? "i32" : "f32"} {
  ${batch}
  return A0[${offsetOf("m", rank, at + 6 + rank, `${word(at)} + row * ${word(at + 1)} + k * ${word(at + 2)}`)}];
}
fn right(k: i32, column: i32, matrix: i32) -> ${dtype === "int32" ? "i32" : "f32"} {
  ${batch}
  return A1[${offsetOf("m", rank, at + 6 + 2 * rank, `${word(at + 3)} + k * ${word(at + 4)} + column * ${word(at + 5)}`)}];
}
fn write(row: i32, column: i32, matrix: i32, piece: i32, value: ${dtype === "int32" ? "i32" : "f32"}) {
  Y0[piece * ${word(at + 6 + 3 * rank)} + (matrix * ${word(0)} + row) * ${word(1)} + column] = value;
}`,
    });
  const key = `matmul tiles ${fours} ${dtype} ${rank} ${along.join()}`;
  context.run(key, source, [...words, ...places, size], [a.buffer, b.buffer], [out], groups);
  return summed(context, out, pieces, size);
}

/** The pieces of sums added up; they lie one after another. */
export function summed(context: Context, parts: Buffer, pieces: number, size: number): Buffer {
  if (pieces === 1) return parts;
  const total = reduce(context, "sum", whole(parts, [pieces, size]), [0], parts.dtype);
  context.free(parts);
  return total;
}

/** Each result by a thread of its own. Sums are taken in pieces, which rounds less. */
function oneByOne(dtype: "float32" | "float64" | "int32" | "bool", rank: number) {
  const zero = dtype === "int32" ? "0" : "0.0";
  return perElement({
    reads: [dtype, dtype],
    writes: [dtype],
    body: `let column = i % ${word(2)};
  let line = i / ${word(2)};
  let row = line % ${word(1)};
  let matrix = line / ${word(1)};
  ${unravelled("m", "matrix", rank, 10)}
  var a = ${offsetOf("m", rank, 10 + rank, `${word(4)} + row * ${word(5)}`)};
  var b = ${offsetOf("m", rank, 10 + 2 * rank, `${word(7)} + column * ${word(9)}`)};
  let a_step = ${word(6)};
  let b_step = ${word(8)};
  var total = ${zero};
  for (var begin = 0; begin < ${word(3)}; begin = begin + 128) {
    var some = ${zero};
    for (var k = begin; k < min(begin + 128, ${word(3)}); k++) {
      some = some + A0[a] * A1[b];
      a = a + a_step;
      b = b + b_step;
    }
    total = total + some;
  }
  Y0[i] = total;`,
  });
}
