import { type Command, Option } from "commander";
import { problemOf } from "./condition.ts";
import { type InstallPlace, install, isOurs, liesInCache, uninstall } from "./install.ts";
import { surroundings } from "./jupyter-folders.ts";
import { findKernelSpecs } from "./kernelspec.ts";

type Flags = InstallPlace & { user?: boolean };

/** Adds `gradbook install`, `gradbook uninstall`, `gradbook list` and `gradbook doctor`. */
export function addInstallCommands(program: Command): void {
  withPlace(program.command("install"))
    .summary("make the kernel known to Jupyter")
    .description("Writes a kernelspec, after which JupyterLab, Notebook and VS Code offer “TypeScript (Gradbook)”.")
    .action(async (flags: Flags) => {
      console.log(`Installed in ${await install(flags)}`);
      if (liesInCache())
        console.error(
          "This copy of Gradbook lies in npx's cache, which npm may empty. To last: npm install -g @gradbook/kernel, then gradbook install.",
        );
    });
  withPlace(program.command("uninstall"))
    .summary("remove the kernel from Jupyter")
    .description("Removes the kernelspec that install wrote in the same place.")
    .action(async (flags: Flags) => console.log(`Removed ${await uninstall(flags)}`));
  program
    .command("list")
    .summary("list the kernels that Jupyter knows")
    .description(
      "Lists the installed kernelspecs, as Jupyter finds them, with their folders; marks those that cannot start.",
    )
    .option("--json", "for programs: name, title, language, folder, program and problem of each")
    .action(async ({ json }: { json?: boolean }) => {
      const around = surroundings();
      const specs = await findKernelSpecs(around);
      const kernels = await Promise.all(
        specs.map(async (found) => ({ ...found, problem: await problemOf(found, around) })),
      );
      if (json) {
        const described = kernels.map(({ name, folder, spec, problem }) => {
          const { display_name: title, language, argv } = spec;
          return { name, title, language, folder, argv, ours: isOurs(spec), ...(problem && { problem }) };
        });
        console.log(JSON.stringify(described, null, 2));
        return;
      }
      if (kernels.length === 0) console.log("No kernel is installed. To install this one: gradbook install");
      const width = Math.max(...kernels.map(({ name }) => name.length));
      for (const { name, folder, problem } of kernels)
        console.log(`${name.padEnd(width)}  ${folder}${problem ? `  ✗ ${problem}` : ""}`);
      if (kernels.some(({ problem }) => problem))
        console.log("\nWhat to do about kernels that cannot start: gradbook doctor");
    });
  program
    .command("doctor")
    .summary("tell what is missing, and how to mend it")
    .description(
      "Checks Node, the packages, the network, ZeroMQ, the kernel itself, kernelspecs and Jupyter's clients. The exit status is 1 when something essential is broken.",
    )
    .option("--json", "for programs")
    .action(async (flags: { json?: boolean }) => {
      const { runDoctor } = await import("../doctor/doctor.ts");
      await runDoctor(flags);
    });
}

function withPlace(command: Command): Command {
  return command
    .option("--user", "in the user's Jupyter folder (the default)")
    .addOption(new Option("--prefix <dir>", "under DIR/share/jupyter, for example /usr/local").conflicts("user"))
    .addOption(
      new Option("--sys-prefix", "in the active Python environment (venv or conda)").conflicts(["user", "prefix"]),
    )
    .option("--name <name>", "the kernelspec's name", "gradbook");
}
