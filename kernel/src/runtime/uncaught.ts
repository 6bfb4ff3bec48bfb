import { Interrupted } from "./execution.ts";

/** What the hard interrupt feeds to Node's handling of uncaught errors; see `interruption.ts`. */
export const unwinding = Symbol("unwinding after an interrupt");

/** Prints what nobody catches under the cell that caused it, instead of ending the process. */
export function reportUncaught(report: (thrown: unknown) => void): void {
  const unlessInterrupted = (thrown: unknown) => {
    if (!(thrown instanceof Interrupted)) report(thrown);
  };
  process.on("uncaughtException", unlessInterrupted);
  process.on("unhandledRejection", unlessInterrupted);
  // The user's own handlers must not hear of an interrupt.
  const emit = process.emit.bind(process) as (event: string | symbol, ...values: unknown[]) => boolean;
  process.emit = ((event: string | symbol, ...values: unknown[]) =>
    values[0] === unwinding ? true : emit(event, ...values)) as typeof process.emit;
}
