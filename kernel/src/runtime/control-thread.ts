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
/** Between two tries to reach a main thread that runs no JavaScript, in milliseconds. */
const betweenTries = 600;

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
  try {
    let force = false;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { answer, stack } = await interrupter.interrupt(force);
      if (answer === "heeding") {
        const deadline = performance.now() + heedingTime;
        while (performance.now() < deadline && !insisted) if (await ask("ping", patience)) return;
        force = true;
        continue;
      }
      if (await ask("ping", answer === "unreachable" ? betweenTries : 200)) {
        await ask("stop", 200, stack ?? "");
        return;
      }
      // What runs no JavaScript, such as native code, ends first, however long it takes: nothing is lost by waiting.
      // It is asked again now and then, since on a busy machine a request can come too early for a wait to notice it.
      if (answer === "unreachable") attempt--;
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
// Without its supervisor nobody could see or stop what runs here, however busy the main thread is.
supervisor.on("close", () => process.kill(process.pid, "SIGKILL"));
