import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { InspectorTunnel } from "../debug/runtime/inspector-tunnel.ts";
import { whenParentLeaves } from "../supervisor/parent.ts";
import { BusyInterrupter } from "./busy-interrupter.ts";
import { encodeFrame, FrameReader } from "./framing.ts";
import type { ControlMessage } from "./interruption.ts";
import type { ControlCommand } from "./messages.ts";
import { type QuestionChannel, waitState } from "./question-channel.ts";

// The control thread of the runtime: it is there while the main thread is busy, and stops it.

/** Where the supervisor writes what is not for the main thread, and reads what the inspector answers. */
const commandDescriptor = 4;
/** How long the main thread may take to answer before it counts as busy, in milliseconds. */
const patience = 60;
/** How long code that heeds the abort signal may stay busy, in milliseconds. */
const heedingTime = 1000;
const attempts = 10;

const main = parentPort!;
const questions = workerData as QuestionChannel;
const answers = new Map<number, (answered: boolean) => void>();
let sequence = 0;
/** How many commands the main thread has been sent when the last interrupt was. */
let after = 0;

main.on("message", (answered: number) => {
  answers.get(answered)?.(true);
  answers.delete(answered);
});

/** Whether the main thread answers in time; a `stop` reaches the cell, whenever that is. */
function ask(type: "ping" | "stop", wait: number, stack?: string): Promise<boolean> {
  const number = ++sequence;
  const message: ControlMessage =
    type === "ping"
      ? { type, sequence: number, after }
      : { type, sequence: number, after, ...(stack !== undefined && { stack }) };
  return new Promise((resolve) => {
    answers.set(number, resolve);
    main.postMessage(message);
    setTimeout(() => {
      if (answers.delete(number)) resolve(false);
    }, wait);
  });
}

/** Becomes true as soon as the main thread takes messages again, however long that takes. */
function whenFree(): { readonly free: boolean } {
  const state = { free: false };
  const number = ++sequence;
  answers.set(number, () => {
    state.free = true;
  });
  main.postMessage({ type: "ping", sequence: number, after } satisfies ControlMessage);
  return state;
}

let interrupting = false;
let insisted = false;

async function interrupt(): Promise<void> {
  // One at a time; asking again while one is under way means not to wait for code that heeds the signal.
  if (interrupting) {
    insisted = true;
    return;
  }
  interrupting = true;
  insisted = false;
  const isHeld = inspector.holdBack();
  try {
    if (wake(waitState.interrupted)) {
      if (!(await ask("stop", patience))) await stopBusy(false);
    } else if (isHeld || !(await ask("ping", patience))) await stopBusy(isHeld);
    else await ask("stop", patience);
  } finally {
    inspector.goOn();
    interrupting = false;
  }
}

/** Lets a main thread go on that waits for an answer; false when it waits for none. */
function wake(state: number): boolean {
  if (Atomics.compareExchange(questions.state, 0, waitState.waiting, state) !== waitState.waiting) return false;
  Atomics.notify(questions.state, 0);
  return true;
}

function answer(text: string): void {
  if (Atomics.load(questions.state, 0) !== waitState.waiting) return;
  questions.answers.postMessage(text);
  wake(waitState.none);
}

/** Stops a main thread that takes no messages: it is busy, or a debugger holds it. */
async function stopBusy(isHeld: boolean): Promise<void> {
  const interrupter = new BusyInterrupter();
  let main = whenFree();
  try {
    let force = false;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { answer, stack } = await interrupter.interrupt(force, () => main.free, isHeld && attempt === 0);
      if (answer === "heeding") {
        const deadline = performance.now() + heedingTime;
        while (performance.now() < deadline && !insisted) if (await ask("ping", patience)) return;
        force = true;
      } else if (answer === "unwinding") {
        if (!(await ask("ping", 200))) continue;
        await ask("stop", 200, stack ?? "");
        return;
      } else if (main.free) {
        await interrupter.release();
        // Busy again, it runs another cell: one that this request did not mean, but a later one may have.
        if ((await ask("stop", patience)) || !insisted) return;
        main = whenFree();
      } else {
        // What runs no JavaScript, such as native code, ends first, however long it takes: nothing is lost by waiting.
        // Terminating it would be worse: after an await, Node's bookkeeping of asynchronous contexts aborts the process.
        attempt--;
      }
    }
  } finally {
    interrupter.close();
  }
  // Nothing stops it, for example a chain of process.nextTick: the supervisor starts a fresh runtime.
  process.kill(process.pid, "SIGKILL");
}

const supervisor = new Socket({ fd: commandDescriptor, readable: true, writable: true });
const inspector = new InspectorTunnel((frame) => {
  for (const part of encodeFrame(frame)) supervisor.write(part);
});
const reader = new FrameReader<ControlCommand>();
supervisor.on("data", (bytes) => {
  for (const command of reader.read(bytes)) {
    if (command.type === "interrupt") {
      ({ after } = command);
      void interrupt();
    } else if (command.type === "answer") answer(command.text);
    else inspector.take(command);
  }
});
// Without its supervisor nobody could see or stop what runs here, or was started here, however busy the main thread is.
const end = () => process.kill(process.platform === "win32" ? process.pid : -process.pid, "SIGKILL");
supervisor.on("error", () => undefined);
supervisor.on("close", end);
// User code may have closed what this thread listens to.
whenParentLeaves(end);
