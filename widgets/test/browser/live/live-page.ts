import type { Browser, Page } from "playwright-core";
import { offerComms } from "../../../../kernel/src/comm/in-cell.ts";
import type { CommFrame, CommHandledFrame, CommTargetFrame } from "../../../../kernel/src/comm/messages.ts";
import { RuntimeComms } from "../../../../kernel/src/comm/runtime-comms.ts";
import { WidgetHost } from "../../../../kernel/src/widget/host.ts";
import { offerWidgets } from "../../../../kernel/src/widget/offer.ts";
import { bundlePage } from "../../../../kernel/test/comm/front-end/front-end.ts";
import { keepPicture } from "../../../../kernel/test/comm/front-end/keep-picture.ts";
import { type Displayable, displaySymbol, type MimeBundle, type View } from "../../../src/index.ts";

interface FromPage {
  readonly id: string;
  readonly type: "comm_open" | "comm_msg" | "comm_close";
  readonly content: { readonly comm_id: string; readonly target_name?: string; readonly data: unknown };
  readonly metadata: Record<string, unknown>;
  readonly buffers: readonly string[];
}

interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
}

let script: Promise<string> | undefined;
let pages: LivePage[] = [];
let offered = false;
let lastCell = 0;

const comms = new RuntimeComms({
  send: (frame) => {
    for (const page of pages) page.pass(frame);
  },
  cell: () => lastCell,
  failed: (thrown) => {
    for (const page of pages) page.complaints.push(thrown instanceof Error ? (thrown.stack ?? "") : String(thrown));
  },
});

/**
 * A page with Jupyter's own widget manager and anywidget's own module, in which widgets of this process are shown: they
 * are the kernel's real widgets, and only the sockets between are left out. Make it before the widgets.
 */
