import { setMaxListeners } from "node:events";

/** What signals ask for. */
export interface Obedience {
  stop: AbortSignal;
  kill: AbortSignal;
  /** The exit status that tells of the signal, if there was one. */
  ended: () => number | undefined;
  /** Signals mean again what they meant before. */
  release: () => void;
}

/** Turns Ctrl-C and a request to end into `stop`, and a second one into `kill`. */
export function obeySignals(): Obedience {
  const stop = new AbortController();
  const kill = new AbortController();
  // Every running cell listens, of as many notebooks as run at once.
  setMaxListeners(0, stop.signal, kill.signal);
  let code: number | undefined;
  let first = 0;
  const obey = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      // Under npm one Ctrl-C arrives twice: from the terminal and passed on by npm.
      if (performance.now() - first > 500) kill.abort();
      return;
    }
    first = performance.now();
    code = signal === "SIGTERM" ? 143 : 130;
    if (process.stderr.isTTY) console.error("\nInterrupting the cell; once more ends the kernel at once.");
    stop.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, obey);
  return {
    stop: stop.signal,
    kill: kill.signal,
    ended: () => code,
    release: () => {
      for (const signal of signals) process.off(signal, obey);
    },
  };
}
