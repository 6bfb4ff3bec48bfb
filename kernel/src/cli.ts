import { Command } from "commander";
import { addExportCommand } from "./export/command.ts";
import { addInstallCommands } from "./install/command.ts";
import { addLabCommand } from "./lab/command.ts";
import { Problem } from "./problem.ts";
import { addRunCommand, joinParameters } from "./run/command.ts";
import { addServerCommand } from "./server/command.ts";
import { ownVersion } from "./version.ts";

const program = new Command("gradbook")
  .description(
    "Notebooks in TypeScript: open them in the browser, run them without one, export them, or install the kernel into Jupyter.",
  )
  .version(ownVersion(), "-V, --version", "tell the version")
  .helpOption("-h, --help", "show this help")
  .helpCommand(false)
  .showHelpAfterError("Help: gradbook --help");

addLabCommand(program);
addRunCommand(program);
addExportCommand(program);
addServerCommand(program);
addInstallCommands(program);
program
  .command("kernel")
  .summary("run the kernel itself (Jupyter calls this)")
  .description("Runs the kernel on the sockets of a connection file, until it is told to shut down.")
  .requiredOption("--connection-file <file>", "the connection file that Jupyter wrote")
  .action(async ({ connectionFile }: { connectionFile: string }) => {
    const { startKernel } = await import("./supervisor/main.ts");
    await startKernel(connectionFile);
  });

try {
  await program.parseAsync(joinParameters(process.argv.slice(2)), { from: "user" });
} catch (error) {
  console.error(error instanceof Problem ? error.message : error);
  process.exitCode = 1;
}
