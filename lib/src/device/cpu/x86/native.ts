import type { Waiting } from "./team/waiting.ts";
import { linux, macos } from "./unix.ts";
import { windows } from "./windows.ts";

/** Where something lies that is not an array of JavaScript's. */
export type Pointer = object;

/** The parts of koffi, https://koffi.dev, that are used. */
export interface Koffi {
  load(name: string | null): Library;
  proto(declaration: string): unknown;
  decode(pointer: Pointer, type: unknown): (...values: unknown[]) => unknown;
  address(pointer: Pointer): bigint;
}
/** A library of the system. */
export type Library = { func(declaration: string): (...values: unknown[]) => unknown };

interface NodeProcess {
  readonly platform: string;
  readonly arch: string;
  getBuiltinModule?(id: string): object | undefined;
}

/** A function in machine code, called with the addresses of arrays. */
export interface MachineFunction {
  (...arrays: readonly (ArrayBufferView | Pointer)[]): void;
  readonly pointer: Pointer;
  /** Where other machine code calls it: the lower and the upper half. */
  readonly address: readonly [number, number];
}

/** Memory of the system, in pages. */
export interface Pages {
  /** Memory of zeros. @throws Error where there is none. */
  map(bytes: number, what: string): Pointer;
  copy(to: Pointer, from: Uint8Array, bytes: number): unknown;
  /** Has memory be run, and written to no more; false where the system does not let it. */
  seal(at: Pointer, bytes: number): boolean;
}

/** What is asked of a system. */
export interface System {
  pages(koffi: Koffi): Pages;
  /** None where it has them in another way. */
  threads?(koffi: Koffi, pages: Pages): Threads | undefined;
  /** What goes before a function with so many arguments, so that it can be called as the system's own are. */
  entry?(parameters: number): Uint8Array<ArrayBuffer>;
}

/** Systems there are kernels for. */
const systems: Readonly<Record<string, System>> = { linux, darwin: macos, win32: windows };

/** What loads machine code on a machine. */
export interface Loader {
  /** Puts machine code where it can be run; the same code once for all that ask for it, since it stays there. */
  (code: Uint8Array, parameters: number): MachineFunction;
  /** Threads that run machine code, where the system's are known. */
  readonly threads?: Threads;
}

/** Threads of the system that run machine code alone, and nothing of JavaScript. */
export interface Threads {
  /** How they sleep and are woken. */
  readonly waiting: Waiting;
  /** Memory of zeros that stays for as long as the process. */
  memory(bytes: number): Pointer;
  /** Starts a thread that runs a function on a place in memory. @throws Error where the system has no more. */
  start(work: MachineFunction, on: Pointer): void;
}

/** Why there is no machine code, and whether that was to be expected. */
export interface Missing {
  readonly missing: string;
  readonly surprising: boolean;
}

let own: Loader | Missing | undefined;

/** What loads machine code on this machine, or why nothing does. */
export function loader(): Loader | Missing {
  own ??= findLoader();
  return own;
}

function findLoader(): Loader | Missing {
  const host = (globalThis as { process?: NodeProcess }).process;
  if (host?.getBuiltinModule === undefined) return { missing: "this is not Node.js", surprising: false };
  const system = systems[host.platform];
  if (host.arch !== "x64" || system === undefined) {
    const here = `this is ${host.arch} on ${host.platform}`;
    return { missing: `there are kernels for x64 on Linux, macOS and Windows, and ${here}`, surprising: false };
  }
  const { createRequire } = host.getBuiltinModule("node:module") as {
    createRequire(from: string): (name: string) => unknown;
  };
  try {
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    const pages = system.pages(koffi);
    const kinds = new Map<number, unknown>();
    const kind = (parameters: number) => {
      const known = kinds.get(parameters) ?? koffi.proto(`void (${Array(parameters).fill("void *").join(", ")})`);
      kinds.set(parameters, known);
      return known;
    };
    const loaded = new Map<string, MachineFunction>();
    const load = (given: Uint8Array, parameters: number): MachineFunction => {
      const entry = system.entry?.(parameters) ?? new Uint8Array();
      const code = Uint8Array.of(...entry, ...given);
      const pointer = pages.map(code.length, "machine code");
      pages.copy(pointer, code, code.length);
      if (!pages.seal(pointer, code.length)) throw new Error("the system allows no machine code");
      const run = koffi.decode(pointer, kind(parameters));
      const place = koffi.address(pointer) + BigInt(entry.length);
      const address = [Number(BigInt.asIntN(32, place)), Number(BigInt.asIntN(32, place >> 32n))] as const;
      return Object.assign(run as MachineFunction, { pointer, address });
    };
    const once = (code: Uint8Array, parameters: number) => {
      const key = `${parameters} ${code.join()}`;
      const known = loaded.get(key) ?? load(code, parameters);
      loaded.set(key, known);
      return known;
    };
    const threads = system.threads?.(koffi, pages);
    return Object.assign(once, threads && { threads });
  } catch (error) {
    return { missing: `the package koffi does not load: ${(error as Error).message}`, surprising: true };
  }
}
