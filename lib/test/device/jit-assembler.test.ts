import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { f32, f32x4, i32, i32x4, v128 } from "../../src/device/cpu/jit/assembler/code.ts";
import { advance, clear, count, repeatWhile, sequence, when } from "../../src/device/cpu/jit/assembler/control.ts";
import { signed, unsigned } from "../../src/device/cpu/jit/assembler/leb128.ts";
import { define } from "../../src/device/cpu/jit/assembler/module.ts";
import { engine, forgetEngine } from "../../src/device/cpu/jit/engine.ts";
import { pack } from "../../src/device/cpu/jit/kernels/pack.ts";
import { withScratch } from "../../src/device/cpu/jit/scratch.ts";

const running = engine()!;
const floats = () => new Float32Array(running.memory.buffer);
const integers = () => new Int32Array(running.memory.buffer);

/** Reads base-128 digits back. */
function decode(bytes: readonly number[], isSigned: boolean): number {
  let value = 0n;
  bytes.forEach((byte, i) => {
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
  });
  return Number(isSigned ? BigInt.asIntN(7 * bytes.length, value) : value);
}

describe("the WebAssembly assembler", () => {
  it("writes integers that read back, in as few bytes as they need", () => {
    const edges = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 2 ** 31 - 1, -(2 ** 31)];
    const check = (value: number) => {
      expect(decode(signed(value), true)).toBe(value);
      expect(decode(unsigned(value), false)).toBe(value >>> 0);
      expect(signed(value).length).toBeLessThanOrEqual(5);
    };
    edges.forEach(check);
    expect(signed(63)).toHaveLength(1);
    expect(signed(64)).toHaveLength(2);
    fc.assert(fc.property(fc.integer(), check), { seed: 1 });
  });

  it("runs a loop no time when there is nothing to count", () => {
    const { sum } = running.kernels("test of count", () => ({
      sum: define({ out: "i32", from: "i32", to: "i32", step: "i32" }, (p, declare) => {
        const [i, total] = [declare("i32"), declare("i32")];
        const asFloat = f32x4.lane(f32x4.fromInt(i32x4.add(i32x4.const(0), i32x4.const(7))), 2);
        return sequence(
          count(i, p.from, p.to, p.step, advance(total, i)),
          when(i32.equal(total, i32.const(0)), f32.store(p.out, asFloat), f32.store(p.out, f32.load(p.out, 4))),
          count(i, i32.const(0), total, i32.const(1), f32.store(p.out, f32.add(f32.load(p.out), f32.load(p.out, 4)))),
        );
      }),
    }));
    floats().set([0, 1], 256);
    sum(1024, 3, 3, 1);
    expect(floats()[256]).toBe(7);
    floats().set([0, 1], 256);
    sum(1024, 5, -5, 1);
    expect(floats()[256]).toBe(7);
    floats().set([0, 1], 256);
    sum(1024, 1, 8, 3);
    expect(floats()[256]).toBe(1 + 1 + 4 + 7);
  });

  it("repeats while a condition holds and clears memory", () => {
    const { halve } = running.kernels("test of repeatWhile", () => ({
      halve: define({ out: "i32", below: "i32" }, (p, declare) => {
        const times = declare("i32");
        const value = v128.load(p.out);
        return sequence(
          clear(i32.add(p.out, i32.const(16)), i32.const(8)),
          repeatWhile(
            i32.less(times, p.below),
            sequence(v128.store(p.out, f32x4.mul(value, f32x4.const(0.5))), advance(times, 1)),
          ),
        );
      }),
    }));
    floats().set([8, 16, 24, 32, 5, 5, 5], 256);
    halve(1024, 3);
    expect([...floats().subarray(256, 263)]).toEqual([1, 2, 3, 4, 0, 0, 5]);
  });

  it("gives the lanes that shuffle and select name", () => {
    const { mix } = running.kernels("test of lanes", () => ({
      mix: define({ at: "i32" }, ({ at }) => {
        const [a, b] = [v128.load(at), v128.load(at, 16)];
        return sequence(
          v128.store(at, v128.shuffle(a, b, [7, 0, 5, 2]), 32),
          v128.store(at, v128.select(f32x4.less(a, b), a, b), 48),
        );
      }),
    }));
    floats().set([1, 9, 3, 9, 5, 6, 7, 8], 256);
    mix(1024);
    expect([...floats().subarray(264, 272)]).toEqual([8, 1, 6, 3, 1, 6, 3, 8]);
  });

  it("keeps two modules of the same memory apart by their keys", () => {
    const writeTo = (value: number) => () => ({
      write: define({ at: "i32" }, ({ at }) => v128.store(at, i32x4.const(value))),
    });
    running.kernels("test of keys, one", writeTo(1)).write(1024);
    const first = integers()[256];
    running.kernels("test of keys, two", writeTo(2)).write(1024);
    running.kernels("test of keys, one", writeTo(3)).write(1040);
    expect([first, integers()[256], integers()[260]]).toEqual([1, 2, 1]);
  });
});

describe("the kernels' memory", () => {
  it("is given back after a call that needed very much, and there is none when too much is asked", () => {
    const before = engine();
    expect(withScratch((scratch) => scratch.claim(1 << 20))).toBeGreaterThan(0);
    expect(engine()).toBe(before);
    expect(withScratch((scratch) => scratch.claim(300 << 20))).toBeGreaterThan(0);
    expect(engine()).not.toBe(before);
    expect(withScratch((scratch) => scratch.claim(2 ** 31))).toBeUndefined();
  });

  it("is not asked for where there is no WebAssembly", () => {
    const { WebAssembly } = globalThis as unknown as { WebAssembly: unknown };
    forgetEngine();
    try {
      Object.assign(globalThis, { WebAssembly: undefined });
      expect(withScratch(() => 1)).toBeUndefined();
    } finally {
      Object.assign(globalThis, { WebAssembly });
      forgetEngine();
    }
  });
});

describe("packing", () => {
  it("lays panels out by depth and fills the last one with zeros, whatever the strides", () => {
    const sizes = fc.record({
      width: fc.constantFrom(1, 2, 3, 4, 8),
      lines: fc.integer({ min: 1, max: 19 }),
      depth: fc.integer({ min: 0, max: 11 }),
      linesFirst: fc.boolean(),
      gap: fc.nat(2),
    });
    fc.assert(
      fc.property(sizes, ({ width, lines, depth, linesFirst, gap }) => {
        const [lineStride, depthStride] = linesFirst ? [1, lines + gap] : [depth + gap, 1];
        const [from, to] = [4096, 64];
        for (let i = 0; i < 1000; i++) floats()[from + i] = i + 1;
        floats().fill(-1, to, to + 1000);
        const { run } = running.kernels(`test of pack ${width}`, () => ({ run: pack(width) }));
        run(to * 4, from * 4, lineStride * 4, depthStride * 4, lines, depth);
        const panels = Math.ceil(lines / width);
        const expected = Array.from({ length: panels * depth * width }, (_, i) => {
          const line = Math.floor(i / (depth * width)) * width + (i % width);
          const k = Math.floor(i / width) % depth;
          return line < lines ? 1 + line * lineStride + k * depthStride : 0;
        });
        expect([...floats().subarray(to, to + expected.length)]).toEqual(expected);
        expect(floats()[to + expected.length]).toBe(-1);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
