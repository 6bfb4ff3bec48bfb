import { Problem } from "../problem.ts";

/** A kernel that died, did not start or was closed while something was asked of it. */
export class KernelError extends Problem {
  override readonly name = "KernelError";
}

/** How long to wait for a kernel. */
export interface KernelWait {
  /** How long it may take until it answers, in seconds; 60 unless given. */
  startSeconds?: number;
  /** Aborted before it answers: it is ended, and the start fails. */
  cancel?: AbortSignal;
}

/**
 * Waits for a kernel to be ready, but not longer than is said, and not when it has ended.
 * @param become is given a signal that is aborted when nobody waits any more.
 * @throws KernelError
 */
export async function withPatience(
  { startSeconds = 60, cancel }: KernelWait,
  ended: Promise<string>,
  become: (over: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<never>((_, reject) => {
    const fail = (how: string) => reject(new KernelError(how));
    timer = setTimeout(() => fail(`The kernel did not answer within ${startSeconds} s.`), startSeconds * 1000);
    cancel?.addEventListener("abort", () => fail("It was cancelled."), { signal: over.signal });
    void ended.then(fail);
  });
  const becoming = become(over.signal);
  // Whichever comes second is of no interest.
  for (const promise of [impatience, becoming]) promise.catch(() => {});
  try {
    await Promise.race([becoming, impatience]);
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}
