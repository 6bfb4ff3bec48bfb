import { randomUUID } from "node:crypto";
import { basename } from "node:path/posix";
import { setTimeout as delay } from "node:timers/promises";
import {
  KernelAPI,
  KernelManager,
  KernelSpecAPI,
  ServerConnection,
  type Kernel as Services,
  SessionAPI,
} from "@jupyterlab/services";
import WebSocket, { type ClientOptions } from "ws";
import type { FoundKernelSpec, KernelSpec } from "../install/kernelspec.ts";
import { Problem } from "../problem.ts";
import { type KernelServer, startServer } from "../server/server.ts";
import { lenientSerializer } from "./lenient-messages.ts";
import { quietConsole } from "./quiet-console.ts";

/** Where a Jupyter server is, and what it wants to be shown. */
export interface ServerAddress {
  /** As Jupyter prints it: a token in it counts, and a page's path after it does not matter. */
  url: string;
  token?: string;
}

/** A Jupyter server that cannot be used. */
export class ServerError extends Problem {
  override readonly name = "ServerError";
}

/** What is wanted of a new kernel. */
export interface NewKernel {
  name: string;
  /** The folder in which it works; servers other than ours only know paths below their own folder, as in `path`. */
  cwd?: string;
  /** The path of its document, as the server counts paths: it works in that folder. */
  path?: string;
  env?: Record<string, string>;
}

/** How often a server is asked to end a kernel. */
const SHUTDOWN_TRIES = 5;

/** A WebSocket for floods of output. */
class RoomySocket extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    const options: ClientOptions = {
      // The default would end the connection at an output of more than 100 MiB.
      maxPayload: 0,
      perMessageDeflate: false,
      // One message a turn of the event loop: a flood would hold up timers and signals.
      allowSynchronousEvents: false,
    };
    super(url, protocols ?? [], options);
  }
}

/** A Jupyter server whose kernels run notebooks: one of our own in this process, or any other. */
export class JupyterServer {
  /** Its address, without the token. */
  readonly url: string;
  readonly token: string;
  /** The kernelspec it runs a notebook in that names none. */
  defaultSpec: string | undefined;
  readonly #own: KernelServer | undefined;
  readonly #settings: ServerConnection.ISettings;
  readonly #manager: KernelManager;

