import { Socket } from "node:net";
import { parentPort } from "node:worker_threads";
import { BusyInterrupter } from "./busy-interrupter.ts";
import { FrameReader } from "./framing.ts";
import type { ControlMessage } from "./interruption.ts";
import type { Command } from "./messages.ts";

// The control thread of the runtime: takes commands while the main thread is busy, and stops it.

/** Where the supervisor writes commands. */
const commandDescriptor = 4;
/** How long the main thread may take to answer before it counts as busy, in milliseconds. */
const patience = 60;
/** How long code that heeds the abort signal may stay busy, in milliseconds. */
const heedingTime = 1000;
const attempts = 10;

const main = parentPort!;
const answers = new Map<number, (answered: boolean) => void>();
let sequence = 0;

main.on("message", (answered: number) => {
  answers.get(answered)?.(true);
  answers.delete(answered);
});

/** Whether the main thread answers in time; a `stop` reaches the cell, whenever that is. */
function ask(type: "ping" | "stop", wait: number, stack?: string): Promise<boolean> {
  const number = ++sequence;
  const message: ControlMessage =
    type === "ping" ? { type, sequence: number } : { type, sequence: number, ...(stack !== undefined && { stack }) };
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
  main.postMessage({ type: "ping", sequence: number } satisfies ControlMessage);
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
  try {
    if (!(await ask("ping", patience))) await stopBusy();
    else await ask("stop", patience);
  } finally {
    interrupting = false;
  }
}

async function stopBusy(): Promise<void> {
  const interrupter = new BusyInterrupter();
  let main = whenFree();
  try {
    let force = false;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { answer, stack } = await interrupter.interrupt(force, () => main.free);
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

const supervisor = new Socket({ fd: commandDescriptor, readable: true, writable: false });
const reader = new FrameReader<Command>();
supervisor.on("data", (bytes) => {
  for (const command of reader.read(bytes)) {
    if (command.type === "interrupt") void interrupt();
    else main.postMessage(command);
  }
});
// Without its supervisor nobody could see or stop what runs here, or was started here, however busy the main thread is.
supervisor.on("close", () => process.kill(process.platform === "win32" ? process.pid : -process.pid, "SIGKILL"));
