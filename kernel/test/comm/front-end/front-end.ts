import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { rolldown } from "rolldown";
import type { JsonObject } from "../../../src/wire/message.ts";
import type { Received, TestKernel } from "../../client.ts";

const program = "/usr/bin/chromium";
const entry = fileURLToPath(new URL("./page.js", import.meta.url));

/** Whether there is a browser; what to do about it where not. */
export const browserMissing = !existsSync(program);
export const advice = `${program} is missing: widgets are not tried in a real page. Install it: apt-get install chromium`;

const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Starts Chromium without a window. */
export async function startBrowser(): Promise<Browser> {
  if (browserMissing) throw new Error(advice);
  return chromium.launch({ executablePath: program, args: flags.split(" ") });
}

/** The page's script: Jupyter's widget manager with anywidget, in one file. */
export async function bundlePage(): Promise<string> {
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    logLevel: "silent",
    plugins: [
      {
        name: "anywidget is an AMD module, in a package that says otherwise",
        transform: (code, id) =>
          id.endsWith("/anywidget/dist/index.js")
            ? code.replace(/define\(\[.*?\],\s*(\w+)\)/, "export default $1")
            : null,
      },
    ],
  });
  const { output } = await bundle.generate({ format: "iife" });
  await bundle.close();
  return output[0].code;
}

interface FromPage {
  readonly id: string;
  readonly type: string;
  readonly content: object;
  readonly metadata: JsonObject;
  readonly buffers: readonly string[];
}

/** A page with a widget manager, connected to a kernel. */
export class FrontEnd {
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, kernel: TestKernel, script: string): Promise<FrontEnd> {
    const page = await browser.newPage();
    const frontEnd = new FrontEnd(page);
    page.on("console", (message) => {
      if (message.type() === "error") frontEnd.complaints.push(message.text());
    });
    page.on("pageerror", (error) => frontEnd.complaints.push(error.message));
    const idInPage = new Map<string, string>();
    await page.exposeFunction("toKernel", ({ id, type, content, metadata, buffers }: FromPage) => {
      const sent = { metadata, buffers: buffers.map((text) => Buffer.from(text, "base64")) };
      idInPage.set(kernel.send("shell", type, content, sent), id);
    });
    await page.setContent("<!doctype html><title>widgets</title><body></body>");
    await page.addScriptTag({ content: script });
    let passed: Promise<unknown> = Promise.resolve();
    kernel.onPublished(({ header, parent, content, metadata, buffers }: Received) => {
      const message = {
        type: header.msg_type,
        parent: idInPage.get(parent.msg_id ?? "") ?? "",
        content,
        metadata,
        buffers: buffers.map((bytes) => Buffer.from(bytes).toString("base64")),
      };
      passed = passed.then(() => page.evaluate(`fromKernel(${JSON.stringify(message)})`)).catch(() => undefined);
    });
    return frontEnd;
  }

  /** Shows the model with this id at the end of the page. */
  show(id: string): Promise<void> {
    return this.page.evaluate(`show(${JSON.stringify(id)})`);
  }

  /** Asks the kernel for all widgets, as a page that is loaded anew does. */
  restore(): Promise<void> {
    return this.page.evaluate("restore()");
  }

  /** Whether the page has a model with this id. */
  knows(id: string): Promise<boolean> {
    return this.page.evaluate(`knows(${JSON.stringify(id)})`);
  }
}
