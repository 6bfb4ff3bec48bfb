interface Host {
  readonly platform?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?(id: string): object | undefined;
}

/** The most threads that are of use to anybody. */
const MOST = 256;
let wanted: number | undefined;

/** How many threads share the work of large operations on the CPU device. Results do not depend on it. */
export function threads(): number {
  wanted ??= asked() ?? cores();
  return wanted;
}

/**
 * Sets how many threads share the work of large operations on the CPU device: 1, or more, up to 256; nothing for as many as there are
 * cores. The environment variable `GRADBOOK_THREADS` says what holds from the beginning. Results are the same to the bit with any
 * number. Threads there are on Linux and Windows with machine code; elsewhere one does all.
 * @throws RangeError unless the number is whole and within 1 … 256.
 */
export function setThreads(count?: number): void {
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= MOST))
    throw new RangeError(
      `setThreads: the number of threads is ${count}, expected a whole number from 1 to ${MOST}, or nothing for as many as there are cores.`,
    );
  wanted = count ?? cores();
}

const host = (): Host => (globalThis as { process?: Host }).process ?? {};

function asked(): number | undefined {
  const text = host().env?.GRADBOOK_THREADS;
  if (text === undefined || text === "") return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new RangeError(
    `The environment variable GRADBOOK_THREADS is ${JSON.stringify(text)}, expected a whole number from 1 to ${MOST}, or nothing for as many as there are cores.`,
  );
}

/** Cores that this process may use; of a core with two threads one, since they share what computes. */
function cores(): number {
  const system = builtin("node:os") as { availableParallelism?(): number } | undefined;
  const available = system?.availableParallelism?.() ?? 1;
  const isDouble = systemFile("/sys/devices/system/cpu/smt/active") === "1";
  return Math.max(1, Math.min(MOST, isDouble ? available >> 1 : available, allowed()));
}

/** Cores' worth of time that a container is given on Linux: a quota of a period, in microseconds, or no limit. */
function allowed(): number {
  // In one file, or in two, by the version of the system's groups.
  const one = systemFile("/sys/fs/cgroup/cpu.max")?.split(" ");
  const two = ["quota", "period"].map((what) => systemFile(`/sys/fs/cgroup/cpu/cpu.cfs_${what}_us`));
  const [quota, period] = (one ?? two).map(Number);
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? Math.floor(quota / period) : MOST;
}

const builtin = (id: string) => host().getBuiltinModule?.(id);

/** What a file of the system says; nothing where there is no such file, as on other systems than Linux. */
function systemFile(path: string): string | undefined {
  const files = builtin("node:fs") as { readFileSync(path: string, encoding: "utf8"): string };
  try {
    return files.readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
