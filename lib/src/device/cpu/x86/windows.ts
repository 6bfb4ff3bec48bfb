import { Assembler, at, Label, r8, r9, rcx, rdi, rdx, rsi } from "./assembler.ts";
import type { Koffi, Pages, Pointer, System, Threads } from "./native.ts";

export const windows: System = { pages, threads, entry: windowsEntry };

/** The stack's register. */
const rsp = 4;
/** Vectors of which Windows wants the lower half kept. */
const kept = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;
/** Registers with the first arguments: where Windows gives them, and where the kernels look for them. */
const [given, wanted] = [
  [rcx, rdx, r8, r9],
  [rdi, rsi, rdx, rcx, r8, r9],
] as const;

/**
 * What goes before a function with so many arguments, all of them addresses, so that it can be called on Windows: it is
 * written for the other systems, whose functions get their arguments elsewhere and need not keep as much.
 * Microsoft, x64 calling convention; System V Application Binary Interface, AMD64 supplement, section 3.2.
 */
export function windowsEntry(parameters: number): Uint8Array<ArrayBuffer> {
  const code = new Assembler();
  const start = new Label();
  const room = kept.length * 16;
  for (const register of [rdi, rsi]) code.push(register);
  code.addConstant(rsp, -room);
  kept.forEach((register, i) => {
    code.storeQuarter(at(rsp, i * 16), register);
  });
  // Above what was pushed lie the address to return to, room for the arguments in registers, and the other arguments.
  let below = room + 2 * 8;
  const argument = (i: number) => at(rsp, below + 8 + i * 8);
  for (let i = parameters - 1; i >= wanted.length; i--) {
    code.loadLong(rdi, argument(i));
    code.push(rdi);
    below += 8;
  }
  const inRegisters = wanted.slice(0, parameters);
  inRegisters.forEach((to, i) => {
    if (i < given.length) code.copy(to, given[i]!);
    else code.loadLong(to, argument(i));
  });
  code.call(start);
  code.addConstant(rsp, 8 * Math.max(0, parameters - wanted.length));
  kept.forEach((register, i) => {
    code.loadQuarter(register, at(rsp, i * 16));
  });
  code.addConstant(rsp, room);
  for (const register of [rsi, rdi]) code.pop(register);
  code.return();
  code.place(start);
  return code.finish();
}

function pages(koffi: Koffi): Pages {
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

/** The system's threads; none before Windows 8, which has no waiting for a place in memory. */
function threads(koffi: Koffi, { map }: Pages): Threads | undefined {
  const system = koffi.load("kernel32.dll");
  const create = system.func(
    "void *CreateThread(void *security, size_t stack, void *work, void *on, uint32_t flags, void *id)",
  );
  const close = system.func("int CloseHandle(void *handle)");
  const library = system.func("void *LoadLibraryA(const char *name)")("kernelbase.dll");
  const find = system.func("void *GetProcAddress(void *library, const char *name)");
  const [waitOnAddress, wakeByAddressAll, switchToThread] = ["WaitOnAddress", "WakeByAddressAll", "SwitchToThread"].map(
    (name) => find(library, name) as Pointer | null,
  );
  if (!waitOnAddress || !wakeByAddressAll || !switchToThread) return undefined;
  return {
    waiting: {
      waitOnAddress: koffi.address(waitOnAddress),
      wakeByAddressAll: koffi.address(wakeByAddressAll),
      switchToThread: koffi.address(switchToThread),
    },
    memory: (bytes) => map(bytes, "threads"),
    start(work, on) {
      const thread = create(null, 0, work.pointer, on, 0, null);
      if (thread === null) throw new Error("the system starts no thread");
      close(thread);
    },
  };
}
