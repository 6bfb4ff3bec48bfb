import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestKernel } from "../client.ts";

type Entry = [session: number, line: number, source: string | [string, string | null]];

async function history(kernel: TestKernel, content: object): Promise<Entry[]> {
  const reply = await kernel.request("shell", "history_request", { raw: true, output: false, ...content });
  return reply.content.history as Entry[];
}
const sources = (entries: readonly Entry[]) => entries.map((entry) => entry[2]);

describe("history", () => {
  let folder: string;
  let kernel: TestKernel;
  const start = () => TestKernel.start({ env: { GRADBOOK_HISTORY: folder } });
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "gradbook-history-")), "not", "there", "yet");
    const first = await start();
    await first.run("const first = 1;");
    await first.run("first + 1");
    await first.run("'not counted'", { store_history: false });
    await first.run("'silent'", { silent: true });
    await first.stop();
    const second = await start();
    await second.run("const second = `two\nlines 😀`;");
    await second.stop();
    kernel = await start();
    for (const code of ["const h1 = 'one';", "h1 + '!'", "const h2 = 2;", "h1 + '!'"]) await kernel.run(code);
  });
  afterAll(async () => {
    await kernel.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("gives the last lines, over sessions", async () => {
    expect(await history(kernel, { hist_access_type: "tail", n: 6 })).toEqual([
      [1, 2, "first + 1"],
      [2, 1, "const second = `two\nlines 😀`;"],
      [3, 1, "const h1 = 'one';"],
      [3, 2, "h1 + '!'"],
      [3, 3, "const h2 = 2;"],
      [3, 4, "h1 + '!'"],
    ]);
    expect(await history(kernel, { hist_access_type: "tail", n: 0 })).toEqual([]);
    expect((await history(kernel, { hist_access_type: "tail" })).length).toBe(7);
  });

  test("gives them with their outputs", async () => {
    const found = await history(kernel, { hist_access_type: "tail", n: 7, output: true });
    expect(sources(found).slice(0, 2)).toEqual([
      ["const first = 1;", null],
      ["first + 1", "2"],
    ]);
    expect(sources(found).at(-1)).toEqual(["h1 + '!'", "'one!'"]);
  });

  test("gives a range of this session, of one before it, and of one by its number", async () => {
    const range = async (content: object) => sources(await history(kernel, { hist_access_type: "range", ...content }));
    expect(await range({ session: 0, start: 1, stop: 3 })).toEqual(["const h1 = 'one';", "h1 + '!'"]);
    expect(await range({ session: 0, start: -2 })).toEqual(["const h2 = 2;", "h1 + '!'"]);
    expect(await range({ session: -1 })).toEqual(["const second = `two\nlines 😀`;"]);
    expect(await range({ session: -2, start: 2 })).toEqual(["first + 1"]);
    expect(await range({ session: 1, start: 1, stop: 2 })).toEqual(["const first = 1;"]);
    expect(await range({ session: 77 })).toEqual([]);
  });

  test("searches by glob, the newest last, each once if asked to", async () => {
    const search = async (content: object) =>
      sources(await history(kernel, { hist_access_type: "search", ...content }));
    expect(await search({ pattern: "const*" })).toHaveLength(4);
    expect(await search({ pattern: "*lines*" })).toHaveLength(1);
    expect(await search({ pattern: "h1 + '?'" })).toHaveLength(2);
    expect(await search({ pattern: "h1 + '?'", unique: true })).toHaveLength(1);
    expect(await search({ pattern: "const*", n: 2 })).toEqual(["const h1 = 'one';", "const h2 = 2;"]);
    expect(await search({ pattern: "[a-z]+" })).toEqual([]);
  });

  test("counts sessions apart when several kernels run at once", async () => {
    const others = await Promise.all([start(), start()]);
    await Promise.all(others.map((other, i) => other.run(`"kernel ${i}"`)));
    const sessions = (await history(kernel, { hist_access_type: "search", pattern: '"kernel ?"' })).map(([n]) => n);
    expect(new Set(sessions).size).toBe(2);
    await Promise.all(others.map((other) => other.stop()));
  });

  test("survives a file that was cut off", async () => {
    await writeFile(join(folder, "00000900.jsonl"), '{"line":1,"input":"whole"}\n{"line":2,"inp');
    expect((await history(kernel, { hist_access_type: "range", session: 900 }))[0]).toEqual([900, 1, "whole"]);
  });

  test("refuses a request that makes no sense, and says why", async () => {
    const { content } = await kernel.request("shell", "history_request", { hist_access_type: "guess" });
    expect(content).toMatchObject({ status: "error", ename: "ContentError" });
    expect(content.evalue).toContain("hist_access_type");
  });
});

test("history is kept while a session lasts where no folder can be written, and not at all in files when off", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gradbook-history-"));
  const file = join(folder, "a-file");
  await writeFile(file, "");
  for (const GRADBOOK_HISTORY of [join(file, "below"), "off"]) {
    const kernel = await TestKernel.start({ env: { GRADBOOK_HISTORY } });
    await kernel.run("1 + 1");
    expect(sources(await history(kernel, { hist_access_type: "tail", n: 5 }))).toEqual(["1 + 1"]);
    await kernel.stop();
  }
  expect(await readdir(folder)).toEqual(["a-file"]);
});
