import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";

/** Opens a file as a reader would, and notes what the page complains about or asks for. */
export async function openExported(browser: Browser, path: string, options: object = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const url = pathToFileURL(path).href;
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && request.url() !== url) requests.push(request.url());
  });
  await page.goto(url);
  return { page, complaints, requests };
}
