import { createRequire } from "node:module";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nameGpu } from "../../../src/device/current.ts";
import type { Device } from "../../../src/device/device.ts";
import { Context } from "../../../src/device/gpu/context.ts";
import { gpuDevice } from "../../../src/device/gpu/gpu.ts";
import { apply } from "../../../src/operations/define.ts";
import { close } from "../../derived/close.ts";
import { cases } from "../../derived/samples.ts";
import { gpu } from "./adapter.ts";

type Kernel = Record<string, unknown> & { build(...args: unknown[]): unknown };
type GpuClass = new (settings: object) => { createKernel(source: string, settings: object): { kernel: Kernel } };

const { GPU } = createRequire(import.meta.url)("gpu.js") as { GPU: GpuClass };

/** gpu.js, with something done to each of its kernels. */
function altered(change: (kernel: Kernel) => void) {
  class Altered extends GPU {
    override createKernel(source: string, settings: object) {
      const made = super.createKernel(source, settings);
      change(made.kernel);
      return made;
    }
  }
  return { GPU: Altered };
}

/** After it was built. */
const afterwards = (change: (kernel: Kernel) => void) =>
  altered((kernel) => {
    const build = kernel.build.bind(kernel);
    kernel.build = (...args) => {
      const built = build(...args);
      change(kernel);
      return built;
    };
  });
const hidden = (name: string) =>
  afterwards((kernel) => Object.defineProperty(kernel, name, { get: () => undefined, configurable: true }));

const others: [string, () => unknown, RegExp][] = [
  [
    "is not installed",
    () => {
      throw new Error("Cannot find package 'gpu.js'.");
    },
    /Cannot find package/,
  ],
  ["has no class", () => ({}), /it has no class GPU/],
  [
    "cannot be opened",
    () => ({
      GPU: class {
        constructor() {
          throw new Error("no such mode.");
        }
      },
    }),
    /no such mode/,
  ],
  ["makes no kernels", () => ({ GPU: class {} }), /createKernel/],
  [
    "has kernels without an inside",
    () => ({
      GPU: class {
        createKernel = () => () => 1;
      },
    }),
    /./,
  ],
  [
    "has a translator that throws",
    () =>
      altered((kernel) => {
        kernel.build = () => {
          throw new Error("unexpected token.");
        };
      }),
    /unexpected token/,
  ],
  [
    "has a translator that fails later, by a promise",
    () =>
      altered((kernel) => {
        kernel.build = () => Promise.reject(new Error("later"));
      }),
    /its kernels have no compiledSource/,
  ],
  ["says nothing of its source", () => hidden("compiledSource"), /no compiledSource/],
  ["says nothing of its parameters", () => hidden("paramsLayout"), /no paramsLayout/],
  ["says nothing of its workgroups", () => hidden("workgroupSize"), /no workgroupSize/],
  [
    "lays parameters out in another way",
    () =>
      afterwards((kernel) => {
        const layout = kernel.paramsLayout as { arrayArgs: { dimsOffset: number }[] };
        for (const array of layout.arrayArgs) array.dimsOffset += 4;
      }),
    /writes kernels in another way/,
  ],
  [
    "binds its result elsewhere",
    () =>
      afterwards((kernel) => {
        const code = String(kernel.compiledSource).replace("result : array<f32>", "outcome : array<f32>");
        Object.defineProperty(kernel, "compiledSource", { value: code });
      }),
    /writes kernels in another way/,
  ],
];

/** A device with that gpu.js, and what was said; as in a process of its own, in which nothing was said before. */
async function opened(module: () => unknown): Promise<{ device: Device; context: Context }> {
  vi.resetModules();
  const { compilerBy } = await import("../../../src/device/gpu/gpujs/compiler.ts");
  const { launcher } = gpu!.context;
  const context = new Context(launcher, await compilerBy(async () => module(), launcher), gpu!.software);
  return { device: gpuDevice(context), context };
}

const small = cases.filter(({ large }) => !large);

