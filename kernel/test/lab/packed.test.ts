import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { newFolder } from "../run/scripted.ts";
import { writeNotebook } from "./lab-page.ts";

const workspace = fileURLToPath(new URL("../../../", import.meta.url));
const windows = process.platform === "win32";

/** The environment without what an npm around this one says. */
const env = () => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^GRADBOOK_/i.test(name))),
  JUPYTER_RUNTIME_DIR: newFolder(),
  JUPYTER_DATA_DIR: newFolder(),
  JUPYTER_CONFIG_DIR: newFolder(),
});

/** Runs a program to its end. */
async function run(cwd: string, command: string, ...words: string[]) {
  const child = spawn(command, words, { cwd, env: env(), stdio: ["ignore", "pipe", "pipe"], shell: windows });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  const [status] = (await once(child, "close")) as [number | null];
  return { status, text };
}

const hasRegistry =
  (await run(workspace, "npm", "view", "zeromq@6.8.0", "version", "--fetch-timeout=10000", "--fetch-retries=0"))
    .status === 0;
if (!hasRegistry)
  console.warn("Skipped: the packages are not installed from their files, as npm's registry does not answer.");

describe.skipIf(!hasRegistry && process.env.GRADBOOK_REQUIRE !== "all")(
  "the three packages, installed from their files into an empty folder",
  { timeout: 300_000 },
  () => {
    const folder = newFolder();
    const gradbook = join(folder, "node_modules", ".bin", "gradbook");

    beforeAll(async () => {
      const packed = newFolder();
      const made = await run(
        workspace,
        "npm",
        "pack",
        ...["lib", "widgets", "kernel"].flatMap((name) => ["-w", name]),
        "--pack-destination",
        packed,
      );
      expect(made.status, made.text).toBe(0);
      const files = readdirSync(packed).map((name) => join(packed, name));
      expect(files).toHaveLength(3);
      writeFileSync(join(folder, "package.json"), '{ "private": true }');
      const installed = await run(folder, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", ...files);
      expect(installed.status, installed.text).toBe(0);
    }, 600_000);

    test("serve the page, with its scripts, that came built", async () => {
      const kernel = join(folder, "node_modules", "@gradbook", "kernel");
      expect(existsSync(join(kernel, "page", "package.json"))).toBe(false);
      const child = spawn("npx", ["--no-install", "gradbook", "lab", "--no-browser", "--port", "0"], {
        cwd: folder,
        env: env(),
        stdio: ["ignore", "pipe", "pipe"],
        shell: windows,
        detached: !windows,
      });
      try {
        let text = "";
        const address = await new Promise<URL>((resolve, reject) => {
          child.once("exit", () => reject(new Error(`gradbook lab ended: ${text}`)));
          for (const stream of [child.stdout, child.stderr])
            stream.on("data", (piece: Buffer) => {
              text += piece;
              const found = /http:\S+\?token=\w+/.exec(text);
              if (found) resolve(new URL(found[0]));
            });
        });
        expect(text).not.toMatch(/Fetching|Building/);
        const headers = { authorization: `token ${address.searchParams.get("token")}` };
        const page = await fetch(new URL("/lab", address), { headers });
        expect(page.status).toBe(200);
        const html = await page.text();
        const scripts = [...html.matchAll(/<script[^>]*\ssrc="([^"]+)"/g)].map(
          ([, source]) => new URL(source!, page.url),
        );
        expect(scripts.length).toBeGreaterThan(0);
        for (const script of scripts) {
          const reply = await fetch(script, { headers });
          expect([reply.status, reply.headers.get("content-type")]).toEqual([
            200,
            expect.stringContaining("javascript"),
          ]);
          expect((await reply.text()).length).toBeGreaterThan(1000);
        }
        const specs = (await (await fetch(new URL("/api/kernelspecs", address), { headers })).json()) as {
          default: string;
          kernelspecs: object;
        };
        expect(Object.keys(specs.kernelspecs)).toContain("gradbook");
      } finally {
        const ended = once(child, "exit");
        // npx is only the first of a group.
        if (windows) child.kill();
        else process.kill(-child.pid!, "SIGTERM");
        await ended;
      }
    });

    test("run a notebook that imports the library and shows a widget", async () => {
      const notebook = join(folder, "first.ipynb");
      const cell = `
import { tensor } from "gradbook";
import { lossCurve } from "@gradbook/widgets";
const curve = lossCurve();
curve.add({ step: 1, loss: await tensor([1, 2]).sum().item() });
curve`;
      await writeNotebook(notebook, ["# First", cell]);
      const ran = await run(folder, gradbook, "run", "first.ipynb", "--inplace");
      expect(ran.status, ran.text).toBe(0);
      const { cells } = JSON.parse(readFileSync(notebook, "utf8"));
      expect(Object.keys(cells[1].outputs[0].data)).toContain("application/vnd.jupyter.widget-view+json");
      expect([cells[1].outputs[0].data["text/plain"]].flat().join("")).toContain("loss 3");
    });
  },
);
