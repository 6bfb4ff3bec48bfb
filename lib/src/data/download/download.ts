import { dirname, mkdir, rename, rm, stat } from "../../device/node.ts";
import { DataError } from "../../tensor/errors.ts";
import { checkDigest, shortDigest } from "./digest.ts";
import { claimPart, leavePart, removeParts } from "./part-file.ts";
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

/** A download under way in this process. */
interface UnderWay {
  readonly digest: string | null;
  readonly done: Promise<void>;
  readonly stop: AbortController;
  /** How many wait for it; it stops when nobody does any more. */
  waiting: number;
}

/** By path: two that want the same file share one. */
const underWay = new Map<string, UnderWay>();

/**
 * Downloads a published file to a path. What has come when a download stops is kept in `PATH.part`, so that another goes
 * on from there, even in another process, if there is a digest to tell whether the halves fit; the file gets its name only
 * when its digest is right. Processes that download the same file at once do not meet.
 * @throws DataError when no address gives the file, or what it gives is not what was published.
 */
export async function retrieve(
  who: string,
  file: PublishedFile,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  let shared = underWay.get(path);
  while (shared !== undefined && (shared.stop.signal.aborted || shared.digest !== file.digest)) {
    await shared.done.catch(() => {});
    shared = underWay.get(path);
  }
  if (shared === undefined) {
    const stop = new AbortController();
    const done = run(who, file, path, { ...options, signal: stop.signal }).finally(() => underWay.delete(path));
    shared = { digest: file.digest, done, stop, waiting: 0 };
    underWay.set(path, shared);
  }
  shared.waiting++;
  try {
    await unlessAborted(shared.done, signal);
  } finally {
    if (--shared.waiting === 0) {
      shared.stop.abort(signal?.reason);
      await shared.done.catch(() => {});
    }
  }
}

/** A promise's result, or the signal's reason as soon as it is raised. */
function unlessAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal!.reason);
    signal?.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener("abort", stop));
  });
}

async function run(who: string, file: PublishedFile, path: string, options: DownloadOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const progress = new Progress(file.place, options.screen);
  const failures: string[] = [];
  const part = await claimPart(path);
  try {
    for (const url of file.urls) {
      const failure = await fromAddress(url, file, part, options, progress);
      if (failure === null) {
        await rename(part, path);
        await removeParts(path);
        return progress.done((await stat(path)).size);
      }
      failures.push(`${new URL(url).host} ${failure}`);
    }
  } finally {
    progress.stop();
    await leavePart(part, path);
  }
  throw new DataError(
    who,
    `cannot download ${file.place}: ${failures.join("; ")}. Put ${file.urls[0]} at ${path}, or set GRADBOOK_DATA to a folder that holds ${file.place}.`,
  );
}

/** Null when the whole file is in its part, else what was wrong. */
async function fromAddress(
  url: string,
  file: PublishedFile,
  part: string,
  options: DownloadOptions,
  progress: Progress,
): Promise<string | null> {
  const { signal, retries = 4, pause = 500, patience = 30_000 } = options;
  let failed = 0;
  let fresh = false;
  for (;;) {
    signal?.throwIfAborted();
    // Without a digest nothing tells whether two halves are of the same file.
    if (file.digest === null) await rm(part, { force: true });
    const before = await sizeOf(part);
    fresh ||= before === 0;
    const answer: Answer = await transfer(url, part, { signal, patience, progress });
    if (answer.state === "gone") return answer.why;
    if (answer.state === "whole") {
      const { right, found } = await checkDigest(part, file);
      if (right) return null;
      await rm(part, { force: true });
      // What was left from before may have been of another file: once more, from the beginning.
      if (fresh) return `gave other bytes: ${shortDigest(found)}…, expected ${shortDigest(file.digest)}…`;
      fresh = true;
      continue;
    }
    failed = file.digest !== null && (await sizeOf(part)) > before ? 0 : failed + 1;
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
