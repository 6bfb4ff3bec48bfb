import type { Buffer } from "../device.ts";
import { DeviceError } from "../errors.ts";
import { Lowest } from "./lowest.ts";
import { usage, type WebGpuBuffer, type WebGpuDevice } from "./webgpu.ts";

/** A piece of the GPU's memory, in use or waiting to be used again. */
export interface Block {
  readonly memory: WebGpuBuffer;
  readonly bytes: number;
  /** For keys of what is remembered about blocks. */
  readonly id: number;
  /** The batch of work that it was last part of. */
  batch: number;
}

/** A buffer of the GPU device: every element takes four bytes, and a truth value is 0 or 1 as a float. */
export interface GpuBuffer extends Buffer {
  /** Null when it has been given back. */
  block: Block | null;
  /** The least and the largest of integers that came from the host. */
  readonly range?: readonly [least: number, most: number];
}

/** Blocks smaller than this are not worth telling apart. */
const LEAST = 256;
/** Up to here a block's size is a power of two; above, it wastes an eighth at most. */
const COARSE = 1 << 24;
/** What a buffer takes of the host's memory beside its contents: Dawn's object and the driver's, as measured. */
const BESIDE = 6 << 10;
/** Memory that waits for its next use is kept up to this, or as much as is in use. */
const SPARE = 256 << 20;

function sizeClass(bytes: number): number {
  let size = LEAST;
  while (size < bytes) size *= 2;
  if (size <= COARSE) return size;
  const step = size / 16;
  return Math.ceil(bytes / step) * step;
}

/**
 * Gives out memory and takes it back. A block that comes back may go out again at once, although work with it is still
 * queued: all work is done in the order in which it was queued. Of those that wait, the one made first goes out first, so
 * that steps that are alike get the same blocks, and what is remembered about these serves again.
 */
export class Pool {
  readonly #gpu: WebGpuDevice;
  readonly #spare = new Map<number, Lowest<Block>>();
  readonly #forgotten: FinalizationRegistry<Block>;
  /** Called before blocks are destroyed, so that nothing still refers to them. */
  readonly #beforeTrim: () => void;
  #ids = 0;
  /** Bytes in use. */
  live = 0;
  /** Bytes that wait to be used again. */
  spare = 0;
  /** Buffers in use. */
  buffers = 0;
  /** Buffers that wait to be used again. */
  #waiting = 0;

  constructor(gpu: WebGpuDevice, beforeTrim: () => void) {
    this.#gpu = gpu;
    this.#beforeTrim = beforeTrim;
    this.#forgotten = new FinalizationRegistry((block) => this.#takeBack(block));
  }

  /** Bytes that buffers in use take altogether, with what each takes of the host's memory. */
  get weight(): number {
    return this.live + BESIDE * this.buffers;
  }

  /** Memory for that many values of four bytes. */
  take(length: number): Block {
    const bytes = 4 * length;
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#gpu.limits;
    const most = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    const size = Math.min(sizeClass(bytes), Math.max(most - (most % 4), LEAST));
    if (bytes > size)
      throw new DeviceError(
        "gpu",
        `a tensor of ${length} elements takes ${megabytes(bytes)}, this GPU's driver gives ${megabytes(most)} in one piece at most. Work in smaller parts, or on the CPU: withDevice("cpu", …).`,
      );
    const known = this.#spare.get(size)?.take();
    if (known !== undefined) this.#left(size);
    const block = known ?? this.#make(size);
    this.live += size;
    this.buffers++;
    return block;
  }

  /** Looks after a buffer that nobody may give back: it goes when the garbage collector finds it. */
  watch(buffer: GpuBuffer): GpuBuffer {
    this.#forgotten.register(buffer, buffer.block!, buffer);
    return buffer;
  }

  /** Takes a buffer's memory back. */
  free(buffer: GpuBuffer): void {
    const { block } = buffer;
    if (block === null) return;
    buffer.block = null;
    this.#forgotten.unregister(buffer);
    this.#takeBack(block);
  }

  /** Takes back a block that belonged to no buffer. */
  give(block: Block): void {
    this.#takeBack(block);
  }

  /** Destroys what waits, where it is more than is worth keeping. */
  trim(keep = Math.max(SPARE, this.weight)): void {
    const tooMuch = () => this.spare + BESIDE * this.#waiting > keep;
    if (!tooMuch()) return;
    this.#beforeTrim();
    const sizes = [...this.#spare.keys()].sort((a, b) => b - a);
    for (const size of sizes) {
      const blocks = this.#spare.get(size)!;
      while (blocks.length > 0 && tooMuch()) {
        blocks.takeHigh()!.memory.destroy();
        this.#left(size);
      }
    }
  }

  #left(size: number): void {
    this.spare -= size;
    this.#waiting--;
  }

  #make(size: number): Block {
    const memory = this.#gpu.createBuffer({ size, usage: usage.storage | usage.copyFrom | usage.copyTo });
    return { memory, bytes: size, id: ++this.#ids, batch: 0 };
  }

  #takeBack(block: Block): void {
    this.live -= block.bytes;
    this.spare += block.bytes;
    this.#waiting++;
    this.buffers--;
    let blocks = this.#spare.get(block.bytes);
    if (blocks === undefined) {
      blocks = new Lowest();
      this.#spare.set(block.bytes, blocks);
    }
    blocks.add(block);
  }
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
