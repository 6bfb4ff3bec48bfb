// What the processes have in common that are compared: for each line `milliseconds name` one repeats a workload for so long
// and prints the milliseconds of each repetition as JSON.
import { createInterface } from "node:readline";

/**
 * Answers until the input ends. `make` gives what does a workload's work once, by its name, or undefined for one that is
 * not known. A peer says none for those and for what it fails at; our own failures are to be seen.
 */
export async function serve(make, { peer }) {
  const made = new Map();
  for await (const line of createInterface({ input: process.stdin })) {
    const [milliseconds] = line.split(" ", 1);
    const name = line.slice(milliseconds.length + 1);
    const times = [];
    try {
      if (!made.has(name)) made.set(name, await make(name));
      const work = made.get(name);
      if (work === undefined && !peer) throw new Error(`There is no workload ${name}.`);
      const end = performance.now() + Number(milliseconds);
      while (work !== undefined && (times.length === 0 || performance.now() < end)) {
        const before = performance.now();
        await work();
        times.push(performance.now() - before);
      }
    } catch (error) {
      if (!peer) throw error;
      console.error(`${name}: ${error}`);
      made.set(name, undefined);
    }
    process.stdout.write(`${JSON.stringify(times)}\n`);
  }
}
