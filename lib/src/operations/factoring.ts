import type { Device, Factorisation, Shape, Triangle, View } from "../device/device.ts";
import { eye } from "../tensor/create.ts";
import { ArgumentError, DeviceError } from "../tensor/errors.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { concat } from "./joining.ts";
import { type Misfit, shapes } from "./record.ts";

/** Operations with several results, each flat one after the other in the last axis, so that one pullback serves all. */
type Packed = OperationFunction<[x: Tensor]>;

export function matrixMisfit(x: Shape, square: boolean): Misfit | undefined {
  if (x.length < 2) return { because: `${showShape(x)} is no matrix, expected at least two axes.` };
  if (square && x.at(-1) !== x.at(-2))
    return { because: `${showShape(x)} is not square, expected as many rows as columns.` };
  if (x.at(-1) === 0 || x.at(-2) === 0) return { because: `${showShape(x)} has no elements, expected matrices.` };
  return undefined;
}

/** Asks the device, which not all can do. */
export function factorOn(device: Device, who: Factorisation, x: View) {
  if (device.factor !== undefined) return device.factor(who, x);
  throw cannot(who, device);
}

export function solveOn(device: Device, who: string, a: View, b: View, triangle: Triangle | null) {
  if (device.solve === undefined) throw cannot(who, device);
  const buffer = device.solve(a, b, triangle);
  const bad = device.peek?.(buffer).findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (bad < 0 || !finite(device, a) || !finite(device, b)) return buffer;
  const each = b.shape.at(-1)! * b.shape.at(-2)!;
  throw new ArgumentError(
    who,
    `${named(a.shape, Math.floor(bad / each))} is singular, expected one with an inverse. A little on its diagonal helps: a.add(eye(${a.shape.at(-1)}).mul(1e-6)).`,
  );
}

function cannot(who: string, device: Device): DeviceError {
  return new DeviceError(who, `the ${device.name} device has no factorisations. Move the matrix: await x.to("cpu").`);
}

function finite(device: Device, x: View): boolean {
  const values = device.peek!(
    device.map({ kind: "input", index: 0, dtype: x.buffer.dtype }, [x], x.shape, x.buffer.dtype),
  );
  return values.every((value) => Number.isFinite(value));
}

/** A matrix as messages call it: by its place among several. */
function named(shape: Shape, place: number): string {
  const lead = shape.slice(0, -2);
  if (lead.length === 0) return `the matrix ${showShape(shape)}`;
  const index = lead.map((n, i) => Math.floor(place / sizeOf(lead.slice(i + 1))) % n);
  return `the matrix at ${showShape(index)} of ${showShape(shape)}`;
}

function packed(
  by: Factorisation,
  length: (m: number, n: number) => number,
  pullback: (g: Tensor, x: Tensor, y: Tensor) => Tensor,
  square: boolean,
  samples: Packed["operation"]["samples"],
): Packed {
  const record: Packed = define({
    name: by === "eigh" ? "eighOfSymmetric" : by,
    inputs: ["x"],
    shape: ([x]) => matrixMisfit(x, square) ?? [...x.slice(0, -2), length(x.at(-2)!, x.at(-1)!)],
    forward: ([x], device) => factorOn(device, by, x),
    pullback: (g, [x], y) => [pullback(g, x, y)],
    batch: ([x]) => record(x),
    samples,
    refusals: [
      { shapes: shapes([3]), message: /\[3\] is no matrix/ },
      ...(square ? [{ shapes: shapes([2, 3]), message: /\[2, 3\] is not square/ }] : []),
    ],
  });
  return record;
}

/** The parts of a packed result by their matrices' sizes. */
export function unpack(y: Tensor, ...parts: readonly Shape[]): Tensor[] {
  let start = 0;
  return parts.map((shape) => {
    const stop = start + sizeOf(shape);
    const part = y.slice({ axis: -1, start, stop }).reshape([...y.shape.slice(0, -1), ...shape]);
    start = stop;
    return part;
  });
}

/** Sign and logarithm of the determinant. */
export const determinant: Packed = packed(
  "determinant",
  () => 2,
  (g, x) => {
    const inverse = x.inverse().transpose();
    return g.slice({ axis: -1, start: 1 }).expandDims(-1).mul(inverse);
  },
  true,
  [{ shapes: shapes([3, 3]) }, { shapes: shapes([2, 2, 2]) }],
);

/** Of matrices that are exactly symmetric. */
const eighOfSymmetric: Packed = packed(
  "eigh",
  (n) => n + n * n,
  (g, x, y) => {
    const n = x.shape.at(-1)!;
    const [values, v] = unpack(y, [n], [n, n]) as [Tensor, Tensor];
    const [ofValues, ofVectors] = unpack(g, [n], [n, n]) as [Tensor, Tensor];
    // A turn of two eigenvectors into each other costs the difference of their values (Magnus 1985).
    const inner = turns(v.transpose().matmul(ofVectors), values).add(ofValues.diag());
    return v.matmul(inner).matmul(v.transpose());
  },
  true,
  [],
);

