import { outputSize } from "../../cpu/plain/convolve.ts";
import type { Buffer, ConvolutionOptions, DType, View } from "../../device.ts";
import type { Context } from "../context.ts";
import { groupsFor, perElement, word } from "../wgsl/program.ts";
import { laid, map } from "./map.ts";
import { summed } from "./matmul.ts";
import { paysInTiles, sharedOut, TILE_WORDS, tiles } from "./tiles.ts";

/** Where the parameters of a convolution lie, after `at` others. */
const parameter = {
  x: 0,
  filters: 1,
  channels: 2,
  height: 3,
  width: 4,
  outputs: 5,
  perGroup: 6,
  kh: 7,
  kw: 8,
  oh: 9,
  ow: 10,
  strideY: 11,
  strideX: 12,
  top: 13,
  left: 14,
  dilationY: 15,
  dilationX: 16,
  betweenY: 17,
  betweenX: 18,
  eachGroup: 19,
  size: 20,
} as const;
type Parameter = keyof typeof parameter;

/** A convolution: each result by a thread of its own, or the product of unfolded images and filters, in tiles. */
export function convolve(context: Context, x: View, filters: View, options: ConvolutionOptions): Buffer {
  const { dtype } = x.buffer;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [outputs, perGroup, kh, kw] = filters.shape as [number, number, number, number];
  const { stride, padding, dilation, inputDilation, groups } = options;
  const oh = outputSize(height, kh, 0, options);
  const ow = outputSize(width, kw, 1, options);
  const size = batch * outputs * oh * ow;
  if (size === 0) return context.make(dtype, 0);
  const terms = perGroup * kh * kw;
  if (terms === 0 || height * width === 0)
    return map(context, { kind: "constant", value: 0, dtype }, [], [size], dtype);
  const images = laid(context, x);
  const weights = laid(context, filters);
  const eachGroup = outputs / groups;
  const places: Record<Parameter, number> = {
    x: images.view.offset,
    filters: weights.view.offset,
    channels,
    height,
    width,
    outputs,
    perGroup,
    kh,
    kw,
    oh,
    ow,
    strideY: stride[0],
    strideX: stride[1],
    top: padding[0][0],
    left: padding[1][0],
    dilationY: dilation[0],
    dilationX: dilation[1],
    betweenY: inputDilation[0],
    betweenX: inputDilation[1],
    eachGroup,
    size,
  };
  const list = Object.values(places);
  const reads = [images.view.buffer, weights.view.buffer];
  const shared = sharedOut(groups, batch * oh * ow, eachGroup, terms, 1);
  let out: Buffer;
  if (context.software || !shared.fits || !paysInTiles(batch * oh * ow, eachGroup, terms)) {
    out = context.make(dtype, size);
    const close = inputDilation[0] === 1 && inputDilation[1] === 1;
    const source = () => oneByOne(dtype, close ? closeTaps(dtype) : farTaps(dtype));
    context.run(`convolve ${dtype} ${close}`, source, [size, ...list], reads, [out], groupsFor(size));
  } else {
    const parts = context.make(dtype, shared.pieces * size);
    context.run(
      `convolve tiles ${dtype}`,
      () => inTiles(dtype),
      [...shared.words, ...list],
      reads,
      [parts],
      shared.groups,
    );
    out = summed(context, parts, shared.pieces, size);
  }
  images.done();
  weights.done();
  return out;
}

const reader = (at: number) => (name: Parameter) => word(at + parameter[name]);

/** The row or column of the image that a tap of the filter meets: negative where there is none. */
function met(name: string, out: string, tap: string, axis: "Y" | "X", p: (name: Parameter) => string): string {
  const [before, size] = axis === "Y" ? (["top", "height"] as const) : (["left", "width"] as const);
  const [stride, dilation, between] = [`stride${axis}`, `dilation${axis}`, `between${axis}`] as const;
  return `let wide_${name} = ${out} * ${p(stride)} + ${tap} * ${p(dilation)} - ${p(before)};
    let ${name} = wide_${name} / ${p(between)};
    let ${name}_is = wide_${name} >= 0 && ${name} < ${p(size)} && ${name} * ${p(between)} == wide_${name};`;
}

const own = reader(1);
const zeroOf = (dtype: DType) => (dtype === "int32" ? "0" : "0.0");

