import { type Mode, modeAsked } from "../mode.ts";
import { X86Kernels } from "../x86/kernels.ts";
import { type Code, f32x4 } from "./assembler/code.ts";
import { assemble, define, type FunctionCode } from "./assembler/module.ts";

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
export type Kernel = (...parameters: number[]) => void;
export type Kernels<Name extends string = string> = Readonly<Record<Name, Kernel>>;

/** The part of the JavaScript API of WebAssembly that is used here; no DOM types are needed for it. */
export interface WebAssemblyApi {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly Memory: new (size: { initial: number; maximum: number }) => Memory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: { scratch: { memory: Memory } }) => { readonly exports: Kernels };
}

/** One gibibyte in pages of 64 KiB. */
export const MOST_PAGES = 16384;
/** Compiled modules kept; the ones unused for longest go first. */
const MOST_MODULES = 512;

/** Compiles kernels, all of which share one memory. */
export class Engine {
  readonly memory: Memory;
  /** Whether a · b + c is rounded once. */
  readonly fused: boolean;
  /** Kernels in machine code, where the machine has them and they are wanted. */
  readonly x86: X86Kernels | null;
  readonly #api: WebAssemblyApi;
  readonly #compiled = new Map<string, Kernels>();

  constructor(api: WebAssemblyApi, fused: boolean, mode: Mode | undefined) {
    this.#api = api;
    this.fused = fused;
    this.memory = new api.Memory({ initial: 16, maximum: MOST_PAGES });
    this.x86 = mode === "wasm" ? null : x86In(this.memory, mode);
  }

  /** The kernels known by `key`, which says everything that `write` depends on; compiled by the first call. */
  kernels<Name extends string>(
    key: string,
    write: (fused: boolean) => Readonly<Record<Name, FunctionCode>>,
  ): Kernels<Name> {
    let kernels = this.#compiled.get(key);
    if (kernels === undefined) {
      const imports = { scratch: { memory: this.memory } };
      kernels = new this.#api.Instance(new this.#api.Module(assemble(write(this.fused))), imports).exports;
      const [oldest] = this.#compiled.keys();
      if (this.#compiled.size >= MOST_MODULES && oldest !== undefined) this.#compiled.delete(oldest);
    } else {
      this.#compiled.delete(key);
    }
    this.#compiled.set(key, kernels);
    return kernels;
  }
}

let current: Engine | null | undefined;

/** The engine, or null where there is no WebAssembly with SIMD. Started by the first call. */
export function engine(): Engine | null {
  if (current === undefined) current = start();
  return current;
}

/** Lets go of the engine and its memory; the next call starts another. */
export function forgetEngine(): void {
  current = undefined;
}

function x86In(memory: Memory, mode: Mode | undefined): X86Kernels | null {
  const kernels = X86Kernels.in(memory);
  if (kernels instanceof X86Kernels) return kernels;
  if (mode === "x86") throw new Error(`GRADBOOK_CPU asks for x86, but ${kernels.missing}.`);
  if (kernels.surprising) warnOnce(kernels.missing);
  return null;
}

let warned = false;

function warnOnce(reason: string): void {
  const { process } = globalThis as { process?: { emitWarning?(text: string, type: string): void } };
  if (!warned)
    process?.emitWarning?.(
      `Products run in WebAssembly, at half the speed: ${reason}. GRADBOOK_CPU=wasm wants it so.`,
      "Gradbook",
    );
  warned = true;
}

function start(): Engine | null {
  const mode = modeAsked();
  if (mode === "plain") return null;
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  const zero = f32x4.const(0);
  const probe = (value: Code<"v128">) => assemble({ probe: define({}, (_, declare) => declare("v128").set(value)) });
  if (!api?.validate(probe(zero))) return null;
  const relaxed = probe(f32x4.fused(zero, zero, zero));
  if (!api.validate(relaxed)) switchOnRelaxedSimd();
  return new Engine(api, api.validate(relaxed), mode);
}

/** Node 20 has relaxed SIMD behind a flag that may still be set before the first module that uses it. */
function switchOnRelaxedSimd(): void {
  const host = (globalThis as { process?: { getBuiltinModule?(id: string): object | undefined } }).process;
  const v8 = host?.getBuiltinModule?.("node:v8") as { setFlagsFromString?(flag: string): void } | undefined;
  v8?.setFlagsFromString?.("--experimental-wasm-relaxed-simd");
}
