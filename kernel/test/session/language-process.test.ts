import { copyFile, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type * as Snapshot from "../../src/session/snapshot.ts";
import type * as Process from "../../src/supervisor/language-process.ts";

// The built ones: the process that they start is built code.
const built = (path: string) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { LanguageProcess } = (await built("supervisor/language-process.js")) as typeof Process;
const { buildSnapshot, isUsable } = (await built("session/snapshot.js")) as typeof Snapshot;
const { bundle } = (await built("session/bundle.js")) as typeof import("../../src/session/bundle.ts");

let folder: string;
let snapshot: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradbook-language-"));
  snapshot = join(folder, "cache", "language-1-1.blob");
  await buildSnapshot(snapshot, () => bundle(new URL("../../dist/session/snapshot-main.js", import.meta.url)));
});

const started: Process.LanguageProcess[] = [];
function start(options: Process.LanguageProcessOptions): Process.LanguageProcess {
  const language = new LanguageProcess(options);
  started.push(language);
  return language;
}
afterEach(() => {
  for (const language of started.splice(0)) language.close();
});
const none = () => join(folder, "none.blob");
const kill = ({ pid }: Process.LanguageProcess) => {
  if (pid !== undefined) process.kill(pid, "SIGKILL");
};

describe("a language process that is killed", () => {
  test("while it compiles loses no cell", async () => {
    const language = start({ snapshot });
    await language.compile("", "1");
    for (const delay of [0, 1, 2, 5, 20, 100]) {
      const answer = language.compile("", `const x${delay} = [${delay}].map((n) => n + 1);`);
      await setTimeout(delay);
      kill(language);
      expect(await answer).toHaveProperty("program.declares", [`x${delay}`]);
    }
  });

  test("before it has started up answers all the same", async () => {
    const language = start({ snapshot: none() });
    const answers = [1, 2, 3].map((n) => language.compile("", `${n}`));
    kill(language);
    for (const answer of await Promise.all(answers)) expect(answer).toHaveProperty("program");
  });

  test("again and again fails the cell that waits, and not the next one", async () => {
    const language = start({ snapshot });
    await language.ask("isComplete", "1");
    let killing = true;
    const killer = setInterval(() => killing && kill(language), 1);
    await expect(language.compile("", "1")).rejects.toThrow("The language process ended with SIGKILL");
    killing = false;
    clearInterval(killer);
    expect(await language.compile("", "2")).toHaveProperty("program");
  });
});

test("an interrupt gives a long compilation up", async () => {
  const language = start({ snapshot });
  await language.ask("isComplete", "1");
  const members = Array.from({ length: 30_000 }, (_, i) => `  a${i}: { value: ${i}, at: [${i}, "x"] },`).join("\n");
  const long = language.compile("", `const long = {\n${members}\n};`);
  language.interrupt();
  await expect(long).rejects.toThrow("interrupted");
  expect(await language.compile("", "1")).toHaveProperty("program");
});

describe("a start-up snapshot", () => {
  test("answers what a plain start answers", async () => {
    const plain = start({ snapshot: none() });
    const quick = start({ snapshot });
    const code = `import { cpus } from "node:os"; const n = (await Promise.resolve(cpus().length)) + "x".length; n`;
    expect(await quick.compile("", code)).toEqual(await plain.compile("", code));
    const wrong = "cosnole.log(1); let s: string = 5;";
    expect(await quick.compile("", wrong)).toEqual(await plain.compile("", wrong));
    const ofBoth = await Promise.all([quick, plain].map((process) => process.ask("complete", "", "Math.ma", 7)));
    expect(ofBoth[0]).toEqual(ofBoth[1]);
    expect(isUsable(snapshot)).toBe(true);
  });

  test.each([
    ["empty", () => Buffer.alloc(0)],
    ["something else", () => Buffer.from("no snapshot at all\n".repeat(1000))],
    ["cut off", (whole: Buffer) => whole.subarray(0, whole.length >> 1)],
  ])("that is %s is thrown away, and nothing is lost", async (_, spoil) => {
    const spoilt = join(folder, "spoilt.blob");
    await writeFile(spoilt, spoil(await readFile(snapshot)));
    const language = start({ snapshot: spoilt });
    expect(await language.compile("", "1")).toHaveProperty("program");
    expect(isUsable(spoilt)).toBe(false);
  });

  test("is built by one process at a time, and whole or not at all", async () => {
    const file = join(folder, "once", "language-1-1.blob");
    const older = join(folder, "once", "language-1-0.blob");
    const script = () => "require('v8').startupSnapshot.setDeserializeMainFunction(() => {});";
    await buildSnapshot(older, script);
    await Promise.all([buildSnapshot(file, script), buildSnapshot(file, () => "throw new Error('second');")]);
    expect((await stat(file)).size).toBeGreaterThan(1000);
    expect(isUsable(older)).toBe(false);
    const failed = join(folder, "failed", "language-1-1.blob");
    await expect(buildSnapshot(failed, () => "throw new Error('no');")).rejects.toThrow("snapshot");
    expect(isUsable(failed)).toBe(false);
    await copyFile(file, failed);
    expect(isUsable(failed)).toBe(true);
  });
});
