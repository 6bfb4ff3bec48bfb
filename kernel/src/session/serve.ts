import { type LanguageReply, type LanguageRequest, ready } from "./messages.ts";
import type { NotebookLanguage } from "./service.ts";

/** Cells that between them use what most cells use: the first of each kind takes ten times as long as the second. */
const usual = [
  "const warm: number[] = [1];\nconsole.log(await Promise.resolve(warm.map((x) => x + 1)));",
  "warm.length + 1",
];

/** How long nothing is asked before the checker may take its time to be made anew, in milliseconds. */
const leisure = 500;

/** Takes the time of the first cells before the user does. */
export function warmUp(language: NotebookLanguage): void {
  let declarations = "";
  for (const code of usual) {
    const result = language.compile(declarations, code);
    if ("declarations" in result) ({ declarations } = result);
  }
}

/** Answers requests that come over the channel to the supervisor. */
export function serve(language: NotebookLanguage): void {
  // An interrupt signals the whole process group; only the runtime is meant.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.send?.({ id: ready } satisfies LanguageReply);
  let renewal: NodeJS.Timeout | undefined;
  process.on("message", ({ id, method, parameters }: LanguageRequest) => {
    let reply: LanguageReply;
    try {
      const call = language[method] as (...parameters: readonly unknown[]) => unknown;
      reply = { id, result: call.apply(language, [...parameters]) };
    } catch (error) {
      reply = { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send?.(reply);
    clearTimeout(renewal);
    if (language.isOld)
      renewal = setTimeout(() => {
        language.renew();
        warmUp(language);
      }, leisure);
  });
}
