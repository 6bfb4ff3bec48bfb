import type { LanguageReply, LanguageRequest } from "./messages.ts";
import { NotebookLanguage } from "./service.ts";

// The entry point of the language process: requests and replies over the channel to the supervisor.

// An interrupt signals the whole process group; only the runtime is meant.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));

const language = new NotebookLanguage();

process.on("message", ({ id, method, parameters }: LanguageRequest) => {
  let reply: LanguageReply;
  try {
    const call = language[method] as (...parameters: readonly unknown[]) => unknown;
    reply = { id, result: call.apply(language, [...parameters]) };
  } catch (error) {
    reply = { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(reply);
});

// The first cell takes ten times as long as the second: take that time before the user does.
language.compile("", "const warm: number[] = [1];\nconsole.log(await Promise.resolve(warm.map((x) => x + 1)));");
