import { tmpdir } from "node:os";
import { OWN_NAME, ownKernelSpec } from "../install/kernelspec.ts";
import { broken, type Check, ok, type TrialRun } from "./check.ts";
import { isCrippled } from "./machine.ts";

/** How long the kernel may take until it answers, in seconds. */
const patience = 30;

/** Starts this copy of the kernel and runs a cell that gives 42, and one whose types are wrong. */
export async function tryKernel(): Promise<TrialRun> {
  const nothing = { startMs: 0, answer: "", answerMs: 0, typeError: "" };
  try {
    // Loaded only here: it needs ZeroMQ, which may be what is missing.
    const { Kernel } = await import("../run/kernel.ts");
    const started = performance.now();
    const kernel = await Kernel.start(
      { name: OWN_NAME, spec: ownKernelSpec() },
      { cwd: tmpdir(), startSeconds: patience },
    );
    try {
      const startMs = performance.now() - started;
      const asked = performance.now();
      const answer = await answerTo(kernel, "6 * 7");
      const answerMs = performance.now() - asked;
      return { startMs, answer, answerMs, typeError: await answerTo(kernel, 'const n: number = "seven";') };
    } finally {
      await kernel.shutdown();
    }
  } catch (error) {
    return { ...nothing, failure: (error as Error).message };
  }
}

async function answerTo(
  kernel: Awaited<ReturnType<typeof import("../run/kernel.ts")["Kernel"]["start"]>>,
  code: string,
): Promise<string> {
  const execution = kernel.execute(code);
  let text = "";
  for await (const { header, content } of execution)
    if (header.msg_type === "execute_result")
      text = String((content as { data: Record<string, unknown> }).data["text/plain"]);
  const reply = (await execution.reply).content as { status: string; ename?: string };
  return reply.status === "ok" ? text : (reply.ename ?? reply.status);
}

const report = "Please report it, with the output of: gradbook doctor --json";

/** The kernel: whether it starts and runs a cell. */
export const kernel: Check = {
  name: "The kernel",
  run: async (patient) => {
    if (await patient.zeromqProblem())
      return [broken("The kernel was not tried: it cannot start without ZeroMQ.", "Mend ZeroMQ first.")];
    if (isCrippled(patient.around))
      return [broken("The kernel was not tried: Node's options keep it from working.", "Take those out first.")];
    const { failure, startMs, answer, answerMs } = await patient.kernel();
    if (failure !== undefined)
      return [broken(`The kernel does not start. ${failure}`, "If nothing above is broken, please report it.")];
    if (answer !== "42") return [broken(`The kernel starts, but answers 6 * 7 with ${answer}.`, report)];
    return [ok(`The kernel starts in ${seconds(startMs)} and answers a cell in ${Math.round(answerMs)} ms.`)];
  },
};

/** The process that knows TypeScript. */
export const language: Check = {
  name: "TypeScript",
  run: async (patient) => {
    if ((await patient.zeromqProblem()) || isCrippled(patient.around)) return [];
    const { failure, typeError } = await patient.kernel();
    if (failure !== undefined) return [];
    if (typeError === "TypeScriptError")
      return [ok("Types are checked: an error of types is found before anything runs.")];
    return [broken(`Types are not checked: a cell with an error of types gives ${typeError || "nothing"}.`, report)];
  },
};

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
