/** The parts of koffi, https://koffi.dev, that are used. */
interface Koffi {
  load(name: null): { func(declaration: string): (...values: unknown[]) => unknown };
  proto(declaration: string): unknown;
  decode(pointer: unknown, type: unknown): (...values: unknown[]) => unknown;
  address(pointer: unknown): bigint;
}

interface NodeProcess {
  readonly platform: string;
  readonly arch: string;
  getBuiltinModule?(id: string): object | undefined;
}

/** A function in machine code, called with the addresses of arrays. */
export type MachineFunction = (...arrays: readonly ArrayBufferView[]) => void;

const READ = 1;
const WRITE = 2;
const EXECUTE = 4;
const PRIVATE = 2;
/** The flag for memory without a file. */
const ANONYMOUS: Readonly<Record<string, number>> = { linux: 0x20, darwin: 0x1000 };

/** Puts machine code where it can be run; the same code once for all that ask for it, since it stays there. */
export type Loader = (code: Uint8Array, parameters: number) => MachineFunction;

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
  const anonymous = ANONYMOUS[host.platform];
  if (host.arch !== "x64" || anonymous === undefined) {
    const here = `this is ${host.arch} on ${host.platform}`;
    return { missing: `there are kernels for x64 on Linux and macOS, and ${here}`, surprising: false };
  }
  const { createRequire } = host.getBuiltinModule("node:module") as {
    createRequire(from: string): (name: string) => unknown;
  };
  try {
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    const system = koffi.load(null);
    keepFreedMemory(system);
    const map = system.func("void *mmap(void *at, size_t bytes, int protection, int flags, int file, int64_t offset)");
    const protect = system.func("int mprotect(void *at, size_t bytes, int protection)");
    const copy = system.func("void *memcpy(void *to, const void *from, size_t bytes)");
    const kinds = new Map<number, unknown>();
    const kind = (parameters: number) => {
      const known = kinds.get(parameters) ?? koffi.proto(`void (${Array(parameters).fill("void *").join(", ")})`);
      kinds.set(parameters, known);
      return known;
    };
    const loaded = new Map<string, MachineFunction>();
    const load: Loader = (code, parameters) => {
      const page = map(null, code.length, READ | WRITE, PRIVATE | anonymous, -1, 0);
      if (koffi.address(page) === 0xffff_ffff_ffff_ffffn) throw new Error("no memory for machine code");
      copy(page, code, code.length);
      if (protect(page, code.length, READ | EXECUTE) !== 0) throw new Error("the system allows no machine code");
      return koffi.decode(page, kind(parameters)) as MachineFunction;
    };
    return (code, parameters) => {
      const key = `${parameters} ${code.join()}`;
      const known = loaded.get(key) ?? load(code, parameters);
      loaded.set(key, known);
      return known;
    };
  } catch (error) {
    return { missing: `the package koffi does not load: ${(error as Error).message}`, surprising: true };
  }
}

/**
 * Has the C library keep what large arrays give back, for the next ones: memory that comes fresh from the system costs
 * more than most operations on it. Where it cannot be told, it does what it does.
 */
function keepFreedMemory(system: ReturnType<Koffi["load"]>): void {
  const [TRIM_THRESHOLD, MMAP_THRESHOLD] = [-1, -3];
  try {
    const tell = system.func("int mallopt(int what, int value)");
    tell(MMAP_THRESHOLD, 32 << 20);
    tell(TRIM_THRESHOLD, 256 << 20);
  } catch {
    // Not the GNU C library.
  }
}
