import { MessageChannel, Worker } from "node:worker_threads";
import { offerComms } from "../comm/in-cell.ts";
import { RuntimeComms } from "../comm/runtime-comms.ts";
import { installDebugSupport } from "../debug/runtime/debug-support.ts";
import type { Rendering } from "../display/bundle.ts";
import { Displays } from "../display/displays.ts";
import { tslabModule } from "../tslab/tslab.ts";
import { WidgetHost } from "../widget/host.ts";
import { offerWidgets } from "../widget/offer.ts";
import { CellRunner } from "./cell-runner.ts";
import { send } from "./channel.ts";
import { CommandQueue } from "./command-queue.ts";
import { type ControlMessage, installBusyInterrupt } from "./interruption.ts";
import type { Frame } from "./messages.ts";
import { NotebookModules } from "./modules.ts";
import { captureOutput } from "./output.ts";
import { hideContextOfPromises } from "./promise-inspection.ts";
import type { QuestionChannel } from "./question-channel.ts";
import { installPrompts, Questions } from "./questions.ts";
import { Sources } from "./sources.ts";
import { installReadableStacks } from "./stacks.ts";
import { Tracebacks } from "./tracebacks.ts";
import { reportUncaught } from "./uncaught.ts";

// The entry point of the runtime process: the user's code on the main thread, interrupts through a control thread.

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
const displayed = (type: "display" | "update", displayId: string, rendering: Rendering): Frame => ({
  type,
  cell: runner.currentCell,
  ...rendering,
  displayId,
});
const displays = new Displays({
  cell: () => runner.currentNotebookCell,
  display: (id, rendering) => send(displayed("display", id, rendering)),
  update: (id, rendering) => send(displayed("update", id, rendering)),
  clear: (wait) => send({ type: "clear", cell: runner.currentCell, wait }),
  failed: showFailure,
});
const runner: CellRunner = new CellRunner({ sources, modules, displays, tracebacks });

const comms = new RuntimeComms({ send, cell: () => runner.currentCell, failed: showFailure });
offerComms({ comms, widgets: new WidgetHost(comms) });
offerWidgets();

captureOutput(() => runner.currentCell);
reportUncaught(showFailure);
process.on("exit", (code) => send({ type: "exit", code }));

globalThis.display = displays.function;
modules.provide("tslab", () => tslabModule(displays.function));
Object.defineProperty(globalThis, Symbol.for("Jupyter.signal"), {
  get: () => runner.signal,
  configurable: true,
});
// What a cell has begun may want to know later whether the cell is over: `finished`, `interrupted`.
Object.defineProperty(globalThis, Symbol.for("Jupyter.cell"), {
  get: () => runner.cell,
  configurable: true,
});

const { port1: answers, port2: answering } = new MessageChannel();
const state = new Int32Array(new SharedArrayBuffer(4));
installPrompts(new Questions({ state, answers }));

const control = new Worker(new URL("./control-thread.js", import.meta.url), {
  workerData: { state, answers: answering } satisfies QuestionChannel,
  transferList: [answering],
});
installBusyInterrupt(() => runner.interruptBusy());
installDebugSupport(runner.variables);
const commands = new CommandQueue((command) => {
  if (command.type === "execute") runner.start(command);
  else comms.receive(command);
});
control.on("message", (message: ControlMessage) =>
  commands.after(message.after, () => {
    if (message.type === "stop") {
      runner.interrupt(message.stack);
      comms.interrupt(message.stack);
    }
    control.postMessage(message.sequence);
  }),
);

send({ type: "ready" });
