import type { Buffer, DType, View } from "../device.ts";
import { DTypeError } from "../errors.ts";
import { sizeOf } from "../size.ts";
import type { Compiler } from "./gpujs/compiler.ts";
import type { Kernel, Launcher, Source } from "./launcher.ts";
import type { Block, GpuBuffer } from "./memory.ts";

/** What the operations of the device have in common: memory, programs, and what kind of GPU it is. */
export class Context {
  readonly launcher: Launcher;
  /** Compiles elementwise programs by gpu.js; null where that cannot be had. */
  readonly compiler: Compiler | null;
  /** Whether the GPU is emulated by the CPU, where waiting for other threads is dear. */
  readonly software: boolean;

  constructor(launcher: Launcher, compiler: Compiler | null, software: boolean) {
    this.launcher = launcher;
    this.compiler = compiler;
    this.software = software;
  }

  /** A buffer that holds anything. */
  make(dtype: DType, length: number, range?: readonly [number, number]): GpuBuffer {
    if (dtype === "float64")
      throw new DTypeError(
        "gpu",
        'GPUs have no float64. Use float32, x.cast("float32"), or compute on the CPU: withDevice("cpu", …).',
      );
    this.launcher.requireLive();
    const block = this.launcher.pool.take(length);
    const buffer: GpuBuffer = range === undefined ? { dtype, length, block } : { dtype, length, block, range };
    return this.launcher.pool.watch(buffer);
  }

  free(buffer: Buffer): void {
    this.launcher.pool.free(buffer as GpuBuffer);
  }

  /** Runs a program on buffers. */
  run(
    key: string,
    source: () => Source,
    words: ArrayLike<number>,
    reads: readonly Buffer[],
    writes: readonly Buffer[],
    groups: readonly [number, number, number],
  ): void {
    this.launch(this.launcher.kernel(key, source), words, reads, writes, groups);
  }

  launch(
    kernel: Kernel,
    words: ArrayLike<number>,
    reads: readonly Buffer[],
    writes: readonly Buffer[],
    groups: readonly [number, number, number],
  ): void {
    this.launcher.launch(kernel, words, reads.map(blockOf), writes.map(blockOf), groups);
  }

  /** How many arrays a program may read beside the one that it writes. */
  get mostReads(): number {
    return this.launcher.gpu.limits.maxStorageBuffersPerShaderStage - 1;
  }
}

/** The memory of a buffer that has not been given back. */
export function blockOf(buffer: Buffer): Block {
  const { block } = buffer as GpuBuffer;
  if (block === null) throw new Error("a buffer of the gpu device is used after it was given back");
  return block;
}

/** The whole of a buffer, row by row. */
export function whole(buffer: Buffer, shape: readonly number[]): View {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return { buffer, shape, strides, offset: 0 };
}

/** Whether a view is the whole of its buffer from the start, row by row. */
export function isWhole({ buffer, shape, strides, offset }: View): boolean {
  if (offset !== 0 || buffer.length !== sizeOf(shape)) return false;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}
