import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { rolldown } from "rolldown";

const program = "/usr/bin/chromium";

/** Whether the test can run; without Chromium it may be left out only where not all are required. */
export const browserMissing = !existsSync(program);
export const mayBeLeftOut = browserMissing && process.env.GRADBOOK_REQUIRE !== "all";
export const advice = `${program} is missing: the library is not tried in a page. Install it: apt-get install chromium`;

const flags = [
  "--headless --no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update",
  // WebGPU on the driver that the CPU emulates, which Chromium brings along.
  "--disable-sync --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader",
].join(" ");

/** The scripts of the page, by name, and what the bundler had to say. */
export interface Bundle {
  readonly files: ReadonlyMap<string, string>;
  /** What the scripts import and the bundle does not hold. */
  readonly outside: readonly string[];
}

/** Bundles the page's entry with the library, as any user's page would be. */
export async function bundled(): Promise<Bundle> {
  const input = fileURLToPath(new URL("./entry.ts", import.meta.url));
  const bundle = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const files = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file.code] as const] : [])));
  const imports = output.flatMap((file) => (file.type === "chunk" ? [...file.imports, ...file.dynamicImports] : []));
  return { files, outside: imports.filter((name) => !files.has(name)) };
}

/** A page, and everything it complains about. */
export class ServedPage {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #server: Server;
  readonly #browser: Browser;

  private constructor(server: Server, browser: Browser, page: Page) {
    this.#server = server;
    this.#browser = browser;
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  /** Serves the bundle from this machine, which browsers take for a secure place, and opens it. */
  static async open({ files }: Bundle): Promise<ServedPage> {
    if (browserMissing) throw new Error(advice);
    const server = createServer(({ url = "/" }, reply) => {
      const script = files.get(url.slice(1));
      if (script !== undefined) reply.setHeader("content-type", "text/javascript; charset=utf-8").end(script);
      else reply.setHeader("content-type", "text/html").end(html);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const browser = await chromium.launch({ executablePath: program, args: flags.split(" ") });
    const served = new ServedPage(server, browser, await browser.newPage());
    await served.page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await served.page.waitForFunction("globalThis.inPage !== undefined");
    return served;
  }

  /** The value of an expression in the page, where `inPage` is what the entry gives. */
  value<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}

const html = `<!doctype html><title>gradbook</title><link rel="icon" href="data:,"><script type="module" src="/entry.js"></script>`;