describe.skipIf(gpu === null)("where gpu.js", { timeout: 300_000 }, () => {
  let warn: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  });
  afterEach(() => {
    warn.mockRestore();
    nameGpu(gpu!.device);
  });
  afterAll(() => nameGpu(gpu!.device));

  it.each(others)("%s, the device computes by our own WGSL, and says so once", async (_, module, what) => {
    const { device, context } = await opened(module);
    nameGpu(device);
    const elementwise = small.filter(({ operation }) => operation.map !== undefined);
    for (const { operation, options, inputs } of elementwise.slice(0, 12))
      await close(
        apply(operation, inputs("gpu", "float32"), options),
        apply(operation, inputs("plain", "float32"), options),
        1e-4,
      );
    expect(context.compiler?.compiled ?? 0).toBe(0);
    expect(warn).toHaveBeenCalledTimes(1);
    const said = String(warn.mock.calls[0]![0]);
    expect(said).toMatch(what);
    expect(said).toMatch(/^device\("gpu"\): the compiler of gpu\.js is not as expected, that of version 2\.24\.1/);
    expect(said).toMatch(/by our own WGSL\..*npm install gpu\.js@2\.24\.1\.$/);
  });

  it("fails, every operation is right all the same", async () => {
    const { device, context } = await opened(() =>
      altered((kernel) => {
        kernel.build = () => {
          throw new Error("altered.");
        };
      }),
    );
    nameGpu(device);
    for (const { operation, options, inputs, title } of small)
      await close(
        apply(operation, inputs("gpu", "float32"), options),
        apply(operation, inputs("plain", "float32"), options),
        1e-4,
      ).catch((error: Error) => {
        throw new Error(`${title}: ${error.message}`);
      });
    expect(context.compiler!.compiled).toBe(0);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("fails after some programs, those go on, and no others are compiled", async () => {
    let left = 2;
    const { device, context } = await opened(() =>
      altered((kernel) => {
        if (left-- > 0) return;
        kernel.build = () => {
          throw new Error("altered.");
        };
      }),
    );
    const values = device.write(Float32Array.of(1, -2, 3), "float32");
    const view = { buffer: values, shape: [3], strides: [1], offset: 0 };
    const of = (scalar: "mul" | "add" | "sub" | "tanh", n: number) => {
      const x = { kind: "input", index: 0, dtype: "float32" } as const;
      const to = n === 2 ? [x, x] : [x];
      return device.read(device.map({ kind: "apply", scalar, to, dtype: "float32" }, [view], [3], "float32"));
    };
    for (let round = 0; round < 2; round++) {
      expect([...(await of("mul", 2))]).toEqual([1, 4, 9]);
      expect([...(await of("add", 2))]).toEqual([2, -4, 6]);
      expect([...(await of("sub", 2))]).toEqual([0, 0, 0]);
      expect((await of("tanh", 1))[0]).toBeCloseTo(Math.tanh(1), 6);
    }
    expect(context.compiler!.compiled).toBe(2);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("is altered, a device opens with it as with any", async () => {
    vi.resetModules();
    vi.doMock("gpu.js", () => ({ default: {} }));
    try {
      const { openGpu } = await import("../../../src/device/gpu/open.ts");
      const other = (await openGpu())!;
      expect(other.context.compiler).toBeNull();
      expect(String(warn.mock.calls[0]![0])).toMatch(/it has no class GPU/);
      const buffer = other.device.write(Float32Array.of(1, 2), "float32");
      const x = { kind: "input", index: 0, dtype: "float32" } as const;
      const view = { buffer, shape: [2], strides: [1], offset: 0 };
      const sum = { kind: "apply", scalar: "add", to: [x, x], dtype: "float32" } as const;
      expect([...(await other.device.read(other.device.map(sum, [view], [2], "float32")))]).toEqual([2, 4]);
      other.context.launcher.gpu.destroy();
    } finally {
      vi.doUnmock("gpu.js");
    }
  });
});
