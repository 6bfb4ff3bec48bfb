import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { WebSocketServer } from "ws";
import type { FoundKernelSpec } from "../install/kernelspec.ts";
import { Problem } from "../problem.ts";
import { createApp } from "./app.ts";
import { Contents } from "./contents/contents.ts";
import { TrustedNotebooks, trustFile } from "./contents/trust.ts";
import { type CullingOptions, cullKernels } from "./culling.ts";
import { Events } from "./events.ts";
import { Kernels } from "./kernels.ts";
import { Logins } from "./logins.ts";
import { Sessions } from "./sessions.ts";
import { admit } from "./upgrades.ts";
import { BINARY_PROTOCOL } from "./websocket-messages.ts";

/** How the server is started. */
export interface ServerOptions {
  /** The port on 127.0.0.1; any free one unless given. */
  port?: number;
  /** What clients must show; made up unless given. */
  token?: string;
  /** The kernels it serves, which end with it. Otherwise its own, as the next three say. */
  kernels?: Kernels;
  /** The folder under which the paths of documents lie; the working folder unless given. */
  root?: string;
  /** Whether files whose names begin with a dot are served; false unless given. */
  hidden?: boolean;
  /** Where it is remembered which notebooks are trusted; a file of the user's unless given. */
  trusted?: string;
  /** When kernels that nobody uses are ended; never unless given. */
  culling?: CullingOptions;
  /** Kernelspecs to offer besides ours and the installed ones. */
  specs?: readonly FoundKernelSpec[];
  /** Whether kernels that die are started anew; true unless given. */
  restarts?: boolean;
  /** Further routes, such as those of a page. They are behind the same checks as the server's own, which come first. */
  page?: Hono;
}

/** A running server. */
export interface KernelServer {
  /** Where it is, for example `http://127.0.0.1:8888/`. */
  readonly url: string;
  readonly token: string;
  /** Ends a kernel at once. */
  kill(id: string): void;
  /** Ends the kernels, politely or at once, and then the server. */
  close(politely?: boolean): Promise<void>;
  /** Resolves when the server has ended, by {@link close} or because a page has asked for that. */
  readonly closed: Promise<void>;
}

/** The longest message of a client, in bytes. */
const LONGEST_MESSAGE = 256 * 1024 * 1024;

/** Serves kernels over the Jupyter Server API, to this machine only. @throws Problem when the port is taken. */
export async function startServer(options: ServerOptions = {}): Promise<KernelServer> {
  const { port = 0, token = randomBytes(24).toString("hex"), root = process.cwd(), specs, restarts, page } = options;
  const kernels = options.kernels ?? new Kernels(root, specs, restarts);
  const events = new Events();
  const contents = new Contents(root, {
    hidden: options.hidden,
    trusted: new TrustedNotebooks(options.trusted ?? trustFile()),
    changed: (change) => events.contentsChanged(change),
  });
  const served = {
    ...{ kernels, sessions: new Sessions(kernels), contents, events, token, logins: new Logins(), page },
    shutdown: () => void setTimeout(() => void close(), 100),
  };
  const stopCulling = options.culling && cullKernels(kernels, options.culling);
  const app = createApp(served);
  const server = createAdaptorServer({ fetch: app.fetch, hostname: "127.0.0.1" }) as Server;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(BINARY_PROTOCOL) && BINARY_PROTOCOL,
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => {});
    const admission = admit(request, served);
    if (typeof admission === "string") {
      socket.end(`HTTP/1.1 ${admission}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, admission);
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new Problem(`Port ${port} is taken. Choose another one.`) : error),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const close = async (politely = true) => {
    stopCulling?.();
    await kernels.shutdownAll(politely);
    for (const client of sockets.clients) client.terminate();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await contents.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token,
    kill: (id) =>
      kernels
        .list()
        .find((kernel) => kernel.id === id)
        ?.kill(),
    close,
    closed: new Promise((resolve) => server.once("close", () => resolve())),
  };
}
