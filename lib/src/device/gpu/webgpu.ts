/**
 * The part of WebGPU that the device uses, as browsers and Dawn's package for Node have it. Written down here so that
 * nobody who installs the library needs its types.
 */
export interface WebGpuBuffer {
  readonly size: number;
  mapAsync(mode: number, offset?: number, size?: number): Promise<unknown>;
  getMappedRange(offset?: number, size?: number): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export type BindGroup = object;
export type BindGroupLayout = object;
export type Pipeline = object;

export interface ComputePass {
  setPipeline(pipeline: Pipeline): void;
  setBindGroup(index: number, group: BindGroup, offsets?: readonly number[]): void;
  dispatchWorkgroups(x: number, y?: number, z?: number): void;
  end(): void;
}

export interface Encoder {
  beginComputePass(): ComputePass;
  copyBufferToBuffer(from: WebGpuBuffer, at: number, to: WebGpuBuffer, toAt: number, bytes: number): void;
  finish(): object;
}

export interface Lost {
  readonly reason: string | undefined;
  readonly message: string;
}

export interface WebGpuDevice {
  readonly limits: Limits;
  readonly lost: Promise<Lost>;
  readonly queue: {
    writeBuffer(to: WebGpuBuffer, at: number, data: ArrayBufferView, from?: number, count?: number): void;
    submit(commands: readonly object[]): void;
    onSubmittedWorkDone(): Promise<unknown>;
  };
  onuncapturederror: ((event: { readonly error: { readonly message: string } }) => void) | null;
  createBuffer(options: { readonly size: number; readonly usage: number }): WebGpuBuffer;
  createBindGroupLayout(options: { readonly entries: readonly object[] }): BindGroupLayout;
  createPipelineLayout(options: { readonly bindGroupLayouts: readonly BindGroupLayout[] }): object;
  createBindGroup(options: { readonly layout: BindGroupLayout; readonly entries: readonly object[] }): BindGroup;
  createShaderModule(options: { readonly code: string }): object;
  createComputePipeline(options: {
    readonly layout: object;
    readonly compute: { readonly module: object; readonly entryPoint: string };
  }): Pipeline;
  createCommandEncoder(): Encoder;
  destroy(): void;
}

export const limitNames = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;
export type Limits = Readonly<Record<(typeof limitNames)[number], number>>;

export interface Adapter {
  readonly limits: Limits;
  readonly features: { has(name: string): boolean };
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  requestDevice(options: {
    readonly requiredFeatures?: readonly string[];
    readonly requiredLimits?: Readonly<Record<string, number>>;
  }): Promise<WebGpuDevice>;
}

export interface WebGpu {
  requestAdapter(options?: { readonly powerPreference?: string }): Promise<Adapter | null>;
}

/** Bits of `GPUBufferUsage` and `GPUMapMode`, which the specification fixes. */
export const usage = { mapRead: 0x1, copyFrom: 0x4, copyTo: 0x8, uniform: 0x40, storage: 0x80 } as const;
export const mapForReading = 0x1;
