import { DeviceError } from "../errors.ts";
import { type Block, Pool } from "./memory.ts";
import { Pressure } from "./pressure.ts";
import { Recent } from "./recent.ts";
import {
  type BindGroup,
  type BindGroupLayout,
  type ComputePass,
  type Encoder,
  mapForReading,
  type Pipeline,
  usage,
  type WebGpuBuffer,
  type WebGpuDevice,
} from "./webgpu.ts";

/** A compiled program: parameters at binding 0, then what it reads, then what it writes. */
export interface Kernel {
  readonly pipeline: Pipeline;
  readonly layout: Layout;
}

/** How many arrays a program reads and writes. */
interface Layout {
  readonly id: number;
  readonly group: BindGroupLayout;
  readonly reads: number;
  readonly writes: number;
}

/** What a program is compiled from. */
export interface Source {
  readonly code: string;
  readonly reads: number;
  readonly writes: number;
}

/** Dispatches in one submission. */
const BATCH = 64;
/** Bytes that each dispatch has for its parameters. */
const SLOT = 512;
/** Words of parameters that fit. */
export const MOST_WORDS = SLOT / 4;
/** Bind groups that are remembered: what one step of a large model needs. */
const GROUPS = 4096;

/**
 * Compiles programs, and queues their runs: some dozens in one submission, their parameters side by side in one buffer
 * that is written once for each, and bind groups remembered.
 */
export class Launcher {
  readonly gpu: WebGpuDevice;
  readonly pool: Pool;
  readonly #pressure: Pressure;
  readonly #kernels = new Map<string, Kernel>();
  readonly #layouts = new Map<number, Layout>();
  readonly #groups = new Recent<BindGroup>(GROUPS);
  readonly #parameters: WebGpuBuffer;
  readonly #words = new Int32Array((BATCH * SLOT) / 4);
  readonly #staging = new Map<number, WebGpuBuffer[]>();
  #encoder: Encoder | null = null;
  #pass: ComputePass | null = null;
  #queued = 0;
  #batch = 1;
  /** Why nothing can be done any more, or what went wrong since the last read. */
  #failure: DeviceError | null = null;
  #lost: DeviceError | null = null;
  /** Runs since the device was opened, and submissions. */
  launches = 0;
  submissions = 0;

  constructor(gpu: WebGpuDevice) {
    this.gpu = gpu;
    this.pool = new Pool(gpu, () => {
      this.flush();
      this.#groups.clear();
    });
    this.#pressure = new Pressure(() => this.pool.weight);
    this.#parameters = gpu.createBuffer({ size: BATCH * SLOT, usage: usage.uniform | usage.copyTo });
    gpu.onuncapturederror = ({ error }) => {
      this.#failure ??= new DeviceError("gpu", `the driver refused work: ${error.message}`);
    };
  }

  /** Whether the device is gone. */
  get lost(): boolean {
    return this.#lost !== null;
  }

