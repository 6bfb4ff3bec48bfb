import type { Helper } from "./scalars.ts";
import type { KernelText } from "./source.ts";

/** What gpu.js makes of a kernel: WGSL, and where its parameters lie. */
export interface Translated {
  readonly code: string;
  readonly arrays: number;
  /** By the names of arguments, in bytes. */
  readonly scalars: ReadonlyMap<string, number>;
  readonly bytes: number;
}

export type Translator = (text: KernelText, axes: number, helpers: readonly Helper[]) => Translated;

/**
 * What is used of gpu.js 2.24.1 beside its interface: `build` writes `compiledSource` and `paramsLayout` at once, and
 * only then goes to a device of its own, in `_buildAsync`.
 */
interface KernelInside {
  _buildAsync(): Promise<void>;
  build(...args: unknown[]): Promise<void>;
  readonly compiledSource: string;
  readonly paramsLayout: {
    readonly arrayArgs: readonly { readonly name: string; readonly dimsOffset: number }[];
    readonly scalarArgs: readonly { readonly name: string; readonly offset: number }[];
    readonly bufferConstants: readonly unknown[];
    readonly byteLength: number;
  };
  readonly workgroupSize: readonly number[];
}

interface GpuJs {
  readonly GPU: new (settings: {
    readonly mode: string;
  }) => {
    createKernel(source: string, settings: object): { readonly kernel: KernelInside };
  };
}

/** Translates kernels by gpu.js, whose module is given. Nothing of it runs but its compiler. */
export function translatorBy(module: unknown): Translator {
  const { GPU } = module as GpuJs;
  if (typeof GPU !== "function") throw new Error("it has no class GPU.");
  const gpu = withNavigator(() => new GPU({ mode: "webgpu" }));
  return (text, axes, helpers) => {
    const { kernel } = gpu.createKernel(text.source, {
      output: new Array<number>(axes).fill(1),
      argumentTypes: text.arguments,
      functions: helpers.map(({ name, parameters, source }) => ({
        source,
        settings: {
          name,
          argumentTypes: Object.fromEntries(parameters.map((parameter) => [parameter, "Float"])),
          returnType: "Float",
        },
      })),
      pipeline: true,
      dynamicOutput: true,
      // Loops end at 1,000 otherwise, without a word.
      loopMaxIterations: 2 ** 31 - 1,
    });
    kernel._buildAsync = async () => {};
    const built = kernel.build(
      ...Object.values(text.arguments).map((type) => (type === "WebGPUBuffer" ? standIn(axes) : 1)),
    );
    // What it has written by now is looked at; a promise that fails is nobody's.
    Promise.resolve(built).catch(() => {});
    return layoutOf(kernel, text, axes);
  };
}

/** An array as far as a compiler looks at it. */
const standIn = (axes: number) => ({ output: new Array<number>(axes).fill(1) });

/** What gpu.js has written, looked through: a version that writes it otherwise must not be taken at its word. */
function layoutOf(kernel: KernelInside, text: KernelText, axes: number): Translated {
  const { compiledSource: code, paramsLayout, workgroupSize } = kernel;
  for (const [name, part] of Object.entries({ compiledSource: code, paramsLayout, workgroupSize }))
    if (part === undefined || part === null) throw new Error(`its kernels have no ${name}.`);
  const arrays = Object.values(text.arguments).filter((type) => type === "WebGPUBuffer").length;
  const scalars = new Map(paramsLayout.scalarArgs.map(({ name, offset }) => [name, offset]));
  const holds =
    typeof code === "string" &&
    code.includes("@group(0) @binding(0) var<uniform> params : Params;") &&
    code.includes(`@group(0) @binding(${1 + arrays}) var<storage, read_write> result : array<f32>;`) &&
    code.includes("outputX : u32,\n  outputY : u32,\n  outputZ : u32,\n  dispatchWidth : u32,") &&
    paramsLayout.arrayArgs.length === arrays &&
    paramsLayout.arrayArgs.every(({ dimsOffset }, i) => dimsOffset === 16 * (1 + i)) &&
    paramsLayout.bufferConstants.length === 0 &&
    Object.entries(text.arguments).every(([name, type]) => type === "WebGPUBuffer" || scalars.has(name)) &&
    workgroupSize.join() === (axes === 1 ? "64,1,1" : "8,8,1");
  if (!holds) throw new Error("it writes kernels in another way.");
  return { code, arrays, scalars, bytes: paramsLayout.byteLength };
}

/** gpu.js looks for WebGPU where browsers have it, before it compiles for it. */
function withNavigator<T>(body: () => T): T {
  const scope = globalThis as { navigator?: { gpu?: unknown } };
  if (scope.navigator?.gpu !== undefined) return body();
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu: {} }, configurable: true, writable: true });
  try {
    return body();
  } finally {
    if (before === undefined) delete scope.navigator;
    else Object.defineProperty(globalThis, "navigator", before);
  }
}
