import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { giveWay } from "../supervisor/helper-threads.ts";
import {
  type CompileResult,
  type LanguageReply,
  type LanguageRequest,
  type LanguageService,
  type Program,
  ready,
} from "./messages.ts";
import type { NotebookLanguage } from "./service.ts";

/** Cells that between them use what most cells use: the first of each kind takes ten times as long as the second. */
const usual = [
  "const warm: number[] = [1];\nconsole.log(await Promise.resolve(warm.map((x) => x + 1)));",
  "warm.length + 1",
];

/** How long nothing is asked before the checker may take its time to be made anew, in milliseconds. */
const leisure = 500;
/** After how many requests it is worth while to collect garbage then. */
const untidy = 50;

/** Takes the time of the first cells before the user does. */
export function warmUp(language: NotebookLanguage): void {
  let declarations = "";
  for (const code of usual) {
    const result = language.rehearse(declarations, code);
    if ("declarations" in result) ({ declarations } = result);
  }
}

/** Cells of the usual kinds, each unlike the others, so that nothing is known from before. */
const exercises: readonly ((n: number) => string)[] = [
  (n) => `const a${n}: number = ${n}; a${n} + 1`,
  (n) => `function f${n}(x: number, text = "a"): string { return text.repeat(x) }\nf${n}(2);`,
  (n) => `let sum${n} = 0; for (const x of [1, 2, ${n}]) sum${n} += x; console.log(\`\${sum${n}}\`);`,
  (n) => `interface T${n} { readonly x: number }\nconst all${n}: T${n}[] = [{ x: 1 }]; all${n}.map(({ x }) => x * 2)`,
  (n) =>
    `class C${n} { #n = 0; up() { return ++this.#n } }\nconst c${n} = await Promise.resolve(new C${n}()); c${n}.up()`,
];
/** After so many cells most of the compiler is machine code; after some more, nearly all of it. */
const exercised = { quickly: 80, wholly: 240 };
/** Between two of the later ones, so that they take little of the processor, in milliseconds. */
const breath = 10;
/** How many cells' declarations the exercises see. */
const memory = 10;

/** Lets the compiler exercise while nobody asks for anything: code that has run often runs three times as fast. */
class Exercise {
  readonly #language: NotebookLanguage;
  #done = 0;
  #declarations = "";
  #next: NodeJS.Timeout | NodeJS.Immediate | undefined;

  constructor(language: NotebookLanguage) {
    this.#language = language;
  }

  /** Goes on when nothing has been asked for a while. */
  wait(): void {
    this.stop();
    if (this.#done < exercised.wholly) this.#next = setTimeout(() => this.#step(), leisure / 5).unref();
  }

  /** The user's own cell is exercise as well. */
  count(): void {
    this.#done++;
  }

  stop(): void {
    clearTimeout(this.#next as NodeJS.Timeout);
    clearImmediate(this.#next as NodeJS.Immediate);
  }

  #step(): void {
    const n = this.#done++;
    if (n % memory === 0) this.#declarations = "";
    const result = this.#language.rehearse(this.#declarations, exercises[n % exercises.length]!(n));
    if ("declarations" in result) this.#declarations = result.declarations;
    // Between two of them, requests have their turn.
    if (this.#done < exercised.quickly) this.#next = setImmediate(() => this.#step());
    else if (this.#done < exercised.wholly) this.#next = setTimeout(() => this.#step(), breath).unref();
    else tidyUp(this.#language);
  }
}

/** Forgets what is not needed any more. */
function tidyUp(language: NotebookLanguage): void {
  if (language.isOld) {
    language.renew();
    warmUp(language);
  }
  collectGarbage();
}

// V8 by itself leaves what one cell needed and the next does not lie for long: hundreds of megabytes.
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

/** Answers requests that come over the channel to the supervisor. */
export function serve(language: NotebookLanguage): void {
  giveWay();
  // An interrupt signals the whole process group; only the runtime is meant.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.send?.({ id: ready } satisfies LanguageReply);
  let rest: NodeJS.Timeout | undefined;
  let sinceCollected = 0;
  const exercise = new Exercise(language);
  const answer = (
    method: keyof LanguageService,
    parameters: readonly unknown[],
    onProgram: (program: Program) => void,
  ): unknown => {
    const call = language[method] as (...parameters: readonly unknown[]) => unknown;
    if (method !== "compile") return call.apply(language, [...parameters]);
    const result = call.apply(language, [...parameters, onProgram]) as CompileResult;
    return "program" in result ? { ...result, program: undefined } : result;
  };
  process.on("message", ({ id, method, parameters }: LanguageRequest) => {
    exercise.stop();
    if (method === "compile") exercise.count();
    let reply: LanguageReply;
    try {
      reply = { id, result: answer(method, parameters, (program) => process.send?.({ id, program })) };
    } catch (error) {
      reply = { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send?.(reply);
    exercise.wait();
    clearTimeout(rest);
    if (++sinceCollected > untidy || language.isOld)
      rest = setTimeout(() => {
        tidyUp(language);
        sinceCollected = 0;
      }, leisure);
  });
}
