import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { FoundKernelSpec } from "../install/kernelspec.ts";
import { Problem } from "../problem.ts";

/** How a kernel's process is started. */
export interface ProcessStart {
  connectionFile: string;
  /** The working folder of the code it runs. */
  cwd?: string | undefined;
  /** Variables added to this process's environment. */
  env?: Record<string, string> | undefined;
}

/** Kernels must not outlive the process that started them. */
const running = new Set<KernelProcess>();
process.on("exit", () => {
  for (const kernel of running) kernel.kill();
});

/** The operating-system side of a kernel. */
export class KernelProcess {
  /** Resolves when the program runs. Rejects with a Problem when it cannot be started. */
  readonly started: Promise<void>;
  /** Resolves, with a sentence that says how, when the process has ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #tail = "";
  #alive = true;

  /** @throws Problem when the kernelspec names no program. */
  constructor({ spec, folder, name }: FoundKernelSpec, { connectionFile, cwd, env = {} }: ProcessStart) {
    const [program, ...words] = spec.argv.map((word) =>
      word.replaceAll("{connection_file}", connectionFile).replaceAll("{resource_dir}", folder ?? ""),
    );
    if (program === undefined) throw new Problem(`Kernel ${name}: its kernel.json has an empty "argv".`);
    this.#child = spawn(program, words, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...filledIn(spec.env ?? {}), ...env, JPY_PARENT_PID: String(process.pid) },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: Ctrl-C in the terminal is for us to pass on, and a kill reaches what the kernel started.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#tail = (this.#tail + text).slice(-4000);
      });
    running.add(this);
    this.started = new Promise<void>((resolve, reject) => {
      this.#child.once("spawn", resolve);
      this.#child.once("error", (error) => reject(new Problem(notStarted(program, error))));
    });
    this.started.catch(() => {});
    this.ended = new Promise<string>((resolve) => {
      this.#child.once("error", (error) => resolve(notStarted(program, error)));
      this.#child.once("exit", (code, signal) =>
        resolve(`The kernel's process ended ${signal ? `by ${signal}` : `with code ${code}`}.`),
      );
    }).finally(() => {
      this.#alive = false;
      running.delete(this);
      // Something that the kernel started may still hold them, and must not hold us.
      for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream instanceof Socket) stream.unref();
    });
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || !this.#alive) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, signal);
    } catch {
      // It has just gone by itself.
    }
  }

  /** Ends the kernel and what it started, at once. */
  kill(): void {
    this.signal("SIGKILL");
  }

  /** What the process last wrote, for the message that reports its failure. */
  lastWords(): string {
    const text = this.#tail.trim();
    return text === "" ? "" : `\nIt last wrote:\n${text}`;
  }
}

function notStarted(program: string, error: Error): string {
  return `The program ${program} could not be started: ${error.message}.`;
}

/** `${NAME}` in a kernelspec's environment stands for the variable's value here, as in Jupyter. */
function filledIn(env: Record<string, string>): Record<string, string> {
  const fill = (text: string) => text.replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? "");
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text)]));
}
