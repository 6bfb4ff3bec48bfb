import { readConnectionFile } from "../wire/connection.ts";
import { giveWay } from "./helper-threads.ts";
import type { Kernel } from "./kernel.ts";
import { LanguageProcess } from "./language-process.ts";
import { whenParentLeaves } from "./parent.ts";

/** How long the process may take to end by itself, in milliseconds. */
const longestEnd = 2000;

/**
 * Runs a kernel on the sockets that a connection file names, until it is shut down or its parent leaves.
 * Resolves when it is shut down; nothing then keeps the process from ending.
 * @throws Problem when the connection file cannot be read or a port is taken.
 */
export async function startKernel(connectionFile: string): Promise<void> {
  giveWay();
  // TypeScript takes longest to start: it comes first, and all else is loaded meanwhile.
  const language = new LanguageProcess();
  try {
    const [{ Kernel }, connection] = await Promise.all([import("./kernel.ts"), readConnectionFile(connectionFile)]);
    await run((onShutdown) => new Kernel(connection, language, onShutdown));
  } finally {
    language.close();
  }
  // A process that ends by itself, unlike one that is told to exit, sends first what ZeroMQ has not yet sent.
  setTimeout(() => process.exit(0), longestEnd).unref();
}

async function run(make: (onShutdown: () => void) => Kernel): Promise<void> {
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const kernel = make(finish);
  process.on("SIGINT", () => kernel.interrupt());
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, finish);
  // A fault of ours must not cost the user's variables, nor a log that nobody reads any more.
  process.on("uncaughtException", (error) => console.error("gradbook kernel:", error));
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  whenParentLeaves(finish);
  try {
    await kernel.start();
    await finished;
  } finally {
    await kernel.close();
  }
}
