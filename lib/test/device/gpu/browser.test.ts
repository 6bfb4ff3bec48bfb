import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = process.env.GRADBOOK_CHROMIUM ?? "/usr/bin/chromium";
const missing = !existsSync(program);
if (missing && process.env.GRADBOOK_REQUIRE !== "all") console.warn("skipped: no Chromium. apt install chromium");

/** Headless Chromium whose GPU the CPU emulates. */
const flags =
  "--headless=new --no-sandbox --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader --enable-features=Vulkan --use-vulkan=swiftshader --ignore-gpu-blocklist --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** The page's script; what belongs to Node is left out of it. */
async function bundled(): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL("page.ts", import.meta.url)),
    platform: "browser",
    logLevel: "silent",
    plugins: [
      {
        name: "nothing of Node",
        resolveId: (id: string) => (/^(node:|koffi$|gl$)/.test(id) ? `\0nothing:${id}` : null),
        load: (id: string) =>
          id.startsWith("\0nothing:")
            ? "export default {}; export const setImmediate = () => new Promise((go) => setTimeout(go));"
            : null,
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

describe.skipIf(missing && process.env.GRADBOOK_REQUIRE !== "all")("the gpu device in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program, args: flags.split(" ") });
  });
  afterAll(() => browser?.close());

  it("learns on the browser's own WebGPU", { timeout: 120_000 }, async () => {
    const script = await bundled();
    const page = await browser.newPage();
    // WebGPU is there on secure pages only, such as those of the machine itself.
    await page.route("http://localhost/**", (route) =>
      route.request().url().endsWith(".js")
        ? route.fulfill({ contentType: "text/javascript", body: script })
        : route.fulfill({ contentType: "text/html", body: "<!doctype html><title>learning</title>" }),
    );
    await page.goto("http://localhost/");
    await page.addScriptTag({ url: "/page.js", type: "module" });
    const { name, losses } = await page.evaluate(() =>
      (globalThis as unknown as { learn(): Promise<{ name: string; losses: number[] }> }).learn(),
    );
    expect(name).toBe("gpu");
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 3);
  });
});
