import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { fileURLToPath } from "node:url";
import type { InspectorCommand, InspectorFrame } from "../debug/messages.ts";
import { encodeFrame, FrameReader } from "../runtime/framing.ts";
import type { ControlCommand, Frame, MainCommand } from "../runtime/messages.ts";

const entry = fileURLToPath(new URL("../runtime/main.js", import.meta.url));
/** How long the pipes of a dead process may take to run dry, in milliseconds. */
const drainTime = 3000;
const keptErrorOutput = 8000;
/** What Node prints when a process ends while it is debugged: nothing that the user has done. */
const debuggerNotice = "Waiting for the debugger to disconnect...\n";

/** What every browser and later versions of Node have, and the types of Node 20 as well. */
const webFlags = ["--experimental-websocket", "--experimental-eventsource"].filter((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);
const grouped = process.platform !== "win32";

export interface RuntimeEvents {
  frame(frame: Frame): void;
  /** What was written to the file descriptors 1 and 2 past Node: by native code or child processes. */
  nativeOutput(name: "stdout" | "stderr", text: string): void;
  /** What the control thread reports from the inspector, past the main thread. */
  inspector(frame: InspectorFrame): void;
  /** With the last of what it wrote to its error output past Node. */
  died(why: string, lastWords: string): void;
}

/** The process that runs the user's code. */
export class RuntimeProcess {
  readonly #child: ChildProcess;
  /** To its main thread. */
  readonly #commands: Duplex;
  /** To its control thread, and back. */
  readonly #control: Duplex;
  #sent = 0;
  #exitCode: number | undefined;
  #errorOutput = "";
  /** The process is no more; what it sent last may still be in the pipes. */
  #gone = false;
  #ended = false;

  constructor(events: RuntimeEvents) {
    // `import.meta.resolve` with a second argument finds packages that only ES modules may import.
    const flags = ["--experimental-import-meta-resolve", "--disable-warning=ExperimentalWarning", ...webFlags];
    this.#child = spawn(process.execPath, [...flags, entry], {
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
      // A process group of its own, so that it takes along what it has started.
      detached: grouped,
    });
    const [frames, control, commands] = this.#child.stdio.slice(3) as Duplex[] as [Duplex, Duplex, Duplex];
    this.#control = control;
    this.#commands = commands;
    for (const stream of [this.#control, this.#commands]) stream.on("error", () => undefined);
    const inspected = new FrameReader<InspectorFrame>();
    this.#control.on("data", (bytes: Buffer) => {
      for (const frame of inspected.read(bytes)) if (!this.#ended) events.inspector(frame);
    });
    const reader = new FrameReader<Frame>();
    frames.on("error", () => undefined);
    frames.on("data", (bytes: Buffer) => {
      for (const frame of reader.read(bytes)) {
        if (frame.type === "exit") this.#exitCode = frame.code;
        else events.frame(frame);
      }
    });
    for (const name of ["stdout", "stderr"] as const) {
      const decoder = new StringDecoder("utf8");
      this.#child[name]!.on("data", (bytes: Buffer) => {
        const text = decoder.write(bytes).replace(debuggerNotice, "");
        if (text === "") return;
        if (name === "stderr") this.#errorOutput = (this.#errorOutput + text).slice(-keptErrorOutput);
        events.nativeOutput(name, text);
      });
    }
    this.#child.once("error", (error) => this.#end(events, `it did not start: ${error.message}`));
    this.#child.once("exit", (code, signal) => {
      this.#gone = true;
      this.#killGroup();
      this.hold(false);
      const finish = () => this.#end(events, this.#reason(code, signal));
      if (frames.closed) {
        setImmediate(finish);
        return;
      }
      // What it sent last is still in the pipe.
      frames.once("close", () => setImmediate(finish));
      setTimeout(finish, drainTime).unref();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Has something run. */
  send(command: MainCommand): void {
    this.#sent++;
    for (const bytes of encodeFrame(command)) this.#commands.write(bytes);
  }

  /** Stops what has been sent so far. */
  interrupt(): void {
    this.#tell({ type: "interrupt", after: this.#sent });
  }

  /** Gives a cell that waits for it the answer of its user. */
  answer(text: string): void {
    this.#tell({ type: "answer", text });
  }

  inspect(command: InspectorCommand): void {
    this.#tell(command);
  }

  #tell(command: ControlCommand): void {
    for (const bytes of encodeFrame(command)) this.#control.write(bytes);
  }

  /** Stops reading what it sends, so that it waits when it sends more, or goes on. */
  hold(held: boolean): void {
    if (held && this.#gone) return;
    for (const stream of [this.#child.stdio[3] as Duplex, this.#child.stdout!, this.#child.stderr!]) {
      if (held) stream.pause();
      else stream.resume();
    }
  }

  kill(): void {
    this.#ended = true;
    this.#killGroup();
  }

  #killGroup(): void {
    const { pid } = this.#child;
    try {
      if (pid !== undefined) process.kill(grouped ? -pid : pid, "SIGKILL");
    } catch {
      // Nothing of it is left.
    }
  }

  #end(events: RuntimeEvents, why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    events.died(why, this.#errorOutput);
  }

  #reason(code: number | null, signal: NodeJS.Signals | null): string {
    if (/heap out of memory|Allocation failed/.test(this.#errorOutput)) return "it ran out of memory";
    if (this.#exitCode !== undefined) return `process.exit(${this.#exitCode}) was called`;
    return signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
  }
}
