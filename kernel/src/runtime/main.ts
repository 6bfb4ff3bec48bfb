import { Worker } from "node:worker_threads";
import { installDebugSupport } from "../debug/runtime/debug-support.ts";
import { Displays } from "../display/displays.ts";
import { CellRunner } from "./cell-runner.ts";
import { send } from "./channel.ts";
import { type ControlMessage, installBusyInterrupt } from "./interruption.ts";
import type { Command, Frame } from "./messages.ts";
import { NotebookModules } from "./modules.ts";
import { captureOutput } from "./output.ts";
import { hideContextOfPromises } from "./promise-inspection.ts";
import { Sources } from "./sources.ts";
import { installReadableStacks } from "./stacks.ts";
import { Tracebacks } from "./tracebacks.ts";
import { reportUncaught } from "./uncaught.ts";

// The entry point of the runtime process: the user's code on the main thread, commands through a control thread.

// An interrupt signals the whole process group, but the supervisor decides what is stopped and how.
process.on("SIGINT", () => undefined);

// Deep library calls must not push the user's own line out of the stack.
Error.stackTraceLimit = 50;

const folder = process.cwd();
const sources = new Sources();
installReadableStacks(sources);
hideContextOfPromises();
const tracebacks = new Tracebacks(sources, folder);
const modules = new NotebookModules(folder, sources);
const showFailure = (thrown: unknown) => {
  const uncaught = tracebacks.describe(thrown);
  const text = `${uncaught.traceback.join("\n")}\n`;
  send({ type: "stream", cell: runner.currentCell, name: "stderr", text, uncaught });
};
const displayed = (type: "display" | "update", displayId: string, data: Record<string, unknown>): Frame => ({
  type,
  cell: runner.currentCell,
  data,
  metadata: {},
  displayId,
});
const displays = new Displays({
  cell: () => runner.currentNotebookCell,
  display: (id, bundle) => send(displayed("display", id, bundle)),
  update: (id, bundle) => send(displayed("update", id, bundle)),
  clear: (wait) => send({ type: "clear", cell: runner.currentCell, wait }),
  failed: showFailure,
});
const runner: CellRunner = new CellRunner({ sources, modules, displays, tracebacks });

captureOutput(() => runner.currentCell);
reportUncaught(showFailure);
process.on("exit", (code) => send({ type: "exit", code }));

globalThis.display = displays.function;
Object.defineProperty(globalThis, Symbol.for("Jupyter.signal"), {
  get: () => runner.signal,
  configurable: true,
});

const control = new Worker(new URL("./control-thread.js", import.meta.url));
installBusyInterrupt(() => runner.interruptBusy());
installDebugSupport(runner.variables);
control.on("message", (message: Command | ControlMessage) => {
  if (message.type === "execute") runner.start(message);
  else if (message.type === "stop") runner.interrupt(message.stack);
  if ("sequence" in message) control.postMessage(message.sequence);
});

send({ type: "ready" });
