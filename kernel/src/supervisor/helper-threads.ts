import { readdirSync } from "node:fs";
import { setPriority } from "node:os";

/** How much the helpers give way: a tenth of a core while the main threads want all of them. */
const nice = 10;

/**
 * Lets V8's helper threads, which compile and collect garbage, give way to main threads: with few cores a cell would
 * wait for them. Called before any other thread is started, and only where threads can be told apart.
 */
export function giveWay(): void {
  if (process.platform !== "linux") return;
  try {
    for (const thread of readdirSync("/proc/self/task").map(Number))
      if (thread !== process.pid) setPriority(thread, nice);
  } catch {
    // A kernel that may not set priorities is a little slower.
  }
}
