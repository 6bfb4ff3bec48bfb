import { type Command, InvalidArgumentError, Option } from "commander";
import type { CullingOptions } from "./culling.ts";

interface ServerFlags {
  port: number;
  token?: string;
  root?: string;
  hidden?: boolean;
  cullAfter?: number;
}

/** Adds `gradbook server`. */
export function addServerCommand(program: Command): void {
  program
    .command("server")
    .summary("serve kernels to other programs on this machine")
    .description(
      "Serves the kernels of this machine over the Jupyter Server API on 127.0.0.1, until Ctrl-C. Kernels started here live as long as the server: gradbook run --server … --keep-kernel leaves its kernel running, and a later run goes on in it. For a page in the browser there is gradbook lab.",
    )
    .option("--port <number>", "the port; 0: any free one", port, 8888)
    .option("--token <token>", "what clients must show; otherwise GRADBOOK_TOKEN, or one that is made up")
    .option("--root <folder>", "the folder under which the paths of documents lie (the working folder)")
    .option("--hidden", "serve files whose names begin with a dot, too")
    .addOption(cullAfterOption())
    .action(
      async ({ hidden, cullAfter, port, token = process.env.GRADBOOK_TOKEN, root = process.cwd() }: ServerFlags) => {
        const [{ startServer }, { untilClosed }] = await Promise.all([
          import("./server.ts"),
          import("./until-closed.ts"),
        ]);
        const server = await startServer({
          ...{ port, root },
          ...(token && { token }),
          ...(hidden && { hidden }),
          ...cullingAfter(cullAfter),
        });
        await untilClosed(server, root, () =>
          console.log(
            `Serving kernels at ${server.url}?token=${server.token}\nCtrl-C ends the server and its kernels.`,
          ),
        );
      },
    );
}

/** A port of the command line. */
export function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65535) throw new InvalidArgumentError("A port is needed.");
  return number;
}

/** The option that has idle kernels ended. */
export function cullAfterOption(): Option {
  return new Option(
    "--cull-after <minutes>",
    "end kernels that have had nothing to do for so long and no client (never)",
  ).argParser(minutes);
}

/** What the option means to the server. */
export function cullingAfter(minutes: number | undefined): { culling?: CullingOptions } {
  return minutes === undefined ? {} : { culling: { idleSeconds: minutes * 60 } };
}

function minutes(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("A number of minutes is needed.");
  return number;
}
