import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Lowest } from "../../../src/device/gpu/lowest.ts";
import { type GpuBuffer, Pool } from "../../../src/device/gpu/memory.ts";
import { Pressure } from "../../../src/device/gpu/pressure.ts";
import { Recent } from "../../../src/device/gpu/recent.ts";
import type { WebGpuDevice } from "../../../src/device/gpu/webgpu.ts";

const MiB = 2 ** 20;

describe("memory of the gpu device, without a GPU", () => {
  it("the lowest number goes out first", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(50), { freq: 3 })), (moves) => {
        const [lowest, plain] = [new Lowest<{ id: number }>(), [] as number[]];
        for (const id of moves) {
          if (id === null) expect(lowest.take()?.id).toBe(plain.sort((a, b) => a - b).shift());
          else {
            lowest.add({ id });
            plain.push(id);
          }
          expect(lowest.length).toBe(plain.length);
        }
        if (plain.length > 0) expect(plain).toContain(lowest.takeHigh()!.id);
      }),
    );
  });

  it("what was asked for of late is remembered, and never more than twice as much", () => {
    const recent = new Recent<number>(10);
    for (let i = 0; i < 1000; i++) {
      recent.set(`new ${i}`, i);
      // What is asked for again and again stays.
      if (i === 0) recent.set("old", -1);
      expect(recent.get("old")).toBe(-1);
    }
    const known = Array.from({ length: 1000 }, (_, i) => recent.get(`new ${i}`)).filter((one) => one !== undefined);
    expect(known.length).toBeLessThan(20);
    expect(known.at(-1)).toBe(999);
    recent.clear();
    expect(recent.get("old")).toBeUndefined();
  });

  it("steps that are alike get the same blocks, in whatever order they came back", () => {
    let destroyed = 0;
    const gpu = {
      limits: { maxStorageBufferBindingSize: 2 ** 30, maxBufferSize: 2 ** 30 },
      createBuffer: () => ({ destroy: () => destroyed++ }),
    } as unknown as WebGpuDevice;
    const pool = new Pool(gpu, () => {});
    const make = (): GpuBuffer => pool.watch({ dtype: "float32", length: 10, block: pool.take(10) });
    const step = (order: (buffers: GpuBuffer[]) => GpuBuffer[]) => {
      const buffers = Array.from({ length: 5 }, make);
      const ids = buffers.map(({ block }) => block!.id);
      for (const buffer of order(buffers)) pool.free(buffer);
      return ids;
    };
    const first = step((buffers) => buffers);
    expect(step((buffers) => buffers.reverse())).toEqual(first);
    expect(step(([a, b, c, d, e]) => [c!, a!, e!, b!, d!])).toEqual(first);
    expect(step((buffers) => buffers)).toEqual(first);
    // A small buffer costs the host more than its contents: many are not kept for ever.
    const many = Array.from({ length: 60_000 }, make);
    const { weight } = pool;
    expect(weight).toBeGreaterThan(256 * MiB);
    for (const buffer of many) pool.free(buffer);
    pool.trim();
    expect(destroyed).toBeGreaterThan(10_000);
    expect(pool.spare).toBeLessThan(60_000 * 256 - 10_000 * 256);
  });
});

describe("asking the garbage collector to work", () => {
  const scope = globalThis as { gc?: () => void };
  const before = scope.gc;
  let collections = 0;
  let letGo = () => {};
  scope.gc = () => {
    collections++;
    letGo();
    const began = performance.now();
    while (performance.now() < began + 10);
  };
  afterAll(() => {
    if (before === undefined) delete scope.gc;
    else scope.gc = before;
  });

  it("is done when memory has grown, at once where it runs short, and else for little of the time", async () => {
    let weight = 3 * MiB;
    const pressure = new Pressure(() => weight);
    const made = async (bytes: number) => {
      const known = collections;
      weight = bytes;
      await Promise.all([pressure.relieve(), pressure.relieve()]);
      return collections - known;
    };
    expect(await made(3 * MiB)).toBe(0);
    // Once for two who wait.
    expect(await made(5 * MiB)).toBe(1);
    // Nothing was let go, so that this is what is in use.
    expect(await made(9 * MiB)).toBe(0);
    // It took 10 ms: 500 must pass.
    expect(await made(20 * MiB)).toBe(0);
    expect(await made(130 * MiB)).toBe(1);
    expect(await made(250 * MiB)).toBe(0);
    expect(await made(270 * MiB)).toBe(1);
  });

  it("takes no more than a fiftieth of the time where memory is plenty", async () => {
    let weight = MiB;
    const pressure = new Pressure(() => weight);
    const times: number[] = [];
    letGo = () => {
      weight = MiB;
    };
    while (times.length < 3) {
      const known = collections;
      weight = Math.min(weight + 10 * MiB, 100 * MiB);
      await pressure.relieve();
      if (collections > known) times.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    times.slice(1).forEach((time, i) => {
      expect(time - times[i]!).toBeGreaterThan(500);
    });
  });
});
