import { cpus, freemem, hostname, totalmem } from "node:os";
import pidusage from "pidusage";

/** What the kernel's processes and the machine use, in the fields in which ipykernel tells it. */
export interface UsageReply {
  readonly hostname: string;
  readonly pid: number;
  /** Of all processes of the kernel together, in percent of one core since the last question. */
  readonly kernel_cpu: number;
  /** Of all processes of the kernel together, in bytes. */
  readonly kernel_memory: number;
  readonly cpu_count: number;
  /** Of all cores, in percent since the last question. */
  readonly host_cpu_percent: number;
  readonly host_virtual_memory: {
    readonly total: number;
    readonly available: number;
    readonly used: number;
    readonly free: number;
    readonly percent: number;
  };
}

/** Measures what is used since it was last asked. */
export class UsageMeter {
  #last = cpuTimes();

  /** The usage of the given processes and of the machine; processes that are gone count nothing. */
  async measure(pids: readonly number[]): Promise<UsageReply> {
    const found = await Promise.all(pids.map((pid) => pidusage(pid).catch(() => ({ cpu: 0, memory: 0 }))));
    const [total, available] = [totalmem(), freemem()];
    return {
      hostname: hostname(),
      pid: process.pid,
      kernel_cpu: found.reduce((sum, { cpu }) => sum + cpu, 0),
      kernel_memory: found.reduce((sum, { memory }) => sum + memory, 0),
      cpu_count: cpus().length,
      host_cpu_percent: this.#hostPercent(),
      host_virtual_memory: {
        total,
        available,
        used: total - available,
        free: available,
        percent: rounded((100 * (total - available)) / total),
      },
    };
  }

  #hostPercent(): number {
    const now = cpuTimes();
    const [idle, all] = [now.idle - this.#last.idle, now.all - this.#last.all];
    this.#last = now;
    return all <= 0 ? 0 : rounded((100 * (all - idle)) / all);
  }
}

function cpuTimes(): { idle: number; all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, all };
}

const rounded = (percent: number) => Math.round(percent * 10) / 10;