  /** Says that the device is gone. */
  lose(reason: string): void {
    this.#lost ??= new DeviceError(
      "gpu",
      `the device was lost (${reason}), and the tensors on it are gone. Open it anew, await device("gpu"), and make the tensors again, from a checkpoint or on the CPU.`,
    );
    this.#pass = null;
    this.#encoder = null;
  }

  requireLive(): void {
    if (this.#lost !== null) throw this.#lost;
  }

  /** The program of that name, compiled when it is first asked for. */
  kernel(key: string, source: () => Source): Kernel {
    const known = this.#kernels.get(key);
    if (known !== undefined) return known;
    const { code, reads, writes } = source();
    const layout = this.#layout(reads, writes);
    const kernel: Kernel = {
      layout,
      pipeline: this.gpu.createComputePipeline({
        layout: this.gpu.createPipelineLayout({ bindGroupLayouts: [layout.group] }),
        compute: { module: this.gpu.createShaderModule({ code }), entryPoint: "main" },
      }),
    };
    this.#kernels.set(key, kernel);
    return kernel;
  }

  /** Queues a run in so many workgroups. */
  launch(
    kernel: Kernel,
    words: ArrayLike<number>,
    reads: readonly Block[],
    writes: readonly Block[],
    groups: readonly [x: number, y: number, z: number],
  ): void {
    this.requireLive();
    if (words.length > MOST_WORDS)
      throw new Error(`${words.length} words of parameters, expected ${MOST_WORDS} at most`);
    if (groups[0] === 0 || groups[1] === 0 || groups[2] === 0) return;
    const at = this.#queued * SLOT;
    this.#words.set(words, at / 4);
    let key = `${kernel.layout.id}`;
    for (const block of reads) {
      key += `,${block.id}`;
      block.batch = this.#batch;
    }
    for (const block of writes) {
      key += `,${block.id}`;
      block.batch = this.#batch;
    }
    const group = this.#groups.get(key) ?? this.#bind(key, kernel.layout, reads, writes);
    if (this.#pass === null) {
      this.#encoder = this.gpu.createCommandEncoder();
      this.#pass = this.#encoder.beginComputePass();
    }
    this.#pass.setPipeline(kernel.pipeline);
    this.#pass.setBindGroup(0, group, [at]);
    this.#pass.dispatchWorkgroups(groups[0], groups[1], groups[2]);
    this.launches++;
    if (++this.#queued === BATCH) this.flush();
  }

  /** Writes values of the host, after all that is queued for the block and before what comes. */
  write(block: Block, values: Float32Array | Int32Array): void {
    this.requireLive();
    // What is written goes before work that is not submitted yet.
    if (block.batch === this.#batch) this.flush();
    if (values.length > 0) this.gpu.queue.writeBuffer(block.memory, 0, values);
  }

  /** The bytes of a block when all work queued before is done. */
  async read(block: Block, bytes: number): Promise<ArrayBuffer> {
    this.requireLive();
    if (bytes === 0) return new ArrayBuffer(0);
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, 256)));
    const staging =
      this.#staging.get(size)?.pop() ?? this.gpu.createBuffer({ size, usage: usage.mapRead | usage.copyTo });
    this.#submit((encoder) => encoder.copyBufferToBuffer(block.memory, 0, staging, 0, bytes));
    try {
      await staging.mapAsync(mapForReading, 0, bytes);
    } catch (error) {
      // The loss of a device is told at about the same time.
      await this.#orLost();
      throw this.#failure ?? new DeviceError("gpu", `values could not be read: ${(error as Error).message}`);
    }
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    const spare = this.#staging.get(size);
    if (bytes > 1 << 26) staging.destroy();
    else if (spare === undefined) this.#staging.set(size, [staging]);
    else spare.push(staging);
    this.#tell();
    await this.#pressure.relieve();
    return copy;
  }

  /** Waits for everything queued so far. */
  async finish(): Promise<void> {
    this.requireLive();
    this.flush();
    await this.gpu.queue.onSubmittedWorkDone();
    await this.#orLost();
    this.#tell();
    await this.#pressure.relieve();
  }

  /** Submits what is queued. */
  flush(): void {
    if (this.#pass !== null) this.#submit();
  }

  #submit(more?: (encoder: Encoder) => void): void {
    if (this.#pass !== null) {
      this.#pass.end();
      this.gpu.queue.writeBuffer(this.#parameters, 0, this.#words, 0, (this.#queued * SLOT) / 4);
    }
    const encoder = this.#encoder ?? this.gpu.createCommandEncoder();
    more?.(encoder);
    this.gpu.queue.submit([encoder.finish()]);
    this.#encoder = null;
    this.#pass = null;
    this.#queued = 0;
    this.#batch++;
    this.submissions++;
    this.pool.trim();
  }

  async #orLost(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#failure === null ? 0 : 1));
    this.requireLive();
  }

  /** Throws what went wrong since the last time. */
  #tell(): void {
    const failure = this.#lost ?? this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
  }

  #layout(reads: number, writes: number): Layout {
    const id = reads * 16 + writes;
    const known = this.#layouts.get(id);
    if (known !== undefined) return known;
    const entry = (binding: number, buffer: object) => ({ binding, visibility: 4, buffer });
    const entries = [entry(0, { type: "uniform", hasDynamicOffset: true })];
    for (let i = 0; i < reads; i++) entries.push(entry(1 + i, { type: "read-only-storage" }));
    for (let i = 0; i < writes; i++) entries.push(entry(1 + reads + i, { type: "storage" }));
    const layout = { id, group: this.gpu.createBindGroupLayout({ entries }), reads, writes };
    this.#layouts.set(id, layout);
    return layout;
  }

  #bind(key: string, layout: Layout, reads: readonly Block[], writes: readonly Block[]): BindGroup {
    const blocks = [...reads, ...writes];
    if (reads.length !== layout.reads || writes.length !== layout.writes)
      throw new Error(
        `a program for ${layout.reads} + ${layout.writes} arrays was given ${reads.length} + ${writes.length}`,
      );
    const entries = [
      { binding: 0, resource: { buffer: this.#parameters, offset: 0, size: SLOT } },
      ...blocks.map((block, i) => ({ binding: 1 + i, resource: { buffer: block.memory } })),
    ];
    const group = this.gpu.createBindGroup({ layout: layout.group, entries });
    this.#groups.set(key, group);
    return group;
  }
}
