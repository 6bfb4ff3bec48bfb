import { existsSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Hono } from "hono";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pagePolicy } from "../../src/lab/page-policy.ts";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { newFolder } from "../run/scripted.ts";

const program = "/usr/bin/chromium";
const missing = !existsSync(program);
const advice = `${program} is missing: the server is not tried with a real browser. Install it: apt-get install chromium`;
if (missing && process.env.GRADBOOK_REQUIRE === "all") throw new Error(advice);
if (missing) console.warn(`Tests are skipped: ${advice}`);

// What runs in the page.
declare const document: { cookie: string; title: string };
declare const Image: new () => { onload: () => void; onerror: () => void; src: string };

/** What cookies and headers do, only a browser shows. */
describe.skipIf(missing)("a real browser", () => {
  let server: KernelServer;
  let stranger: Server;
  let browser: Browser;
  let page: Page;
  const root = newFolder();
  const address = () => server.url.slice(0, -1);

  beforeAll(async () => {
    writeFileSync(
      join(root, "evil.html"),
      "<title>file</title><script>fetch('/api/contents/').then((a) => { document.title = a.status; }, () => { document.title = 'refused'; })</script>",
    );
    const lab = new Hono().get("/lab/*", (context) =>
      context.html("<title>lab</title>", 200, { "Content-Security-Policy": pagePolicy(context.req.header("host")!) }),
    );
    server = await startServer({ root, trusted: join(newFolder(), "trusted"), page: lab });
    stranger = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end("<title>stranger</title>");
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const flags = ["--no-sandbox", "--disable-dev-shm-usage"];
    browser = await chromium.launch({ executablePath: program, args: flags });
  });
  afterAll(async () => {
    await browser?.close();
    stranger?.close();
    await server?.close();
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
  });

  /** Asks from within the page, as JupyterLab does. */
  const ask = (method: string, path: string, xsrf: boolean) =>
    page.evaluate(
      async ([method, path, xsrf]) => {
        const repeated = /_xsrf=(\w+)/.exec(document.cookie)?.[1] ?? "";
        try {
          const headers = xsrf ? { "X-XSRFToken": repeated } : undefined;
          const body = method === "GET" ? undefined : JSON.stringify({ type: "file", content: "x" });
          return (
            await fetch(path, { method, credentials: "include", ...(headers && { headers }), ...(body && { body }) })
          ).status;
        } catch {
          return "refused";
        }
      },
      [method, path, xsrf] as const,
    );

  it("asks for the token once, and works without it from then on", async () => {
    await page.goto(`${address()}/lab/tree/a.ipynb?x=1`);
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button").click();
    await page.getByText("not the token").waitFor();
    await page.getByLabel("Token").fill(server.token);
    await page.getByRole("button").click();
    await page.waitForURL(`${address()}/lab/tree/a.ipynb?x=1`);
    expect(await page.title()).toBe("lab");
    expect(await page.evaluate(() => document.cookie)).toMatch(/^_xsrf=\w+$/);
    expect(await ask("GET", "/api/contents/", false)).toBe(200);
    expect(await ask("PUT", "/api/contents/x.txt", false)).toBe(403);
    expect(await ask("PUT", "/api/contents/x.txt", true)).toBe(201);
    const opened = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => resolve("open");
          socket.onerror = () => resolve("refused");
        }),
      `${address().replace("http", "ws")}/api/events/subscribe`,
    );
    expect(opened).toBe("open");
    await page.goto(`${address()}/logout`);
    await page.goto(`${address()}/lab/`);
    await page.getByLabel("Token").waitFor();
  });

  it("forgets the token that stood in the address", async () => {
    await page.goto(`${address()}/lab/?token=${server.token}`);
    expect(page.url()).toBe(`${address()}/lab/`);
    expect(await page.title()).toBe("lab");
  });

  it("lets no page of another port use its cookie, and none show ours", async () => {
    await page.goto(`${address()}/lab/?token=${server.token}`);
    await page.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`);
    expect(await ask("GET", `${address()}/api/contents/`, false)).toBe("refused");
    expect(await ask("PUT", `${address()}/api/contents/y.txt`, false)).toBe("refused");
    expect(existsSync(join(root, "y.txt"))).toBe(false);
    const outcome = await page.evaluate(
      (address) =>
        new Promise((resolve) => {
          const socket = new WebSocket(`${address.replace("http", "ws")}/api/events/subscribe`);
          socket.onopen = () => resolve("open");
          socket.onerror = () => resolve("refused");
        }),
      address(),
    );
    expect(outcome).toBe("refused");
    const shown = await page.evaluate(
      (address) =>
        new Promise((resolve) => {
          const picture = new Image();
          picture.onload = () => resolve("shown");
          picture.onerror = () => resolve("refused");
          picture.src = `${address}/kernelspecs/gradbook/logo-svg.svg`;
        }),
      address(),
    );
    expect(shown).toBe("refused");
  });

  it("gives a document's scripts nothing of the server's", async () => {
    await page.goto(`${address()}/lab/?token=${server.token}`);
    await page.goto(`${address()}/files/evil.html`);
    await expect.poll(() => page.title(), { timeout: 60_000 }).toBe("refused");
  });
});
