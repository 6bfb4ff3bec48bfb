import { windowsEntry } from "./windows.ts";

/** Where something lies that is not an array of JavaScript's. */
export type Pointer = object;

/** The parts of koffi, https://koffi.dev, that are used. */
interface Koffi {
  load(name: string | null): System;
  proto(declaration: string): unknown;
  decode(pointer: Pointer, type: unknown): (...values: unknown[]) => unknown;
  address(pointer: Pointer): bigint;
}
type System = { func(declaration: string): (...values: unknown[]) => unknown };

interface NodeProcess {
  readonly platform: string;
  readonly arch: string;
  getBuiltinModule?(id: string): object | undefined;
}

/** A function in machine code, called with the addresses of arrays. */
export interface MachineFunction {
  (...arrays: readonly (ArrayBufferView | Pointer)[]): void;
  readonly pointer: Pointer;
  /** Its lower and its upper half. */
  readonly address: readonly [number, number];
}

/** Memory of the system, in pages. */
interface Pages {
  /** Memory of zeros. @throws Error where there is none. */
  map(bytes: number, what: string): Pointer;
  copy(to: Pointer, from: Uint8Array, bytes: number): unknown;
  /** Has memory be run, and written to no more; false where the system does not let it. */
  seal(at: Pointer, bytes: number): boolean;
}

/** Systems there are kernels for. */
const systems: Readonly<Record<string, (koffi: Koffi) => Pages>> = {
  linux: (koffi) => pagesOfUnix(koffi, 0x20),
  darwin: (koffi) => pagesOfUnix(koffi, 0x1000),
  win32: pagesOfWindows,
};

/** What loads machine code on a machine. */
export interface Loader {
  /** Puts machine code where it can be run; the same code once for all that ask for it, since it stays there. */
  (code: Uint8Array, parameters: number): MachineFunction;
  /** Threads that run machine code, where the system's are known. */
  readonly threads?: Threads;
}

/** Threads of the system that run machine code alone, and nothing of JavaScript. */
export interface Threads {
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
  const pagesOf = systems[host.platform];
  if (host.arch !== "x64" || pagesOf === undefined) {
    const here = `this is ${host.arch} on ${host.platform}`;
    return { missing: `there are kernels for x64 on Linux, macOS and Windows, and ${here}`, surprising: false };
  }
  const { createRequire } = host.getBuiltinModule("node:module") as {
    createRequire(from: string): (name: string) => unknown;
  };
  try {
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    const pages = pagesOf(koffi);
    const onWindows = host.platform === "win32";
    const kinds = new Map<number, unknown>();
    const kind = (parameters: number) => {
      const known = kinds.get(parameters) ?? koffi.proto(`void (${Array(parameters).fill("void *").join(", ")})`);
      kinds.set(parameters, known);
      return known;
    };
    const loaded = new Map<string, MachineFunction>();
    const load = (given: Uint8Array, parameters: number): MachineFunction => {
      const code = onWindows ? Uint8Array.of(...windowsEntry(parameters), ...given) : given;
      const pointer = pages.map(code.length, "machine code");
      pages.copy(pointer, code, code.length);
      if (!pages.seal(pointer, code.length)) throw new Error("the system allows no machine code");
      const run = koffi.decode(pointer, kind(parameters));
      const place = koffi.address(pointer);
      const address = [Number(BigInt.asIntN(32, place)), Number(BigInt.asIntN(32, place >> 32n))] as const;
      return Object.assign(run as MachineFunction, { pointer, address });
    };
    const once = (code: Uint8Array, parameters: number) => {
      const key = `${parameters} ${code.join()}`;
      const known = loaded.get(key) ?? load(code, parameters);
      loaded.set(key, known);
      return known;
    };
    const threads = host.platform === "linux" ? threadsOf(koffi.load(null), pages) : undefined;
    return Object.assign(once, threads && { threads });
  } catch (error) {
    return { missing: `the package koffi does not load: ${(error as Error).message}`, surprising: true };
  }
}

function pagesOfUnix(koffi: Koffi, anonymous: number): Pages {
  const [READ, WRITE, EXECUTE, PRIVATE] = [1, 2, 4, 2];
  const system = koffi.load(null);
  keepFreedMemory(system);
  const map = system.func("void *mmap(void *at, size_t bytes, int protection, int flags, int file, int64_t offset)");
  const protect = system.func("int mprotect(void *at, size_t bytes, int protection)");
  return {
    map(bytes, what) {
      const page = map(null, bytes, READ | WRITE, PRIVATE | anonymous, -1, 0) as Pointer;
      if (koffi.address(page) === 0xffff_ffff_ffff_ffffn) throw new Error(`no memory for ${what}`);
      return page;
    },
    copy: system.func("void *memcpy(void *to, const void *from, size_t bytes)"),
    seal: (at, bytes) => protect(at, bytes, READ | EXECUTE) === 0,
  };
}

function pagesOfWindows(koffi: Koffi): Pages {
  const [COMMIT_AND_RESERVE, READ_AND_WRITE, EXECUTE_AND_READ] = [0x3000, 0x04, 0x20];
  const system = koffi.load("kernel32.dll");
  const allocate = system.func("void *VirtualAlloc(void *at, size_t bytes, uint32_t kind, uint32_t protection)");
  const protect = system.func("int VirtualProtect(void *at, size_t bytes, uint32_t protection, void *before)");
  return {
    map(bytes, what) {
      const page = allocate(null, bytes, COMMIT_AND_RESERVE, READ_AND_WRITE) as Pointer | null;
      if (page === null) throw new Error(`no memory for ${what}`);
      return page;
    },
    copy: system.func("void RtlMoveMemory(void *to, const void *from, size_t bytes)"),
    seal: (at, bytes) => protect(at, bytes, EXECUTE_AND_READ, new Uint32Array(1)) !== 0,
  };
}

/** The system's threads; none where its C library has them in another way. */
function threadsOf(system: System, { map }: Pages): Threads | undefined {
  const SET = 2;
  try {
    const create = system.func("int pthread_create(void *id, const void *options, void *work, void *on)");
    const detach = system.func("int pthread_detach(uint64_t id)");
    const signals = system.func("int pthread_sigmask(int how, const void *some, void *before)");
    return {
      memory: (bytes) => map(bytes, "threads"),
      start(work, on) {
        const id = new BigUint64Array(1);
        // Signals are for the threads that know what to do about them.
        const [all, before] = [new Uint8Array(128).fill(255), new Uint8Array(128)];
        signals(SET, all, before);
        try {
          const failed = create(id, null, work.pointer, on);
          if (failed !== 0) throw new Error(`the system starts no thread (${failed})`);
        } finally {
          signals(SET, before, null);
        }
        detach(id[0]);
      },
    };
  } catch {
    return undefined;
  }
}

/**
 * Has the C library keep what large arrays give back, for the next ones: memory that comes fresh from the system costs
 * more than most operations on it. Where it cannot be told, it does what it does.
 */
function keepFreedMemory(system: System): void {
  const [TRIM_THRESHOLD, MMAP_THRESHOLD] = [-1, -3];
  try {
    const tell = system.func("int mallopt(int what, int value)");
    tell(MMAP_THRESHOLD, 32 << 20);
    tell(TRIM_THRESHOLD, 256 << 20);
  } catch {
    // Not the GNU C library.
  }
}
