import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const program = "/usr/bin/chromium";

/** Whether the tests in a browser can run; without Chromium they may be left out only where not all are required. */
export const browserMissing = !existsSync(program);
export const mayBeLeftOut = browserMissing && process.env.GRADBOOK_REQUIRE !== "all";
export const advice = `${program} is missing: the pictures are not looked at in a browser. Install it: apt-get install chromium`;

const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Starts Chromium without a window. */
export async function startBrowser(): Promise<Browser> {
  if (browserMissing) throw new Error(advice);
  return chromium.launch({ executablePath: program, args: flags.split(" ") });
}

/** Everything that a page complains about. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
}

/** A page with plotly that draws pictures on request; see page.html. */
export async function openPage(browser: Browser, width: number, colorScheme: "light" | "dark"): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height: 700 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.setContent(readFileSync(new URL("./page.html", import.meta.url), "utf8"));
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve("plotly.js-dist-min") });
  return { page, complaints };
}

/** Calls a function of page.html. */
export async function call<Result>(page: Page, name: string, ...given: readonly unknown[]): Promise<Result> {
  return page.evaluate<Result>(`${name}(${given.map((value) => JSON.stringify(value)).join(", ")})`);
}
