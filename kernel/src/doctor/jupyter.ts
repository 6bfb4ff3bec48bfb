import { realpathSync } from "node:fs";
import { findProgram, problemOf, versionStarted } from "../install/condition.ts";
import { isOurs } from "../install/install.ts";
import { findKernelSpecs, ownKernelSpec, programFile } from "../install/kernelspec.ts";
import { ownVersion } from "../version.ts";
import { type Check, type Finding, ok, warning } from "./check.ts";

/** The kernels that Jupyter knows, ours among them. */
export const kernelspecs: Check = {
  name: "Kernelspecs",
  run: async ({ around }) => {
    const specs = await findKernelSpecs(around);
    const findings: Finding[] = [];
    for (const found of specs) {
      const title = `${JSON.stringify(found.name)} in ${found.folder}`;
      const problem = await problemOf(found, around);
      if (problem !== undefined) {
        const remedy = isOurs(found.spec)
          ? `gradbook install${found.name === "gradbook" ? "" : ` --name ${found.name}`}`
          : `Install that kernel anew, or remove it: jupyter kernelspec remove ${found.name}`;
        findings.push(warning(`The kernel ${title} cannot be started: ${problem}.`, remedy));
      } else if (isOurs(found.spec)) findings.push(await oursFinding(title, found.spec.argv));
      else findings.push(ok(`The kernel ${title} can be started.`));
    }
    if (!specs.some(({ spec }) => isOurs(spec)))
      findings.push(warning("Jupyter does not know this kernel yet.", "gradbook install"));
    return findings;
  },
};

async function oursFinding(title: string, argv: string[]): Promise<Finding> {
  const script = argv.find((word) => word.endsWith("gradbook.js")) ?? "";
  const version = await versionStarted({ ...ownKernelSpec(), argv });
  if (realpathSync(script) !== realpathSync(programFile))
    return warning(
      `The kernel ${title} starts another copy of Gradbook, version ${version ?? "unknown"}, in ${script}; this is ${ownVersion()}.`,
      "To have it start this copy: gradbook install",
    );
  return argv[0] === process.execPath
    ? ok(`The kernel ${title} starts this copy of Gradbook.`)
    : ok(`The kernel ${title} starts this copy of Gradbook, with another Node: ${argv[0]}.`);
}

const clients: readonly (readonly [program: string, name: string])[] = [
  ["jupyter-lab", "JupyterLab"],
  ["jupyter-notebook", "Notebook"],
  ["jupyter-console", "the console"],
  ["jupyter-nbconvert", "nbconvert"],
  ["jupyter-qtconsole", "the Qt console"],
  ["papermill", "papermill"],
  ["code", "VS Code"],
  ["codium", "VSCodium"],
  ["cursor", "Cursor"],
];

/** Programs that show notebooks. */
export const jupyterClients: Check = {
  name: "Jupyter's clients",
  run: async ({ around }) => {
    const found: string[] = [];
    for (const [program, name] of clients)
      if (await findProgram(program, around.env)) found.push(`${name} (${program})`);
    if (found.length > 0) return [ok(`On the PATH there are ${found.join(", ")}.`)];
    return [
      warning(
        "No program that shows notebooks is on the PATH; gradbook run needs none.",
        "Install VS Code with its Jupyter extension, or JupyterLab: pip install jupyterlab",
      ),
    ];
  },
};
