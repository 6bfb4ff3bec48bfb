import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type RunOptions, runNotebook } from "../../src/run/run-notebook.ts";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { asking } from "../server/asking.ts";
import { gradbook } from "./gradbook-command.ts";
import { code, jupyterFolder, newFolder, notebookJson } from "./scripted.ts";

const jupyter = jupyterFolder();
beforeAll(() => {
  vi.stubEnv("JUPYTER_PATH", jupyter);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const root = newFolder();
const trusted = join(jupyter, "gradbook", "trusted-notebooks");
let server: KernelServer;
// It runs all the while, as a reader's does while notebooks are run beside it.
beforeAll(async () => {
  server = await startServer({ root, trusted });
});
afterAll(() => server.close());

let path: string;
let number = 0;
beforeEach(() => {
  path = join(root, `${number++}.ipynb`);
});

type Source = Parameters<typeof notebookJson>[1][number];
const written = (...sources: Source[]) => writeFileSync(path, notebookJson("scripted", sources));
const run = (options: RunOptions = {}) => runNotebook(path, { out: path, trusted, ...options });

/** What pages are told of the notebook's cells. */
async function trust(file = path): Promise<boolean[]> {
  const { body } = await asking(server)("GET", `api/contents/${basename(file)}`);
  return body.content.cells.map(({ metadata }: { metadata: { trusted: boolean } }) => metadata.trusted);
}

const first = code(["print", "1"]);
const second = code(["print", "2"]);

describe("pages show live", () => {
  it("what a run in the terminal saved, until the file changes otherwise", async () => {
    written(first, second);
    expect(await trust()).toEqual([false, false]);
    expect((await gradbook(["run", path, "--inplace"], { jupyter })).status).toBe(0);
    expect(await trust()).toEqual([true, true]);
    expect(readFileSync(path, "utf8")).not.toContain('"trusted"');
    writeFileSync(path, readFileSync(path, "utf8").replace('"1"', '"one"'));
    expect(await trust()).toEqual([false, false]);
  });

  it("also what a run saved that failed", async () => {
    written(first, code(["fail", "no"]), second);
    expect((await run()).status).toBe("failed");
    expect(await trust()).toEqual([true, true, true]);
  });

  it("not what only other programs are told to remember", async () => {
    written(first);
    const { out } = await runNotebook(path, { out: path });
    expect(out).toBe(path);
    expect(await trust()).toEqual([false]);
  });

  it("not outputs of elsewhere that a run has left in the file", async () => {
    written(first, { source: second, tags: ["skip-execution"] });
    await run();
    expect(await trust()).toEqual([false, false]);
  });

  it("results of an earlier run that are kept, if they could be shown before", async () => {
    for (const mine of [true, false]) {
      written(first, second);
      const { out } = await runNotebook(path, { out: path, ...(mine && { trusted }) });
      const before = readFileSync(out, "utf8");
      expect((await run({ resume: true })).cells.map(({ status }) => status)).toEqual(["kept", "kept"]);
      expect(readFileSync(out, "utf8")).toBe(before);
      expect(await trust()).toEqual([mine, mine]);
      // The rest runs here, behind what is kept from there.
      writeFileSync(path, notebookJson("scripted", [first, code(["print", "3"])]));
      const other = join(dirname(path), `other-${basename(path)}`);
      writeFileSync(other, before);
      const { cells } = await run({ resume: true, out: other });
      expect(cells.map(({ status }) => status)).toEqual(["replayed", "ok"]);
      expect(await trust(other)).toEqual([mine, mine]);
      path = join(root, `${number++}.ipynb`);
    }
  });

  it("nothing, and say nothing, where nothing can be remembered", async () => {
    written(first);
    writeFileSync(join(root, "file"), "");
    expect((await run({ trusted: join(root, "file", "trusted") })).status).toBe("ok");
    expect(existsSync(join(root, "file", "trusted"))).toBe(false);
  });
});
