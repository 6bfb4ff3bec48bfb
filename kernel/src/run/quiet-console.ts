/** What the client library says to the console, which belongs to the user's program, about its own doings. */
const CHATTER = [/^Starting WebSocket: /, /^Kernel: \w+ \(/, /^Connection lost, reconnecting in /];

let quiet = false;

/** Keeps the client library's remarks off the console; everything else is printed as before. */
export function quietConsole(): void {
  if (quiet) return;
  quiet = true;
  for (const level of ["debug", "warn"] as const) {
    const print = console[level];
    const quieted = (...words: unknown[]) => {
      const [first] = words;
      if (typeof first !== "string" || !CHATTER.some((remark) => remark.test(first))) print.apply(console, words);
    };
    // A frozen console stays as it is.
    Reflect.set(console, level, quieted);
  }
}
