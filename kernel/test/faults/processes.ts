import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

/** A process as the system lists it. */
export interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** One letter; `Z` is a process that has ended and that its parent has not cleared away. */
  readonly state: string;
}

/** All processes: from /proc where there is one, because small Linux systems have no ps. */
export async function listProcesses(): Promise<Listed[]> {
  if (!existsSync("/proc/self/stat")) {
    const lines = execFileSync("ps", ["-eo", "pid=,ppid=,state=,args="], { encoding: "utf8" }).trim().split("\n");
    return lines.map((line) => {
      const [pid, parent, state, ...words] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state: state ?? "", command: words.join(" ") };
    });
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
      const [stat, command] = await Promise.all([read("stat"), read("cmdline")]);
      const [, state = "", parent] = /\) (\S) (\d+)/.exec(stat) ?? [];
      return { pid: Number(pid), parent: Number(parent), state, command: command.replaceAll("\0", " ") };
    }),
  );
  return found.filter(({ state }) => state !== "");
}

/** Whether a process runs; one that has ended but is not yet cleared away by its parent does not. */
export async function runs(pid: number): Promise<boolean> {
  return (await listProcesses()).some((listed) => listed.pid === pid && !/[ZX]/.test(listed.state));
}

/** The process of a kernel that has this role, once there is one. */
export async function partOf(kernel: number, role: "runtime" | "language"): Promise<number> {
  const entry = role === "runtime" ? "runtime/main.js" : "session/main.js";
  for (;;) {
    const part = (await listProcesses()).find(
      ({ parent, command, state }) => parent === kernel && command.includes(entry) && state !== "Z",
    );
    if (part) return part.pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What was started, directly or not, by a process. */
export async function descendants(pid: number): Promise<Listed[]> {
  const all = await listProcesses();
  const below = (parent: number): Listed[] =>
    all.filter((listed) => listed.parent === parent).flatMap((listed) => [listed, ...below(listed.pid)]);
  return below(pid);
}

/** Resident memory of a process in MB; Linux only. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

/** Processor time that a process has used, in milliseconds; Linux only, in steps of 10. */
export async function processorTime(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Memory of a process in MB, where what it shares is divided among those who share it; Linux only. */
export async function privateMemory(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)![1]) / 1024;
}