  private constructor(url: string, token: string, own?: KernelServer) {
    quietConsole();
    this.url = url;
    this.token = token;
    this.#own = own;
    this.#settings = ServerConnection.makeSettings({
      baseUrl: url,
      wsUrl: url.replace(/^http/, "ws"),
      token,
      appendToken: true,
      WebSocket: RoomySocket as unknown as ServerConnection.ISettings["WebSocket"],
      serializer: lenientSerializer(),
    });
    this.#manager = new KernelManager({ serverSettings: this.#settings });
    // It is rejected when we are done before the first answer.
    this.#manager.ready.catch(() => {});
  }

  /** Starts a server in this process, which runs the kernels of these kernelspecs, ours and the installed ones. */
  static async local(specs: readonly FoundKernelSpec[] = []): Promise<JupyterServer> {
    return JupyterServer.of(await startServer({ specs, restarts: false }));
  }

  /** Uses a server that runs in this process already, and ends it when it is closed. */
  static of(own: KernelServer): JupyterServer {
    return new JupyterServer(own.url, own.token, own);
  }

  /** Connects to a server. @throws ServerError when nobody answers there, or the token is refused. */
  static async connect(address: ServerAddress): Promise<JupyterServer> {
    const { url, token } = parseAddress(address);
    const server = new JupyterServer(url, token);
    try {
      await server.kernelSpecs();
    } catch (error) {
      await server.close();
      throw new ServerError(`The Jupyter server ${url}: ${reasonOf(error)}`);
    }
    return server;
  }

  /** Whether it runs in this process. */
  get isLocal(): boolean {
    return this.#own !== undefined;
  }

  /** The kernelspecs it offers. */
  async kernelSpecs(): Promise<FoundKernelSpec[]> {
    const found = await KernelSpecAPI.getSpecs(this.#settings);
    this.defaultSpec = found.default;
    return Object.values(found.kernelspecs).flatMap((model) => {
      if (!model) return [];
      const { argv, display_name, language } = model;
      return [{ name: model.name, spec: { argv, display_name, language } satisfies KernelSpec }];
    });
  }

  /** Starts a kernel and connects to it. @throws ServerError */
  async start(kernel: NewKernel): Promise<Services.IKernelConnection> {
    const { name, path } = kernel;
    try {
      if (path === undefined) return await this.#manager.startNew(kernel, { handleComms: false });
      // Older servers know a kernel's folder by a session only. Its path is nobody else's, or we would be given the
      // kernel of a page in which the notebook is open.
      const own = `${path} (gradbook run ${randomUUID().slice(0, 8)})`;
      const request = { path: own, name: basename(path), type: "notebook", kernel: { name } };
      const { kernel: model } = await SessionAPI.startSession(request, this.#settings);
      if (!model) throw new Error("it started no kernel.");
      return this.#manager.connectTo({ model, handleComms: false });
    } catch (error) {
      throw new ServerError(reasonOf(error));
    }
  }

  /** Connects to a kernel that runs already. @throws ServerError when there is none of that id. */
  async attach(id: string): Promise<Services.IKernelConnection> {
    const model = await KernelAPI.getKernelModel(id, this.#settings).catch((error: unknown) => {
      throw new ServerError(`The Jupyter server ${this.url}: ${reasonOf(error)}`);
    });
    if (!model) throw new ServerError(`The Jupyter server ${this.url} runs no kernel ${id}. It may have ended.`);
    return this.#manager.connectTo({ model, handleComms: false });
  }

  /** Ends a kernel, and waits for its end; one that has gone already is no error. */
  async shutdown(id: string): Promise<void> {
    const address = `${this.#settings.baseUrl}api/kernels/${encodeURIComponent(id)}`;
    for (let tries = 0; tries < SHUTDOWN_TRIES; tries++) {
      const ask = ServerConnection.makeRequest(address, { method: "DELETE" }, this.#settings);
      const response = await ask.catch(() => undefined);
      if (!response || response.status < 500) return;
      // Notebook 6 fails while it is starting the kernel anew.
      await delay(1000);
    }
  }

  /** Ends a kernel at once. */
  kill(id: string): void {
    if (this.#own) this.#own.kill(id);
    else void this.shutdown(id);
  }

  /** Closes the connection to the server; one in this process ends with its kernels: politely, or at once. */
  async close(politely = true): Promise<void> {
    // Its timer for the next look at the kernels, in ten seconds, would outlive it and keep the process: looking now ends it.
    this.#manager.refreshRunning().catch(() => {});
    this.#manager.dispose();
    await this.#own?.close(politely);
  }
}

/** The base address and the token in what a user copies from the terminal or from the browser. */
export function parseAddress({ url, token }: ServerAddress): Required<ServerAddress> {
  const text = /^https?:\/\//.test(url) ? url : `http://${url}`;
  if (!URL.canParse(text)) throw new ServerError(`${url}: this is no address. Expected: http://localhost:8888/`);
  const parsed = new URL(text);
  const shown = token ?? parsed.searchParams.get("token") ?? "";
  const base = parsed.pathname.replace(/\/(lab|tree|notebooks|edit|doc|login)(\/.*)?$/, "/");
  return { url: `${parsed.origin}${base.endsWith("/") ? base : `${base}/`}`, token: shown };
}

function reasonOf(error: unknown): string {
  if (error instanceof ServerConnection.ResponseError) {
    const { status } = error.response;
    if (status === 401 || status === 403)
      return "it refuses the token. Give the one it printed with --token, or in JUPYTER_TOKEN.";
    if (status === 404) return `${error.message}. Is this the address of a Jupyter server?`;
    return error.message;
  }
  if (error instanceof ServerConnection.NetworkError)
    return "nobody answers there. Start it, or look at its address: jupyter server list";
  return error instanceof SyntaxError ? "what answers there is no Jupyter server." : (error as Error).message;
}
