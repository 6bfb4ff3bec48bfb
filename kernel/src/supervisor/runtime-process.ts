import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { fileURLToPath } from "node:url";
import { encodeFrame, FrameReader } from "../runtime/framing.ts";
import type { Command, Frame } from "../runtime/messages.ts";

const entry = fileURLToPath(new URL("../runtime/main.js", import.meta.url));
/** How long the pipes of a dead process may take to run dry, in milliseconds. */
const drainTime = 300;
const keptErrorOutput = 8000;

/** What every browser and later versions of Node have, and the types of Node 20 as well. */
const webFlags = ["--experimental-websocket", "--experimental-eventsource"].filter((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);

export interface RuntimeEvents {
  frame(frame: Frame): void;
  /** What was written to the file descriptors 1 and 2 past Node: by native code or child processes. */
  nativeOutput(name: "stdout" | "stderr", text: string): void;
  died(why: string): void;
}

/** The process that runs the user's code. */
export class RuntimeProcess {
  readonly #child: ChildProcess;
  readonly #commands: Duplex;
  #exitCode: number | undefined;
  #errorOutput = "";
  #ended = false;

  constructor(events: RuntimeEvents) {
    // `import.meta.resolve` with a second argument finds packages that only ES modules may import.
    const flags = ["--experimental-import-meta-resolve", "--disable-warning=ExperimentalWarning", ...webFlags];
    this.#child = spawn(process.execPath, [...flags, entry], { stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"] });
    const frames = this.#child.stdio[3] as Duplex;
    this.#commands = this.#child.stdio[4] as Duplex;
    this.#commands.on("error", () => undefined);
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
        const text = decoder.write(bytes);
        if (name === "stderr") this.#errorOutput = (this.#errorOutput + text).slice(-keptErrorOutput);
        events.nativeOutput(name, text);
      });
    }
    this.#child.once("error", (error) => this.#end(events, `it did not start: ${error.message}`));
    this.#child.once("exit", (code, signal) => {
      const finish = () => this.#end(events, this.#reason(code, signal));
      // What it sent last is still in the pipe.
      frames.once("close", () => setImmediate(finish));
      setTimeout(finish, drainTime);
    });
  }

  send(command: Command): void {
    this.#commands.write(encodeFrame(command));
  }

  kill(): void {
    this.#ended = true;
    this.#child.kill("SIGKILL");
  }

  #end(events: RuntimeEvents, why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    events.died(why);
  }

  #reason(code: number | null, signal: NodeJS.Signals | null): string {
    if (/heap out of memory|Allocation failed/.test(this.#errorOutput)) return "it ran out of memory";
    if (this.#exitCode !== undefined) return `process.exit(${this.#exitCode}) was called`;
    return signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
  }
}