export class LivePage {
  readonly page: Page;
  /** What page and kernel complain about. */
  readonly complaints: string[] = [];
  /** How many bytes were sent to the page beside the JSON. */
  bytes = 0;
  readonly #inPage = new Map<number, string>();
  #passed: Promise<unknown> = Promise.resolve();
  #connected = true;
  /** A widget that nothing else holds goes with the garbage, and its view with it. */
  readonly #shown: Displayable[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(
    browser: Browser,
    { width = 900, height = 700, colorScheme = "light" }: PageOptions = {},
  ): Promise<LivePage> {
    if (!offered) {
      offerComms({ comms, widgets: new WidgetHost(comms) });
      offerWidgets();
      offered = true;
    }
    script ??= bundlePage();
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, acceptDownloads: true });
    const page = await context.newPage();
    const live = new LivePage(page);
    page.on("console", (message) => {
      if (message.type() === "error") live.complaints.push(message.text());
    });
    page.on("crash", () => live.complaints.push("the page crashed"));
    page.on("pageerror", (error) => live.complaints.push(error.stack ?? error.message));
    page.on("request", (request) => {
      if (!/^(data|blob|about):/.test(request.url())) live.complaints.push(`asked for ${request.url()}`);
    });
    page.on("websocket", (socket) => live.complaints.push(`opened ${socket.url()}`));
    await page.exposeFunction("toKernel", (message: FromPage) => live.#receive(message));
    const background = colorScheme === "dark" ? "#111" : "#fff";
    await page.setContent(
      `<!doctype html><title>widgets</title><body style="margin:8px;background:${background}"></body>`,
    );
    await page.addScriptTag({ content: await script });
    pages.push(live);
    return live;
  }

  /** Shows a widget at the end of the page, as a cell would; resolves when its view is there. */
  async show(widget: Displayable, view?: View): Promise<MimeBundle> {
    this.#shown.push(widget);
    const bundle = await widget[displaySymbol](view);
    const live = bundle["application/vnd.jupyter.widget-view+json"] as { model_id: string } | undefined;
    if (!live) throw new Error("the widget has no live view in its bundle");
    await this.settled();
    const before = await this.page.locator(".gradbook-view").count();
    await this.page.evaluate(`show(${JSON.stringify(live.model_id)})`);
    await this.page.locator(".gradbook-view").nth(before).waitFor();
    return bundle;
  }

  /**
   * Shows in a fresh page, which no kernel answers, what a bundle speaks of, with the values that an open page has:
   * as a notebook does that was saved there.
   */
  static async reopen(browser: Browser, bundle: MimeBundle, options: PageOptions = {}): Promise<LivePage> {
    const { model_id } = bundle["application/vnd.jupyter.widget-view+json"] as { model_id: string };
    const id = JSON.stringify(model_id);
    let saved: unknown;
    for (const { page } of pages) if (await page.evaluate(`knows(${id})`)) saved = await page.evaluate(`saved(${id})`);
    if (saved === undefined) throw new Error("no open page shows it");
    const live = await LivePage.open(browser, options);
    live.disconnect();
    await live.page.evaluate(`load(${JSON.stringify(saved)})`);
    await live.page.evaluate(`show(${id})`);
    await live.page.locator(".gradbook-view").first().waitFor();
    return live;
  }

  /** Takes away everything that was shown. */
  async clear(): Promise<void> {
    await this.page.evaluate("clear()");
  }

  /** Resolves when the page has got everything that was sent so far. */
  async settled(): Promise<void> {
    // What was changed in this turn is sent at its end.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await this.#passed;
  }

  /** The bundle as it is now, as a cell gets it that has ended. */
  async bundleOf(widget: Displayable): Promise<MimeBundle> {
    return widget[displaySymbol]();
  }

  /** Resolves when what the reader has just done has reached the kernel: settings are sent a moment later. */
  async idle(): Promise<void> {
    await this.page.waitForTimeout(1500);
    await this.settled();
  }

  /** From now on nobody answers: as in a notebook that was opened without a kernel. */
  disconnect(): void {
    this.#connected = false;
  }

  /** The kernel is gone, and the page knows. */
  async loseKernel(): Promise<void> {
    this.disconnect();
    await this.page.evaluate("lost()");
  }

  pass(frame: CommFrame | CommTargetFrame | CommHandledFrame): void {
    if (!this.#connected || frame.type === "comm_target") return;
    if (frame.type === "comm_handled") {
      const parent = this.#inPage.get(frame.cell);
      if (parent !== undefined) this.#send({ type: "status", parent, content: { execution_state: "idle" } });
      return;
    }
    const { cell, action, commId, target, data, metadata, buffers } = frame;
    const type = { open: "comm_open", message: "comm_msg", close: "comm_close" }[action];
    const content = { comm_id: commId, data, ...(action === "open" && { target_name: target }) };
    // By its parent the page knows the echo of a message, which must not undo what was set after that.
    this.#send({ type, parent: this.#inPage.get(cell) ?? "", content, metadata, buffers: buffers ?? [] });
  }

  #send(message: {
    type: string;
    parent: string;
    content: object;
    metadata?: unknown;
    buffers?: readonly (string | Uint8Array)[];
  }): void {
    const { metadata = {}, buffers = [] } = message;
    const text = buffers.map((bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("base64")));
    for (const base64 of text) this.bytes += Buffer.byteLength(base64, "base64");
    const passed = JSON.stringify({ ...message, metadata, buffers: text });
    this.#passed = this.#passed.then(() => this.page.evaluate(`fromKernel(${passed})`)).catch(() => undefined);
  }

  #receive({ id, type, content, metadata, buffers }: FromPage): void {
    if (!this.#connected) return;
    const cell = ++lastCell;
    this.#inPage.set(cell, id);
    const action = ({ comm_open: "open", comm_msg: "message", comm_close: "close" } as const)[type];
    comms.receive({
      type: "comm",
      cell,
      action,
      commId: content.comm_id,
      ...(content.target_name !== undefined && { target: content.target_name }),
      data: content.data,
      metadata,
      buffers: buffers.map((base64) => Uint8Array.from(Buffer.from(base64, "base64"))),
    });
  }

  async close(): Promise<void> {
    pages = pages.filter((page) => page !== this);
    await keepPicture(this.page);
    await this.page.context().close();
  }
}
