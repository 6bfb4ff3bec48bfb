import { describe, expect, it } from "vitest";
import { plain } from "../../../src/device/cpu/plain/plain.ts";
import { scalars } from "../../../src/device/cpu/plain/scalars.ts";
import type { Device, DType, Expression, Scalar, TypedArray } from "../../../src/device/device.ts";
import { Context } from "../../../src/device/gpu/context.ts";
import { gpuDevice } from "../../../src/device/gpu/gpu.ts";
import { spoken } from "../../../src/device/gpu/gpujs/scalars.ts";
import { gpu } from "./adapter.ts";

/** The device without gpu.js: every program is WGSL of our own. */
const without = gpu === null ? null : gpuDevice(new Context(gpu.context.launcher, null, gpu.software));

const floats = Float32Array.of(
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -7],
  ...[1e-6, -1e-6, 1e-20, 0.3, -0.3, 0.9999, 1.0001, 2, 4, 10, -10, 17.3, 45, 80, -80, 88, 89, -89, 104, -105],
  ...[1000.5, -1000.5, 16777217, 123456.78, 3e9, -3e9, 1e30, -1e30, 3.4e38],
);
const integers = Int32Array.of(0, 1, -1, 2, 3, -3, 7, -7, 46341, 16777217, -16777219, 2147483647, -2147483648);
const truths = Uint8Array.of(0, 1, 1, 0);
const values: { readonly [D in DType]?: TypedArray } = { float32: floats, int32: integers, bool: truths };

/** Functions of one number; the others take two, but `where`. */
const unary = new Set<Scalar>(
  (Object.keys(scalars) as Scalar[]).filter((name) => {
    const binary = ["add", "sub", "mul", "div", "pow", "remainder", "minimum", "maximum", "atan2", "polygamma"];
    return ![...binary, "less", "lessEqual", "equal", "and", "or", "where"].includes(name);
  }),
);

async function results(device: Device, scalar: Scalar, of: DType, to: DType): Promise<TypedArray> {
  const all = values[of]!;
  const n = all.length;
  const buffer = device.write(all as never, of);
  const inputs = unary.has(scalar)
    ? [{ buffer, shape: [n], strides: [1], offset: 0 }]
    : [
        { buffer, shape: [n, n], strides: [1, 0], offset: 0 },
        { buffer, shape: [n, n], strides: [0, 1], offset: 0 },
      ];
  const leaves = inputs.map((_, index): Expression => ({ kind: "input", index, dtype: of }));
  const condition: Expression = { kind: "apply", scalar: "less", to: leaves, dtype: "bool" };
  const operands = scalar === "where" ? [condition, ...leaves] : leaves;
  const expression: Expression = { kind: "apply", scalar, to: operands, dtype: to };
  return device.read(device.map(expression, inputs, inputs[0]!.shape, to));
}

/** Angles too large for single precision mean nothing. */
function isAsked(scalar: Scalar, at: readonly number[]): boolean {
  if (["sin", "cos", "tan"].includes(scalar)) return !(Math.abs(at[0]!) > 2e5 && Number.isFinite(at[0]!));
  if (scalar === "lgamma") return !(at[0]! < -100 && Number.isFinite(at[0]!));
  // Where a quotient of floats is not exact, neither is what it leaves.
  if (scalar === "remainder") return !(Math.abs(at[0]!) > 1e6 || Math.abs(at[1]!) < 1e-3);
  return true;
}

async function compare(device: Device, scalar: Scalar, of: DType, to: DType) {
  const [got, expected] = [await results(device, scalar, of, to), await results(plain, scalar, of, to)];
  const all = values[of]!;
  const wrong: string[] = [];
  expected.forEach((want, i) => {
    const is = got[i]!;
    // The first operand runs along the rows.
    const operands = unary.has(scalar) ? [all[i]!] : [all[Math.floor(i / all.length)]!, all[i % all.length]!];
    if (!isAsked(scalar, operands)) return;
    // GPUs may take numbers below the normal ones for zero.
    const tiny = Math.abs(want) < 1.2e-38 && Math.abs(is) < 1.2e-38;
    const huge = Math.abs(want) > 3.4e38 && Math.abs(is) > 3.4e38;
    const close = Math.abs(is - want) <= 1e-5 * Math.max(1e-6, Math.abs(want));
    if (Object.is(is, want) || close || (tiny && want !== 0) || (huge && is > 0 === want > 0)) return;
    wrong.push(`${scalar}(${operands.join(", ")}) = ${is}, expected ${want}`);
  });
  expect(wrong).toEqual([]);
}

