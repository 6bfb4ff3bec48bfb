import { describe, expect, it } from "vitest";
import { deviceNamed } from "../../src/device/current.ts";
import {
  checkGradient,
  checkSecond,
  cholesky,
  diag,
  eigh,
  eye,
  grad,
  inverse,
  logDet,
  qr,
  random,
  solve,
  svd,
  type Tensor,
  tensor,
  triangularSolve,
  zeros,
} from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const drawn = (...shape: number[]) => random.seed(3).normal(shape).cast("float64") as Tensor<"float64">;
const largest = async (x: Tensor) => Number(await x.abs().max().item());
const orthonormal = async (q: Tensor) =>
  largest(
    q
      .transpose()
      .matmul(q)
      .sub(eye(q.shape.at(-1)!, { dtype: "float64" })),
  );

describe("factors of matrices", () => {
  it("multiply to the matrix again, at sizes where rounding adds up", async () => {
    const x = drawn(2, 60, 40);
    const { q, r } = qr(x);
    expect(await largest(q.matmul(r).sub(x))).toBeLessThan(1e-12);
    expect(await orthonormal(q)).toBeLessThan(1e-12);
    const { u, s, v } = svd(x);
    expect(await largest(u.mul(s.expandDims(-2)).matmul(v.transpose()).sub(x))).toBeLessThan(1e-12);
    expect([await orthonormal(u), await orthonormal(v)].every((error) => error < 1e-12)).toBe(true);
    const both = x.transpose().matmul(x);
    const { values, vectors } = eigh(both);
    expect(await largest(both.matmul(vectors).sub(vectors.mul(values.expandDims(-2))))).toBeLessThan(1e-10);
    expect(await largest(values.flip(-1).sqrt().sub(s))).toBeLessThan(1e-11);
    const lower = cholesky(both);
    expect(await largest(lower.matmul(lower.transpose()).sub(both))).toBeLessThan(1e-11);
    expect(await largest(lower.triu(1))).toBe(0);
  });

  it("are orthonormal for matrices of low rank, equal eigenvalues and zeros, too", async () => {
    const low = drawn(7, 2).matmul(drawn(2, 5));
    const { u, s, v } = svd(low);
    expect(await largest(u.mul(s).matmul(v.transpose()).sub(low))).toBeLessThan(1e-12);
    expect(await largest(s.slice({ axis: 0, start: 2 }))).toBeLessThan(1e-12);
    expect(await orthonormal(u)).toBeLessThan(1e-12);
    for (const x of [zeros([4, 3], { dtype: "float64" }), eye(4, { dtype: "float64" })]) {
      const parts = svd(x);
      expect(await orthonormal(parts.u)).toBeLessThan(1e-12);
      expect(await largest(qr(x).q.matmul(qr(x).r).sub(x))).toBe(0);
    }
    const { values, vectors } = eigh(diag(tensor([3, 1, 3, 1], { dtype: "float64" })));
    expect(await values.toArray()).toEqual([1, 1, 3, 3]);
    expect(await orthonormal(vectors)).toBe(0);
  });

  it("have derivatives, of the Cholesky factor at a matrix that is not symmetric, too", async () => {
    const plain = deviceNamed("plain");
    const x = await (drawn(3, 3) as Tensor).to("plain" as never);
    expect(x.device).toBe(plain);
    const positive = (a: Tensor) => a.matmul(a.transpose()).add(eye(3, { dtype: "float64", device: plain }));
    await checkGradient((a) => cholesky(positive(a)), x);
    await checkSecond((a) => cholesky(positive(a)), x);
    const skewed = eye(3, { dtype: "float64", device: plain }).mul(4).add(x.tril(-1).mul(0.3)) as Tensor;
    await checkGradient(cholesky, skewed);
    await checkGradient(
      (a) =>
        svd(a)
          .s.sum()
          .add(logDet(positive(a))),
      x,
    );
  });

  it("have gradients where values are equal, if they depend on values alone", async () => {
    const at = async (f: (a: Tensor) => Tensor, x: Tensor) => grad(f)(x) as Tensor;
    const same = async (found: Tensor, expected: Tensor) =>
      expect(await largest(found.sub(expected))).toBeLessThan(1e-10);
    const unit = eye(3, { dtype: "float64" });
    await same(await at((a) => eigh(a).values.sum(), unit), unit);
    // The derivative of the trace of eˣ is eˣ, by its series; some eigenvalues are equal exactly, others nearly.
    const turn = qr(drawn(4, 4)).q;
    const equal = diag(tensor([2, 1, 2, 1], { dtype: "float64" }));
    for (const x of [equal, turn.matmul(equal).matmul(turn.transpose())]) {
      let [sum, term]: Tensor[] = [eye(4, { dtype: "float64" }), eye(4, { dtype: "float64" })];
      for (let i = 1; i < 40; i++) {
        term = term!.matmul(x).div(i);
        sum = sum!.add(term);
      }
      await same(await at((a) => eigh(a).values.exp().sum(), x), sum!);
    }
    // The nuclear norm: at 2 Q with orthonormal columns, or rows, its gradient is Q.
    const nuclear = (a: Tensor) => svd(a).s.sum();
    for (const q of [unit, eye(4, { dtype: "float64" }).slice({ axis: 1, start: 0, stop: 2 }), qr(drawn(5, 3)).q]) {
      await same(await at(nuclear, q.mul(2)), q);
      await same(await at(nuclear, q.transpose().mul(2)), q.transpose());
    }
    // The squares of all elements, where nothing is left of any direction.
    const none = zeros([4, 3], { dtype: "float64" });
    await same(await at((a) => svd(a).s.square().sum(), none), none);
    const plain = (await drawn(3, 3).to("plain" as never)) as Tensor;
    await checkSecond((a) => eigh(a).values.square().sum().add(nuclear(a)), plain);
  });

  it("of NaN are NaN and come to an end", async () => {
    const x = tensor([
      [Number.NaN, 1],
      [1, 2],
    ]);
    for (const y of [eigh(x).values, svd(x).s, qr(x).r, solve(x, eye(2))]) expect(await y.isNaN().any().item()).toBe(1);
  });
});

const without = { ...deviceNamed("plain"), name: "gpu", factor: undefined, solve: undefined } as never;

refused([
  [
    "the inverse of a singular matrix",
    () =>
      inverse(
        tensor([
          [1, 2],
          [2, 4],
        ]),
      ),
    /inverse: the matrix \[2, 2\] is singular.*eye\(2\)/,
  ],
  [
    "a singular matrix among several",
    () => solve(drawn(2, 2, 2).set([1], 0), eye(2)),
    /the matrix at \[1\] of \[2, 2, 2\]/,
  ],
  [
    "a triangle with a zero on its diagonal",
    () => triangularSolve(zeros([2, 2]), eye(2)),
    /triangularSolve: .*singular/,
  ],
  ["a vector on the right side", () => solve(eye(2), tensor([1, 2])), /b\.expandDims\(-1\)/],
  [
    "a matrix that is not positive definite",
    () =>
      cholesky(
        tensor([
          [1, 2],
          [2, 1],
        ]),
      ),
    /not positive definite: pivot 1 is not above 0/,
  ],
  ["the eigenvalues of an oblong matrix", () => eigh(zeros([2, 3])), /\[2, 3\] is not square/],
  ["factors of a vector", () => qr(zeros([3])), /\[3\] is no matrix/],
  ["factors of nothing", () => svd(zeros([0, 2])), /\[0, 2\] has no elements/],
  ["factors on a device that has none", () => qr(eye(2, { device: without })), /the gpu device has no factorisations/],
]);
