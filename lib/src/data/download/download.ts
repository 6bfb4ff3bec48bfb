import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError } from "../../tensor/errors.ts";
import { checkDigest, shortDigest } from "./digest.ts";
import { Progress, type Screen } from "./progress.ts";
import type { PublishedFile } from "./published.ts";
import { type Answer, transfer } from "./transfer.ts";

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Times to go on where nothing more came, for each address; 4 if not said. */
  readonly retries?: number;
  /** Milliseconds before the first new attempt, doubled each time; 500 if not said. */
  readonly pause?: number;
  /** Milliseconds without a byte after which a connection counts as dead; 30,000 if not said. */
  readonly patience?: number;
  /** Where progress is shown; standard error if not said. */
  readonly screen?: Screen;
}

/** Downloads under way in this process, by path: two that want the same file share one. */
const underWay = new Map<string, Promise<void>>();

/**
 * Downloads a published file to a path. What has come is kept in `PATH.part`, so that a broken download goes on where it
 * stopped, even in another process; the file gets its name only when its digest is right.
 * @throws DataError when no address gives the file, or what it gives is not what was published.
 */
export function retrieve(who: string, file: PublishedFile, path: string, options: DownloadOptions = {}): Promise<void> {
  const running = underWay.get(path);
  if (running !== undefined) return running;
  const started = run(who, file, path, options).finally(() => underWay.delete(path));
  underWay.set(path, started);
  return started;
}

async function run(who: string, file: PublishedFile, path: string, options: DownloadOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const progress = new Progress(file.place, options.screen);
  const failures: string[] = [];
  try {
    for (const url of file.urls) {
      const failure = await fromAddress(url, file, path, options, progress);
      if (failure === null) return progress.done((await stat(path)).size);
      failures.push(`${new URL(url).host} ${failure}`);
    }
  } finally {
    progress.stop();
  }
  throw new DataError(
    who,
    `cannot download ${file.place}: ${failures.join("; ")}. Put ${file.urls[0]} at ${path}, or set GRADBOOK_DATA to a folder that holds ${file.place}.`,
  );
}

/** Null when the file is there, else what was wrong. */
async function fromAddress(
  url: string,
  file: PublishedFile,
  path: string,
  options: DownloadOptions,
  progress: Progress,
): Promise<string | null> {
  const { signal, retries = 4, pause = 500, patience = 30_000 } = options;
  const part = `${path}.part`;
  let failed = 0;
  let fresh = false;
  for (;;) {
    signal?.throwIfAborted();
    const before = await sizeOf(part);
    fresh ||= before === 0;
    const answer: Answer = await transfer(url, part, { signal, patience, progress });
    if (answer.state === "gone") return answer.why;
    if (answer.state === "whole") {
      const { right, found } = await checkDigest(part, file);
      if (right) {
        await rename(part, path);
        return null;
      }
      await rm(part, { force: true });
      // What was left from before may have been of another file: once more, from the beginning.
      if (fresh) return `gave other bytes: ${shortDigest(found)}…, expected ${shortDigest(file.digest)}…`;
      fresh = true;
      continue;
    }
    failed = (await sizeOf(part)) > before ? 0 : failed + 1;
    if (failed > retries) return answer.why;
    await rest(failed === 0 ? pause : pause * 2 ** (failed - 1), signal);
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

function rest(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
