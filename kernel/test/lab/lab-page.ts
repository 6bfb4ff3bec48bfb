import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtemp, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { builtPage } from "../../src/lab/built-page.ts";
import { labRoutes } from "../../src/lab/routes.ts";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { keepPicture } from "../comm/front-end/keep-picture.ts";

/** A code cell, or a markdown cell where the text begins with `#`. */
function cellOf(source: string, index: number): object {
  const common = { id: `cell-${index}`, metadata: {}, source };
  return source.startsWith("#")
    ? { cell_type: "markdown", ...common }
    : { cell_type: "code", execution_count: null, outputs: [], ...common };
}

/** Writes a notebook for our kernel. */
export async function writeNotebook(file: string, sources: readonly string[]): Promise<void> {
  const kernelspec = { display_name: "TypeScript (Gradbook)", language: "typescript", name: "gradbook" };
  const language_info = { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" };
  const notebook = {
    cells: sources.map(cellOf),
    metadata: { kernelspec, language_info },
    nbformat: 4,
    nbformat_minor: 5,
  };
  await writeFile(file, JSON.stringify(notebook, null, 1));
}

/** The page served from a folder of its own, and what a browser complains about there. */
export class ServedLab {
  readonly root: string;
  readonly server: KernelServer;
  /** Errors of pages, and requests that failed or left the machine. */
  readonly complaints: string[] = [];
  readonly #connections = new Set<Socket>();
  readonly #watch = (told: unknown) => {
    const { socket } = told as { socket: Socket };
    if (socket.localPort !== Number(new URL(this.server.url).port)) return;
    this.#connections.add(socket);
    socket.once("close", () => this.#connections.delete(socket));
  };
  #pages = 0;

  private constructor(root: string, server: KernelServer) {
    this.root = root;
    this.server = server;
    subscribe("net.server.socket", this.#watch);
  }

  /** Builds the page where that is necessary, and serves it. */
  static async start(): Promise<ServedLab> {
    const page = await builtPage(console.log);
    const root = await mkdtemp(join(tmpdir(), "gradbook-lab-"));
    const kept = await mkdtemp(join(tmpdir(), "gradbook-kept-"));
    const server = await startServer({ root, page: labRoutes({ page, root, kept, exposed: true }) });
    return new ServedLab(root, server);
  }

  /** Opens a document, or the launcher, as a reader of the printed address would. */
  async open(browser: Browser, document = "", options: { colorScheme?: "light" | "dark" } = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => this.complaints.push(error.stack ?? error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(this.server.url) && !/^(data|blob):/.test(url)) this.complaints.push(`asked for ${url}`);
    });
    page.on("websocket", (socket) => {
      if (new URL(socket.url()).host !== new URL(this.server.url).host) this.complaints.push(`opened ${socket.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) this.complaints.push(`${response.status()} ${response.url()}`);
    });
    // Each page has an arrangement of its own: nothing is open that another page has left.
    const path = `lab/workspaces/page-${++this.#pages}${document === "" ? "" : `/tree/${document}`}`;
    await page.goto(`${this.server.url}${path}?token=${this.server.token}`);
    await page.waitForSelector("body[data-restored]", { state: "attached" });
    if (document !== "")
      await page.waitForFunction(`jupyterapp.shell.currentWidget?.context?.path === ${JSON.stringify(document)}`);
    return page;
  }

  /** Breaks off all connections, as a network does that fails. */
  cut(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  close(): Promise<void> {
    unsubscribe("net.server.socket", this.#watch);
    return this.server.close(false);
  }
}

/** Waits until the kernel of the open notebook is there. */
export async function connected(page: Page): Promise<void> {
  await page.waitForSelector(".jp-Notebook .jp-CodeCell");
  const session = "jupyterapp.shell.currentWidget.context.sessionContext";
  await page.evaluate(`${session}.ready.then(() => null)`);
  await page.waitForFunction(
    `${session}.session?.kernel?.connectionStatus === "connected" && ${session}.session.kernel.status === "idle"`,
  );
}

/** Runs a command of JupyterLab without waiting for its end. */
export async function command(page: Page, name: string, parameters: object = {}): Promise<void> {
  await page.evaluate(`void jupyterapp.commands.execute(${JSON.stringify(name)}, ${JSON.stringify(parameters)})`);
}

/** Runs a command of JupyterLab and waits for its end. */
export async function finished(page: Page, name: string, parameters: object = {}): Promise<void> {
  await page.evaluate(
    `jupyterapp.commands.execute(${JSON.stringify(name)}, ${JSON.stringify(parameters)}).then(() => null)`,
  );
}

/** Runs code in the kernel of the open notebook, beside its cells, and gives what it printed. */
export function asked(page: Page, code: string): Promise<string> {
  return page.evaluate(`(async () => {
    const { kernel } = jupyterapp.shell.currentWidget.context.sessionContext.session;
    const future = kernel.requestExecute({ code: ${JSON.stringify(code)}, store_history: false });
    let printed = "";
    future.onIOPub = ({ header, content }) => { if (header.msg_type === "stream") printed += content.text; };
    await future.done;
    return printed;
  })()`);
}

/** Ends the kernel of the open notebook and closes its page; whoever opens the notebook next finds no kernel. */
export async function leave(page: Page): Promise<void> {
  await keepPicture(page);
  await finished(page, "kernelmenu:shutdown");
  const sessions = 'fetch("/api/sessions").then((reply) => reply.json()).then((all) => all.length)';
  await expect.poll(() => page.evaluate(sessions), { timeout: 60_000 }).toBe(0);
  await page.context().close();
}