function oneByOne(dtype: DType, taps: string) {
  const p = own;
  return perElement({
    reads: [dtype, dtype],
    writes: [dtype],
    body: `let ox = i % ${p("ow")};
  let oy = (i / ${p("ow")}) % ${p("oh")};
  let o = (i / (${p("ow")} * ${p("oh")})) % ${p("outputs")};
  let b = i / (${p("ow")} * ${p("oh")} * ${p("outputs")});
  let channel = (o / ${p("eachGroup")}) * ${p("perGroup")};
  var total = ${zeroOf(dtype)};
  ${taps}
  Y0[i] = total;`,
  });
}

/** Images whose elements lie side by side: the taps that meet any are known before. */
function closeTaps(dtype: DType): string {
  const p = own;
  const range = (name: string, out: string, axis: "Y" | "X", before: Parameter, size: Parameter, taps: Parameter) => {
    const step = p(`dilation${axis}`);
    return `let corner_${name} = ${out} * ${p(`stride${axis}`)} - ${p(before)};
  let first_${name} = max(0, (${step} - 1 - corner_${name}) / ${step});
  let last_${name} = min(${p(taps)}, (${p(size)} - corner_${name} + ${step} - 1) / ${step});`;
  };
  return `${range("y", "oy", "Y", "top", "height", "kh")}
  ${range("x", "ox", "X", "left", "width", "kw")}
  for (var c = 0; c < ${p("perGroup")}; c++) {
    let plane = ${p("x")} + (b * ${p("channels")} + channel + c) * ${p("height")} * ${p("width")};
    let taps = ${p("filters")} + (o * ${p("perGroup")} + c) * ${p("kh")} * ${p("kw")};
    for (var ky = first_y; ky < last_y; ky++) {
      var a = plane + (corner_y + ky * ${p("dilationY")}) * ${p("width")} + corner_x + first_x * ${p("dilationX")};
      let line = taps + ky * ${p("kw")};
      var some = ${zeroOf(dtype)};
      for (var kx = first_x; kx < last_x; kx++) {
        some = some + A0[a] * A1[line + kx];
        a = a + ${p("dilationX")};
      }
      total = total + some;
    }
  }`;
}

/** Images with zeros between their elements, which most taps may meet. */
function farTaps(dtype: DType): string {
  const p = own;
  return `for (var c = 0; c < ${p("perGroup")}; c++) {
    let plane = ${p("x")} + (b * ${p("channels")} + channel + c) * ${p("height")} * ${p("width")};
    let taps = ${p("filters")} + (o * ${p("perGroup")} + c) * ${p("kh")} * ${p("kw")};
    for (var ky = 0; ky < ${p("kh")}; ky++) {
    ${met("y", "oy", "ky", "Y", p)}
    if (!y_is) { continue; }
    var some = ${zeroOf(dtype)};
    for (var kx = 0; kx < ${p("kw")}; kx++) {
    ${met("x", "ox", "kx", "X", p)}
    if (x_is) { some = some + A0[plane + y * ${p("width")} + x] * A1[taps + ky * ${p("kw")} + kx]; }
    }
    total = total + some;
    }
  }`;
}

/** Rows are places in outputs, columns outputs of a group, terms the taps of all its channels. */
function inTiles(dtype: DType) {
  const type = dtype === "int32" ? "i32" : "f32";
  const p = reader(TILE_WORDS);
  return tiles({
    dtype,
    reads: [dtype, dtype],
    alongTerms: [false, true],
    fours: 1,
    outside: `fn left(row: i32, k: i32, matrix: i32) -> ${type} {
    let ox = row % ${p("ow")};
    let line = row / ${p("ow")};
    let oy = line % ${p("oh")};
    let b = line / ${p("oh")};
    let kx = k % ${p("kw")};
    let rest = k / ${p("kw")};
    let ky = rest % ${p("kh")};
    let c = rest / ${p("kh")};
    ${met("y", "oy", "ky", "Y", p)}
    ${met("x", "ox", "kx", "X", p)}
    if (!(y_is && x_is)) { return ${type}(0); }
    return A0[${p("x")} + ((b * ${p("channels")} + matrix * ${p("perGroup")} + c) * ${p("height")} + y) * ${p("width")} + x];
}
fn right(k: i32, column: i32, matrix: i32) -> ${type} {
    return A1[${p("filters")} + (matrix * ${p("eachGroup")} + column) * ${word(2)} + k];
}
fn write(row: i32, column: i32, matrix: i32, piece: i32, value: ${type}) {
    let spots = ${p("oh")} * ${p("ow")};
    let b = row / spots;
    let o = matrix * ${p("eachGroup")} + column;
    Y0[piece * ${p("size")} + (b * ${p("outputs")} + o) * spots + row % spots] = value;
}`,
  });
}
