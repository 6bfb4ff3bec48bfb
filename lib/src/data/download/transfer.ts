import type { FileHandle } from "node:fs/promises";
import { open, stat } from "../../device/node.ts";
import type { Progress } from "./progress.ts";

/** How one request ended: all is there, try again, or this address is of no use. */
export type Answer =
  | { readonly state: "whole" }
  | { readonly state: "broken"; readonly why: string }
  | { readonly state: "gone"; readonly why: string };

export interface TransferOptions {
  readonly signal: AbortSignal | undefined;
  readonly patience: number;
  readonly progress: Progress;
}

/** One request for what is still missing of a file, appended to what is there. */
export async function transfer(
  url: string,
  part: string,
  { signal, patience, progress }: TransferOptions,
): Promise<Answer> {
  const from = (await stat(part).catch(() => null))?.size ?? 0;
  const watch = new Watch(patience, signal);
  let file: FileHandle | undefined;
  try {
    const response = await fetch(url, {
      signal: watch.signal,
      // Bytes as they lie on the server: ranges and lengths of compressed answers count other bytes.
      headers: { "accept-encoding": "identity", ...(from > 0 ? { range: `bytes=${from}-` } : {}) },
    });
    const { status } = response;
    // All had come before, or more than there is; the digest will tell.
    if (status === 416 && from > 0) return { state: "whole" };
    if (status >= 500 || status === 429 || status === 408) return { state: "broken", why: `answers ${status}` };
    if (!response.ok || response.body === null) return { state: "gone", why: `answers ${status}` };
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    const goesOn = status === 206 && range !== null && Number(range[1]) === from;
    const start = goesOn ? from : 0;
    if (status === 206 && !goesOn && Number(range?.[1]) !== 0) {
      await (await open(part, "w")).close();
      return { state: "broken", why: "answers with another range than asked for" };
    }
    const length = response.headers.get("content-length");
    const total = range?.[2] !== undefined && range[2] !== "*" ? Number(range[2]) : length && start + Number(length);
    file = await open(part, goesOn ? "a" : "w");
    let bytes = start;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      watch.touch();
      await file.write(chunk);
      bytes += chunk.length;
      progress.update(bytes, total ? total : undefined);
    }
    if (total && bytes < total) return { state: "broken", why: `stopped at byte ${bytes} of ${total}` };
    return { state: "whole" };
  } catch (error) {
    signal?.throwIfAborted();
    if (watch.signal.aborted) return { state: "broken", why: `was silent for ${patience / 1000} s` };
    return { state: "broken", why: reason(error) };
  } finally {
    watch.end();
    await file?.close();
  }
}

/** A signal that is raised when nothing comes for a while, or with another. */
class Watch {
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly signal: AbortSignal;

  constructor(patience: number, outer: AbortSignal | undefined) {
    this.#timer = setTimeout(() => this.#stop.abort(), patience);
    this.signal = outer === undefined ? this.#stop.signal : AbortSignal.any([outer, this.#stop.signal]);
  }

  touch(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** What a failed request says: the cause beneath "fetch failed", in words. */
function reason(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const code = cause?.code ?? "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "was not found (no network?)";
  if (code === "ECONNREFUSED") return "refused the connection";
  if (code === "ENETUNREACH" || code === "EHOSTUNREACH") return "was out of reach (no network?)";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "broke the connection";
  return `failed (${code || cause?.message || (error as Error).message})`;
}
