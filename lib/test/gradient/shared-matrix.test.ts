import { expect, test } from "vitest";
import {
  checkGradient,
  checkSecond,
  concat,
  matmul,
  mul,
  random,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  valueAndGrad,
} from "../../src/index.ts";

const key = random.seed(3);
const given = {
  w: key.child("w").normal([4, 4]).cast("float64"),
  x: key.child("x").normal([2, 4]).cast("float64"),
  y: key.child("y").normal([3, 2, 4]).cast("float64"),
};

/** Where finite differences are taken. */
const onReference = [await given.x.to("plain"), await given.y.to("plain")] as const;

/** One matrix from the right of matrices and of a batch of them, from the left, turned, and of itself. */
const often = (w: Tensor): Tensor => {
  const [x, y] = onReference;
  const [once, twice] = [tanh(matmul(x, w)), matmul(tanh(matmul(x, w)), w)];
  const [batch, left, turned, square] = [matmul(y, w), matmul(w, transpose(x)), matmul(x, transpose(w)), matmul(w, w)];
  return [once, twice, batch, left, turned, square].map((each) => sum(mul(each, each))).reduce((a, b) => a.add(b));
};

test("a matrix that multiplies many times has the gradient of finite differences, and the second one", async () => {
  await checkGradient(often, given.w);
  await checkSecond(often, given.w);
});

test("a recurrence has the gradient of its steps by hand", async () => {
  const { w, x } = given;
  const steps = 5;
  const { gradient } = valueAndGrad({ w }, ({ w }) => {
    let state = x;
    for (let i = 0; i < steps; i++) state = tanh(matmul(state, w)) as typeof x;
    return sum(state);
  });
  // h ← tanh(h · w): backwards, g ← (g · (1 − h²)) · wᵀ, and the matrix collects hᵀ · g.
  const states = [x];
  for (let i = 0; i < steps; i++) states.push(tanh(matmul(states.at(-1)!, w)) as typeof x);
  let g = mul(x, 0).add(1);
  let collected = mul(w, 0);
  for (let i = steps; i > 0; i--) {
    const inner = mul(g, mul(mul(states[i]!, states[i]!), -1).add(1));
    collected = collected.add(matmul(transpose(states[i - 1]!), inner)) as typeof collected;
    g = matmul(inner, transpose(w)) as typeof g;
  }
  const [found, expected] = [await gradient.w.data(), await collected.data()];
  expect(found.length).toBe(16);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
});

test("a batch of none, and of sequences of none, is nothing", async () => {
  const { w } = given;
  const none = concat([given.x], 0).slice({ axis: 0, start: 0, stop: 0 });
  const { gradient } = valueAndGrad({ w }, ({ w }) => sum(matmul(matmul(none, w), w)));
  expect([...(await gradient.w.data())]).toEqual(new Array(16).fill(0));
});

/** A recurrence over the slices of a sequence, whose cotangents serve the sequence and the matrix. */
const overSlices =
  (turned: boolean) =>
  ({ w, z }: { w: Tensor; z: Tensor }) => {
    const [batch, time, width] = z.shape as [number, number, number];
    let h = mul(z.slice({ axis: 1, start: 0, stop: 1 }).reshape([batch, width]), 0).add(1);
    if (turned) h = h.reshape([1, batch * width]);
    for (let t = 0; t < time; t++) {
      const step = z.slice({ axis: 1, start: t, stop: t + 1 });
      h = tanh(step.reshape(h.shape).add(matmul(h, w)));
    }
    return sum(mul(h, h));
  };

test.each([
  ["[batch, width]", false, [2, 4, 3], 3],
  ["one row of a batch of numbers", true, [4, 3, 1], 4],
] as const)("a recurrence over slices, %s", async (_, turned, shape, width) => {
  const z = key.child("z").normal(shape).cast("float64");
  const w = key.child("v").normal([width, width]).cast("float64");
  const f = overSlices(turned);
  for (const given of [
    { w, z },
    { z, w },
  ]) {
    const { gradient } = valueAndGrad(given, f);
    const [dw, dz] = [await gradient.w.data(), await gradient.z.data()];
    const slope = async (which: "w" | "z", i: number) => {
      const moved = async (by: number) => {
        const values = await given[which].data();
        values[i]! += by;
        const at = tensor(Float64Array.from(values), { shape: given[which].shape });
        return f({ ...given, [which]: at } as typeof given).item();
      };
      return ((await moved(1e-6)) - (await moved(-1e-6))) / 2e-6;
    };
    for (let i = 0; i < dw.length; i++) expect(dw[i]).toBeCloseTo(await slope("w", i), 6);
    for (let i = 0; i < dz.length; i++) expect(dz[i]).toBeCloseTo(await slope("z", i), 6);
  }
});

test("a value that is kept holds nothing of the way back", () => {
  const z = key.child("z").normal([2, 4, 3]);
  const w = key.child("v").normal([3, 3]);
  const { value } = valueAndGrad({ w, z }, overSlices(false));
  expect(value.marks).not.toBeNull();
  for (let { marks } = value; marks !== null; marks = marks.next)
    expect([marks.walk, marks.back]).toEqual([undefined, undefined]);
});
