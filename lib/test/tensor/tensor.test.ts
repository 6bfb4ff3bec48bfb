import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { cpu } from "../../src/device/cpu/cpu.ts";
import { plain } from "../../src/device/cpu/plain/plain.ts";
import {
  add,
  arange,
  full,
  linspace,
  nn,
  oneHot,
  random,
  stack,
  type Tensor,
  tensor,
  where,
  withDevice,
  zeros,
} from "../../src/index.ts";

describe("creation", () => {
  it("takes numbers, nested arrays and typed arrays", async () => {
    expect(await tensor(3).item()).toBe(3);
    expect(
      await tensor([
        [1, 2],
        [3, 4],
      ]).toArray(),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tensor(Int32Array.of(1, 2)).dtype).toBe("int32");
    expect(await tensor([1, 2, 3, 4], { shape: [2, 2], dtype: "int32" }).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await arange(3).toArray()).toEqual([0, 1, 2]);
    expect(await linspace(0, 1, 3).toArray()).toEqual([0, 0.5, 1]);
    expect(await full([2], 7).toArray()).toEqual([7, 7]);
    expect(await oneHot(tensor(Int32Array.of(2, 0)), 3).toArray()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  it("refuses ragged rows and sizes that do not fit", () => {
    expect(() => tensor([[1, 2], [3]])).toThrow("tensor: row 1 has shape [1], row 0 has [2]. All rows must be alike.");
    expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow("tensor: 3 values do not fill [2, 2], which takes 4.");
  });
});

describe("reading", () => {
  it("gives a copy: changing it does not change the tensor", async () => {
    const x = tensor([1, 2]);
    (await x.data())[0] = 9;
    expect(await x.toArray()).toEqual([1, 2]);
  });

  it("reads views in row-major order", async () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await x.transpose().toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(await x.flip(1).toArray()).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
    expect(await x.slice({ axis: 1, start: -2 }).toArray()).toEqual([
      [2, 3],
      [5, 6],
    ]);
    expect(await x.transpose().reshape([-1]).toArray()).toEqual([1, 4, 2, 5, 3, 6]);
    expect(
      await stack([x, x.mul(10)])
        .sum({ axis: 0 })
        .toArray(),
    ).toEqual([
      [11, 22, 33],
      [44, 55, 66],
    ]);
  });

  it("refuses item() of several", async () => {
    await expect(zeros([2]).item()).rejects.toThrow("item: [2] has 2 elements, expected 1. Use data() or toArray().");
  });
});

describe("dtypes", () => {
  it("promotes bool, int32, float32, float64 in that order, and lets numbers follow", async () => {
    const [b, i, f, d] = [tensor([1, 0], { dtype: "bool" }), arange(2), zeros([2]), zeros([2], { dtype: "float64" })];
    expect(b.add(i).dtype).toBe("int32");
    expect(i.add(f).dtype).toBe("float32");
    expect(f.add(d).dtype).toBe("float64");
    expect(i.add(1).dtype).toBe("int32");
    expect(i.mul(0.5).dtype).toBe("float32");
    expect(i.div(2).dtype).toBe("float32");
    expect(i.less(1).dtype).toBe("bool");
    expect(await arange(3).mul(0.5).toArray()).toEqual([0, 0.5, 1]);
    expect(await tensor([1.9, -1.9]).cast("int32").toArray()).toEqual([1, -1]);
    expect(await tensor([Number.NaN, 0, 2]).cast("bool").toArray()).toEqual([1, 0, 1]);
  });

  it("counts truth values as integers, however many there are, and averages them", async () => {
    const hits = zeros([1000]).equal(0);
    expect(hits.sum().dtype).toBe("int32");
    expect(await hits.sum().item()).toBe(1000);
    expect(await hits.mean().item()).toBe(1);
    expect(await tensor(Int32Array.of(2e9, 2e9)).mean().item()).toBe(2e9);
    expect(await hits.sum({ axis: 0 }).add(0.5).item()).toBe(1000.5);
  });

  it("takes any kind of typed array, and truth values, and keeps bool to 0 and 1", async () => {
    const bytes = tensor(Uint8Array.of(0, 128, 255));
    expect(bytes.dtype).toBe("float32");
    expect(await bytes.toArray()).toEqual([0, 128, 255]);
    expect(await tensor(Uint16Array.of(300)).toArray()).toEqual([300]);
    expect(await tensor(Float32Array.of(0.5, 0, 256), { dtype: "bool" }).toArray()).toEqual([1, 0, 1]);
    expect(await full([1], 0.5, { dtype: "bool" }).toArray()).toEqual([1]);
    expect(await tensor([[true, false]], { dtype: "bool" }).toArray()).toEqual([[1, 0]]);
    expect(() => tensor([["a"]] as never)).toThrow("tensor: a value is string, expected numbers in arrays.");
  });

  it("compares integers with numbers beyond 32 bits", async () => {
    expect(await tensor(Int32Array.of(1)).less(3e9).toArray()).toEqual([1]);
  });

  it("selects by a condition with the dtype of what is selected", () => {
    const picked: Tensor<"float32"> = tensor([1, 0], { dtype: "bool" }).where(tensor([0.5, 2]), 1);
    expect(picked.dtype).toBe("float32");
  });

  it("wraps 32-bit integers and multiplies them exactly", async () => {
    expect(await tensor(Int32Array.of(2147483647)).add(1).toArray()).toEqual([-2147483648]);
    expect(
      await tensor(Int32Array.of(123456789))
        .mul(tensor(Int32Array.of(987654321)))
        .toArray(),
    ).toEqual([Math.imul(123456789, 987654321)]);
  });
});

describe("deferred elementwise runs", () => {
  it("give the same bits whether a value in between was looked at or not", async () => {
    const x = linspace(-3, 3, 1000);
    const chain = (look: boolean) => {
      const a = x.mul(1.7).tanh();
      if (look) String(a);
      const b = a.mul(a).add(0.3);
      if (look) String(b);
      return b.exp().sub(a).sigmoid().mul(3).add(a);
    };
    expect(await chain(true).data()).toEqual(await chain(false).data());
  });

  it("hold across chains of thousands of operations", async () => {
    let x = tensor([1, 2]);
    for (let i = 0; i < 5000; i++) x = x.add(1);
    expect(await x.toArray()).toEqual([5001, 5002]);
  });

  it("compute a shared part once, with the right value for both", async () => {
    const shared = tensor([1, 2, 3]).mul(2);
    expect(await shared.add(1).toArray()).toEqual([3, 5, 7]);
    expect(await shared.sub(1).toArray()).toEqual([1, 3, 5]);
  });
});

describe("special values", () => {
  it("NaN goes through comparisons and maxima as in IEEE 754 and numpy", async () => {
    const x = tensor([Number.NaN, 1, -Infinity]);
    expect(await x.isNaN().toArray()).toEqual([1, 0, 0]);
    expect(await x.equal(x).toArray()).toEqual([0, 1, 1]);
    expect(await x.max().item()).toBeNaN();
    expect(await x.maximum(0).toArray()).toEqual([Number.NaN, 1, 0]);
    expect(await x.argmax().item()).toBe(0);
    expect(await x.relu().toArray()).toEqual([Number.NaN, 1, 0]);
    expect(await where(x.isNaN(), 0, x).toArray()).toEqual([0, 1, -Infinity]);
  });

  it("sums of ten million float32 terms keep their digits", async () => {
    const mean = await full([10_000_000], 0.1).mean().item();
    expect(Math.abs(mean - Math.fround(0.1))).toBeLessThan(1e-8);
  });
});

describe("printing", () => {
  it("shows shape, dtype and values, and the edges of large arrays", () => {
    expect(
      inspect(
        tensor([
          [1, 2.5],
          [-3, 4],
        ]),
      ),
    ).toBe("Tensor float32 [2, 2] \n[[  1 2.5]\n [ -3   4]]");
    expect(String(tensor(7))).toBe("Tensor float32 [] 7");
    expect(String(arange(1000))).toBe("Tensor int32 [1000] [  0   1   2 … 997 998 999]");
    expect(String(tensor([1, 0], { dtype: "bool" }))).toBe("Tensor bool [2] [ true false]");
  });

  it("describes a parameter that was not drawn yet as what it is", async () => {
    const { weight } = new nn.Linear(6, 4) as unknown as { weight: Record<symbol, () => Promise<object>> };
    expect(await weight[Symbol.for("Jupyter.display")]!()).toEqual({
      "text/plain": "Tensor float32 [4, 6] (no values yet)",
    });
  });
});

describe("many dimensions and parts", () => {
  it("prints a tensor of rank 7 and joins a thousand rows", async () => {
    expect(String(zeros([7, 7, 7, 7, 7, 7, 7]))).toContain("…");
    const rows = Array.from({ length: 1000 }, (_, i) => full([784], i));
    expect(await stack(rows).sum({ axis: 1 }).slice({ axis: 0, start: -1 }).toArray()).toEqual([999 * 784]);
  });

  it("refuses axes and sizes that are none", () => {
    expect(() => zeros([3]).flip([0, -1])).toThrow("flip: axes [0, -1] name one axis twice.");
    expect(() => zeros([4]).slice({ axis: 0, start: 1.5 })).toThrow("slice: start is 1.5, expected a whole number.");
    expect(() => zeros([2]).pad({ before: [-1], after: [0] })).toThrow(
      "pad: [2]: -1 elements cannot be added, expected 0 or more. To cut off, use slice.",
    );
    expect(() => zeros([2, 0]).argmax()).toThrow(
      "argmax: [2, 0] has no elements along axis -1, so there is no argmax.",
    );
  });
});

describe("devices", () => {
  it("scan, sort and draw bits as their definitions say, on both", async () => {
    for (const device of [cpu, plain]) {
      const x = device.write(Float32Array.of(3, Number.NaN, 1, 2, 2, 5), "float32");
      const view = { buffer: x, shape: [2, 3], strides: [3, 1], offset: 0 };
      const transposed = { ...view, shape: [3, 2], strides: [1, 3] };
      expect([...(await device.read(device.scan("sum", { ...view, shape: [1, 3], offset: 3 }, 1)))]).toEqual([2, 4, 9]);
      expect([...(await device.read(device.scan("prod", transposed, 0)))]).toEqual([
        3,
        2,
        Number.NaN,
        4,
        Number.NaN,
        20,
      ]);
      const { values, order } = device.sort(view, 1);
      expect([...(await device.read(values))]).toEqual([1, 3, Number.NaN, 2, 2, 5]);
      expect([...(await device.read(order))]).toEqual([2, 0, 1, 0, 1, 2]);
      expect([...(await device.read(device.bits([1, 2], 5)))]).toEqual([...random.seed(1 + 2 * 2 ** 32).bits(5)]);
    }
  });

  it("refuse to mix, and say how to go on", () => {
    const there = withDevice("plain", () => tensor([1]));
    expect(() => add(there, tensor([1]))).toThrow(
      'add: one tensor is on plain, another on cpu. Move one: x.to("plain").',
    );
  });

  it("exchange tensors with to()", async () => {
    const there = withDevice("plain", () => tensor([1, 2]));
    expect(await (await there.to("cpu")).add(tensor([1, 1])).toArray()).toEqual([2, 3]);
  });
});
