import { type Command, Option } from "commander";
import { type InstallPlace, install, liesInCache, uninstall } from "./install.ts";
import { findKernelSpecs } from "./kernelspec.ts";

type Flags = InstallPlace & { user?: boolean };

/** Adds `gradbook install`, `gradbook uninstall` and `gradbook list`. */
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
    .description("Lists the installed kernelspecs, as Jupyter finds them, with their folders.")
    .action(async () => {
      const specs = await findKernelSpecs();
      if (specs.length === 0) console.log("No kernel is installed. To install this one: gradbook install");
      const width = Math.max(...specs.map(({ name }) => name.length));
      for (const { name, folder } of specs) console.log(`${name.padEnd(width)}  ${folder}`);
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
