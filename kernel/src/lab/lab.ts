import { Problem } from "../problem.ts";
import type { CullingOptions } from "../server/culling.ts";
import { type KernelServer, startServer } from "../server/server.ts";
import { untilClosed } from "../server/until-closed.ts";
import { builtPage } from "./built-page.ts";
import { labRoutes } from "./routes.ts";

const firstPort = 8888;
const portsTried = 20;

/** How the page is served. */
export interface LabOptions {
  readonly root: string;
  /** The port on 127.0.0.1; the first that is free from 8888 on unless given. */
  readonly port?: number;
  readonly token?: string;
  /** Whether the page is opened in the user's browser. */
  readonly browser: boolean;
  /** Origins besides this server from which the page may load scripts. */
  readonly allowed?: readonly string[];
  /** When kernels that nobody uses are ended; never unless given. */
  readonly culling?: CullingOptions;
}

/** Serves the page until the process is told to end. */
export async function openLab({ root, port, token, browser, allowed, culling }: LabOptions): Promise<void> {
  const page = await builtPage((what) => console.log(what));
  const exposed = process.env.GRADBOOK_EXPOSE_PAGE === "1";
  const serve = (at: number) =>
    startServer({
      port: at,
      root,
      page: labRoutes({ page, root, exposed, ...(allowed && { allowed }) }),
      ...(token && { token }),
      ...(culling && { culling }),
    });
  const server = await (port === undefined ? onFirstFree(serve) : serve(port));
  const address = `${server.url}lab?token=${server.token}`;
  await untilClosed(server, root, async () => {
    console.log(`\n  Gradbook shows ${root} at\n\n  ${address}\n\n  Ctrl-C ends it and its kernels.\n`);
    if (!browser) return;
    const { default: open } = await import("open");
    // Where there is no browser, the address has been told.
    await open(address).then(
      (child) => child.once("error", () => undefined),
      () => undefined,
    );
  });
}

/** Tries Jupyter's port and those after it. */
async function onFirstFree(serve: (port: number) => Promise<KernelServer>): Promise<KernelServer> {
  for (let port = firstPort; port < firstPort + portsTried; port++)
    try {
      return await serve(port);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  return serve(0);
}
