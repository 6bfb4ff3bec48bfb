import { setTimeout as delay } from "node:timers/promises";
import type { ExecuteReply } from "../protocol/messages.ts";
import type { Message } from "../wire/index.ts";
import type { Execution } from "./execution.ts";
import type { Kernel } from "./kernel.ts";
import { KernelError } from "./kernel-wait.ts";
import { type CodeCell, isObject } from "./notebook.ts";

/** What may end a cell before its time. */
export interface CellLimits {
  /** The longest a cell may take, in seconds. */
  cellSeconds?: number;
  /** Aborted: interrupt the running cell, then stop. */
  stop?: AbortSignal;
  /** Aborted: end the kernel at once. */
  kill?: AbortSignal;
}

/** How long a kernel may take to obey an interrupt before it is ended, in milliseconds. */
const OBEY = 10_000;

/** Waits for the end of a cell, or brings it about, and notes in the cell how it ended. */
export async function runCell(
  execution: Execution,
  cell: CodeCell,
  kernel: Kernel,
  { cellSeconds, stop, kill }: CellLimits,
): Promise<"ok" | "failed" | "interrupted"> {
  const over = new AbortController();
  const ended = execution.done.then(() => "ended" as const);
  const killed = aborted(kill, "killed" as const, over.signal);
  const limits = [aborted(stop, "stopped" as const, over.signal), killed];
  const tooLong = cellSeconds === undefined ? [] : [after(cellSeconds * 1000, "too long" as const, over.signal)];
  try {
    const cause = await Promise.race([ended, ...limits, ...tooLong]);
    if (cause === "ended") {
      const { content } = takeReply(cell, await execution.reply);
      return content.status === "ok" ? "ok" : "failed";
    }
    if (cause !== "killed") kernel.interrupt().catch(() => {});
    const obeyed =
      cause !== "killed" && (await Promise.race([ended, killed, after(OBEY, "no" as const, over.signal)])) === "ended";
    if (obeyed) takeReply(cell, await execution.reply);
    else kernel.kill();
    if (cause !== "too long") return "interrupted";
    addError(cell, "CellTimeout", `the cell did not finish within ${cellSeconds} s. Allow more with --timeout.`);
    return "failed";
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    addError(cell, "KernelDied", error.message);
    return "failed";
  } finally {
    over.abort();
  }
}

/** Keeps in the cell's metadata when the kernel published what, under the names that JupyterLab uses. */
export function recordTime(cell: CodeCell, { header, content }: Message): void {
  const state = header.msg_type === "status" ? content.execution_state : undefined;
  if (state === "busy" || state === "idle") stamp(cell, `iopub.status.${state}`, header.date);
  else if (header.msg_type === "execute_input") stamp(cell, "iopub.execute_input", header.date);
}

function takeReply(cell: CodeCell, reply: Message<ExecuteReply>): Message<ExecuteReply> {
  const { content, header, metadata } = reply;
  if (typeof metadata.started === "string") stamp(cell, "shell.execute_reply.started", metadata.started);
  stamp(cell, "shell.execute_reply", header.date);
  cell.execution_count = content.execution_count ?? null;
  const shown = cell.outputs.some((output) => output.output_type === "error");
  if (content.status === "error" && !shown) addError(cell, content.ename, content.evalue, content.traceback);
  return reply;
}

function addError(cell: CodeCell, ename: string, evalue: string, traceback = [`${ename}: ${evalue}`]): void {
  cell.outputs.push({ output_type: "error", ename, evalue, traceback });
}

function stamp(cell: CodeCell, event: string, date: string): void {
  const times = isObject(cell.metadata.execution) ? cell.metadata.execution : {};
  cell.metadata.execution = { ...times, [event]: date };
}

/** Resolves when the signal is aborted; never, once the cell is over. */
function aborted<T>(signal: AbortSignal | undefined, value: T, over: AbortSignal): Promise<T> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve(value);
    else signal?.addEventListener("abort", () => resolve(value), { once: true, signal: over });
  });
}

/** Resolves after a time; never, once the cell is over. */
function after<T>(milliseconds: number, value: T, over: AbortSignal): Promise<T> {
  return delay(milliseconds, value, { signal: over }).catch(() => new Promise<T>(() => {}));
}