/** The order of polygamma is a small whole number. */
const names = (Object.keys(scalars) as Scalar[]).filter((name) => name !== "cast" && name !== "polygamma");

describe.skipIf(gpu === null)("scalar functions in WGSL", () => {
  it.each(names)("%s of every kind of float", (name) => compare(without!, name, "float32", "float32"));
  const whole = ["neg", "abs", "sign", "add", "sub", "mul", "div", "remainder", "minimum", "maximum", "relu", "where"];
  it.each([...whole, "round"] as Scalar[])("%s of integers, with wrap-around", (name) =>
    compare(without!, name, "int32", "int32"),
  );
  it.each(["less", "lessEqual", "equal", "and", "or", "not", "isNaN", "isFinite"] as Scalar[])(
    "%s as truth",
    async (name) => {
      await compare(without!, name, "float32", "bool");
      await compare(without!, name, "int32", "bool");
      await compare(without!, name, "bool", "bool");
    },
  );
  it("polygamma of orders 0 to 3", async () => {
    const x = [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, -0.5, -3.25, 0.01, 0.5, 1, 1.5, 2, 7.5, 30, 1e4];
    const values = Float32Array.from([0, 1, 2, 3].flatMap((order) => x.flatMap((at) => [order, at])));
    const shape = [values.length / 2];
    const got = async (device: Device) => {
      const buffer = device.write(values, "float32");
      const inputs = [0, 1].map((offset) => ({ buffer, shape, strides: [2], offset }));
      const to = [0, 1].map((index): Expression => ({ kind: "input", index, dtype: "float32" }));
      const expression: Expression = { kind: "apply", scalar: "polygamma", to, dtype: "float32" };
      return device.read(device.map(expression, inputs, shape, "float32"));
    };
    const [fast, slow] = [await got(without!), await got(plain)];
    slow.forEach((want, i) => {
      if (!Number.isFinite(want)) expect(fast[i]).toBe(want);
      else expect(Math.abs(fast[i]! - want)).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(want)));
    });
  });
  it.each(["float32", "int32", "bool"] as DType[])("casts to %s", async (to) => {
    for (const of of ["float32", "int32", "bool"] as DType[]) await compare(without!, "cast", of, to);
  });
});

describe.skipIf(gpu === null)("scalar functions by gpu.js", () => {
  const two = (name: Scalar, of: DType): DType[] =>
    name === "where" ? ["bool", of, of] : unary.has(name) ? [of] : [of, of];
  const cases = [...names, "cast" as const].flatMap((name) =>
    (["float32", "bool"] as DType[]).flatMap((of) =>
      (["float32", "bool"] as DType[])
        .filter((to) => spoken(name, two(name, of), to) !== undefined)
        .map((to) => [name, of, to] as const),
    ),
  );

  it.each(cases)("%s of %s to %s", async (name, of, to) => {
    const before = gpu!.context.launcher.launches;
    const compiler = gpu!.context.compiler!;
    expect(compiler).not.toBeNull();
    await compare(gpu!.device, name, of, to);
    expect(gpu!.context.launcher.launches).toBeGreaterThan(before);
  });

  it("are those that training needs most", () => {
    const spokenOf = (name: Scalar, to: DType = "float32") => spoken(name, two(name, "float32"), to) !== undefined;
    for (const name of [
      "add",
      "sub",
      "mul",
      "div",
      "neg",
      "exp",
      "tanh",
      "sigmoid",
      "relu",
      "sqrt",
      "maximum",
      "where",
    ] as Scalar[])
      expect(spokenOf(name), name).toBe(true);
    expect(spokenOf("less", "bool")).toBe(true);
  });
});
