import type { Koffi, Library, Pages, Pointer, System, Threads } from "./native.ts";

export const linux: System = { pages: (koffi) => pagesOf(koffi, 0x20), threads };
export const macos: System = { pages: (koffi) => pagesOf(koffi, 0x1000) };

/** `anonymous` is the flag for memory without a file. */
function pagesOf(koffi: Koffi, anonymous: number): Pages {
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

/** The system's threads; none where its C library has them in another way. */
function threads(koffi: Koffi, { map }: Pages): Threads | undefined {
  const SET = 2;
  const system = koffi.load(null);
  try {
    const create = system.func("int pthread_create(void *id, const void *options, void *work, void *on)");
    const detach = system.func("int pthread_detach(uint64_t id)");
    const signals = system.func("int pthread_sigmask(int how, const void *some, void *before)");
    return {
      waiting: "futex",
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
function keepFreedMemory(system: Library): void {
  const [TRIM_THRESHOLD, MMAP_THRESHOLD] = [-1, -3];
  try {
    const tell = system.func("int mallopt(int what, int value)");
    tell(MMAP_THRESHOLD, 32 << 20);
    tell(TRIM_THRESHOLD, 256 << 20);
  } catch {
    // Not the GNU C library.
  }
}
