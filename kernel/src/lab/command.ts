import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { Problem } from "../problem.ts";
import { cullAfterOption, cullingAfter, port } from "../server/command.ts";
import { allowedOrigin } from "./page-policy.ts";

interface LabFlags {
  port?: number;
  token?: string;
  browser: boolean;
  buildOnly?: boolean;
  allow?: string[];
  cullAfter?: number;
}

/** Adds `gradbook lab`. */
export function addLabCommand(program: Command): void {
  program
    .command("lab")
    .summary("open notebooks in the browser")
    .description(
      "Serves the JupyterLab page with the TypeScript kernel, and any other kernel that is installed, on 127.0.0.1, and opens it in the browser. No Python is needed. Ctrl-C ends it and its kernels.",
    )
    .argument("[folder]", "the folder to show", ".")
    .option("--port <number>", "the port; 0: any free one (8888, or the next that is free)", port)
    .option("--token <token>", "what clients must show; otherwise GRADBOOK_TOKEN, or one that is made up")
    .option("--no-browser", "open no browser, only tell the address")
    .option(
      "--allow <origin>",
      "let the page load scripts from there, as widgets of others and charts may need; may be repeated (none)",
      allowedOrigin,
    )
    .addOption(cullAfterOption())
    .option("--build-only", "build the page where it is not yet, and end")
    .action(
      async (
        folder: string,
        { allow, cullAfter, port, token = process.env.GRADBOOK_TOKEN, browser, buildOnly }: LabFlags,
      ) => {
        if (buildOnly) {
          const { builtPage } = await import("./built-page.ts");
          await builtPage(console.log);
          return;
        }
        const root = resolve(folder);
        const isFolder = await stat(root).then(
          (found) => found.isDirectory(),
          () => false,
        );
        if (!isFolder) throw new Problem(`lab: ${root} is no folder.`);
        const { openLab } = await import("./lab.ts");
        await openLab({
          ...{ root, browser },
          ...(port !== undefined && { port }),
          ...(token && { token }),
          ...(allow && { allowed: allow }),
          ...cullingAfter(cullAfter),
        });
      },
    );
}