/** Values, then vectors in columns. */
export const packedEigh: Packed = define({
  name: "eigh",
  inputs: ["x"],
  shape: ([x]) => eighOfSymmetric.operation.shape([x], undefined),
  compose: ([x]) => eighOfSymmetric(symmetric(x)),
  samples: [{ shapes: shapes([3, 3]) }, { shapes: shapes([2, 2, 2]) }],
  refusals: [{ shapes: shapes([2, 3]), message: /\[2, 3\] is not square/ }],
});

/** A and Aᵀ meet in the middle, which makes derivatives symmetric, too. */
export function symmetric(x: Tensor): Tensor {
  return x.add(x.transpose()).mul(0.5);
}

/** Each entry over λⱼ − λᵢ; zero on the diagonal. */
function turns(x: Tensor, values: Tensor): Tensor {
  const one = eye(values.shape.at(-1)!, { dtype: "bool", device: x.device });
  return over(one.where(0, x as Tensor<"float32">), values.expandDims(-2).sub(values.expandDims(-1)));
}

/** a / b, and 0 where both are 0: what does not depend on vectors costs nothing where values are equal, either. */
function over(a: Tensor, b: Tensor): Tensor {
  const none = a.equal(0).and(b.equal(0));
  return none.where(0, a.div(none.where(1, b as Tensor<"float32">)) as Tensor<"float32">);
}

/** Q, then Rᵀ. */
export const packedQr: Packed = packed(
  "qr",
  (m, n) => (m + n) * Math.min(m, n),
  (g, x, y) => {
    const [m, n] = [x.shape.at(-2)!, x.shape.at(-1)!];
    const k = Math.min(m, n);
    const [q, rt] = unpack(y, [m, k], [n, k]) as [Tensor, Tensor];
    const [ofQ, ofRt] = unpack(g, [m, k], [n, k]) as [Tensor, Tensor];
    if (m >= n) return qrPullback(q, rt, ofQ, ofRt);
    // The first m columns X are factored; those after, Y = Q V, follow.
    const rest = { axis: -1, start: m };
    const ofV = ofRt.slice({ axis: -2, start: m }).transpose();
    const ofX = qrPullback(
      q,
      rt.slice({ axis: -2, stop: m }),
      ofQ.add(x.slice(rest).matmul(ofV.transpose())),
      ofRt.slice({ axis: -2, stop: m }),
    );
    return concat([ofX, q.matmul(ofV)], -1);
  },
  false,
  [{ shapes: shapes([3, 3]) }, { shapes: shapes([2, 4, 2]) }, { shapes: shapes([2, 3]) }],
);

/** For a matrix with as many rows as columns or more (Walter and Lehmann 2012; Liao et al. 2019, eq. 13). */
function qrPullback(q: Tensor, rt: Tensor, ofQ: Tensor, ofRt: Tensor): Tensor {
  const inner = rt.transpose().matmul(ofRt).sub(ofQ.transpose().matmul(q));
  const mirrored = inner.tril().add(inner.tril(-1).transpose());
  const whole = ofQ.add(q.matmul(mirrored));
  return rt.transpose().triangularSolve(whole.transpose(), { lower: false }).transpose();
}

/** U, the values in descending order, V. */
export const packedSvd: Packed = packed(
  "svd",
  (m, n) => (m + 1 + n) * Math.min(m, n),
  (g, x, y) => {
    const [m, n] = [x.shape.at(-2)!, x.shape.at(-1)!];
    const k = Math.min(m, n);
    const [u, s, v] = unpack(y, [m, k], [k], [n, k]) as [Tensor, Tensor, Tensor];
    const [ofU, ofS, ofV] = unpack(g, [m, k], [k], [n, k]) as [Tensor, Tensor, Tensor];
    const square = s.square();
    const skew = (a: Tensor, b: Tensor) => {
      const inner = a.transpose().matmul(b);
      return turns(inner.sub(inner.transpose()), square);
    };
    // Townsend 2016, and Ionescu et al. 2015.
    const inner = skew(u, ofU)
      .mul(s.expandDims(-2))
      .add(s.expandDims(-1).mul(skew(v, ofV)))
      .add(ofS.diag());
    let whole = u.matmul(inner).matmul(v.transpose());
    const outside = (basis: Tensor, of: Tensor) =>
      over(of.sub(basis.matmul(basis.transpose().matmul(of))), s.expandDims(-2));
    if (m > k) whole = whole.add(outside(u, ofU).matmul(v.transpose()));
    if (n > k) whole = whole.add(u.matmul(outside(v, ofV).transpose()));
    return whole;
  },
  false,
  [{ shapes: shapes([3, 3]) }, { shapes: shapes([2, 4, 2]) }, { shapes: shapes([2, 3]) }],
);
