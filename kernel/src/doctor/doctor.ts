import { type Surroundings, surroundings } from "../install/jupyter-folders.ts";
import type { Check, Finding, Patient, Status } from "./check.ts";
import { gpu, tryGpu } from "./gpu.ts";
import { jupyterClients, kernelspecs } from "./jupyter.ts";
import { kernel, language, tryKernel } from "./kernel.ts";
import { folders, node, nodeOptions, packages } from "./machine.ts";
import { loopback, tryZeromq, zeromq } from "./transport.ts";

/** What is checked, in order: what others need comes first. */
const checks: readonly Check[] = [
  node,
  nodeOptions,
  packages,
  folders,
  loopback,
  zeromq,
  kernel,
  language,
  kernelspecs,
  jupyterClients,
  gpu,
];

/** A finding with the name of what was checked. */
export interface Diagnosis extends Finding {
  readonly name: string;
}

/** Checks everything, one thing after the other, and tells each finding as it is there. */
export async function diagnose(
  tell: (diagnosis: Diagnosis) => void,
  around: Surroundings = surroundings(),
): Promise<Diagnosis[]> {
  const patient: Patient = { around, zeromqProblem: once(tryZeromq), gpu: once(tryGpu), kernel: once(tryKernel) };
  const diagnoses: Diagnosis[] = [];
  for (const check of checks)
    for (const finding of await findingsOf(check, patient)) {
      const diagnosis = { name: check.name, ...finding };
      diagnoses.push(diagnosis);
      tell(diagnosis);
    }
  return diagnoses;
}

/** The same answer for all who ask. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

async function findingsOf(check: Check, patient: Patient): Promise<Finding[]> {
  try {
    return await check.run(patient);
  } catch (error) {
    const says = `${check.name} could not be checked: ${(error as Error).message}.`;
    return [{ status: "broken", says, remedy: "Please report it, with the output of: gradbook doctor --json" }];
  }
}

const signs: Readonly<Record<Status, string>> = { ok: "✓", warning: "!", broken: "✗" };

/** A finding as lines of text. */
export function lineOf({ status, says, remedy }: Diagnosis): string {
  const text = says.replaceAll("\n", "\n  ");
  return `${signs[status]} ${text}${remedy === undefined ? "" : `\n  → ${remedy}`}`;
}

/** Prints what is well and what is not; the exit status is 1 when something essential is broken. */
export async function runDoctor({ json = false } = {}): Promise<void> {
  const diagnoses = await diagnose((diagnosis) => {
    if (!json) console.log(lineOf(diagnosis));
  });
  const count = (status: Status) => diagnoses.filter((diagnosis) => diagnosis.status === status).length;
  if (count("broken") > 0) process.exitCode = 1;
  if (json) console.log(JSON.stringify({ ok: count("broken") === 0, findings: diagnoses }, null, 2));
  else console.log(`\n${summary(count("broken"), count("warning"))}`);
}

function summary(broken: number, warnings: number): string {
  if (broken > 0) return `${broken} ${broken > 1 ? "things are" : "thing is"} broken.`;
  if (warnings > 0) return `The kernel works; ${warnings} ${warnings > 1 ? "things are" : "thing is"} worth a look.`;
  return "All is well.";
}
