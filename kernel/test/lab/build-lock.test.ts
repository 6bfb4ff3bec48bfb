import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { oneAtATime } from "../../src/lab/build-lock.ts";
import { newFolder } from "../run/scripted.ts";

const patient = { timeout: 60_000 };
const module = new URL("../../dist/lab/build-lock.js", import.meta.url).href;

/** A program that does something while it holds the lock. */
function program(file: string, work: string): ChildProcess {
  const code = `import { spawn } from "node:child_process"; import { appendFileSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises"; import { oneAtATime } from ${JSON.stringify(module)};
    await oneAtATime(${JSON.stringify(file)}, (pid) => console.log("waits for", pid), async (holder) => { ${work} });`;
  return spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
}

/** The processes that a lock's file names. */
const named = (file: string) => (existsSync(file) ? readFileSync(file, "utf8").split(" ").map(Number) : []);

describe("work that one process does at a time", { timeout: 180_000 }, () => {
  test("is done by one after the other when many begin at once", async () => {
    const folder = newFolder();
    const [file, log] = [join(folder, "lock"), join(folder, "log")];
    const note = (what: string) => `appendFileSync(${JSON.stringify(log)}, "${what} " + process.pid + "\\n");`;
    const all = Array.from({ length: 6 }, () => program(file, `${note("begins")} await sleep(50); ${note("ends")}`));
    expect(await Promise.all(all.map(async (child) => (await once(child, "exit"))[0]))).toEqual(Array(6).fill(0));
    const lines = readFileSync(log, "utf8").trim().split("\n");
    expect(lines).toHaveLength(12);
    for (let i = 0; i < lines.length; i += 2) expect(lines[i + 1]).toBe(lines[i]!.replace("begins", "ends"));
    expect(existsSync(file)).toBe(false);
  });

  test("is waited for, with a word about whom, until its process is killed", async () => {
    const file = join(newFolder(), "lock");
    const first = program(file, "await sleep(1e9);");
    await expect.poll(() => named(file), patient).toEqual([first.pid]);
    const told: number[] = [];
    let done = false;
    const second = oneAtATime(
      file,
      (pid) => told.push(pid),
      async () => {
        done = true;
      },
    );
    await expect.poll(() => told, patient).toEqual([first.pid]);
    expect(done).toBe(false);
    first.kill("SIGKILL");
    await second;
    expect([done, told, existsSync(file)]).toEqual([true, [first.pid], false]);
  });

  test("goes on while a process runs that one which was killed has started", async () => {
    const file = join(newFolder(), "lock");
    const first = program(
      file,
      `const child = spawn("sleep", ["1000"], { stdio: "ignore" }); await holder.add(child.pid); await sleep(1e9);`,
    );
    await expect.poll(() => named(file).length, patient).toBe(2);
    const [, child] = named(file);
    first.kill("SIGKILL");
    await once(first, "exit");
    let done = false;
    const second = oneAtATime(
      file,
      () => {},
      async () => {
        done = true;
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(done).toBe(false);
    process.kill(child!, "SIGKILL");
    await second;
    expect(done).toBe(true);
  });

  test("is not waited for where a lock has been left behind", async () => {
    const file = join(newFolder(), "lock");
    const long = new Date(Date.now() - 3_600_000);
    // A process that runs and has the number of one that is long gone; this process itself; nothing at all.
    for (const left of [String(process.ppid), String(process.pid), "", "x"]) {
      writeFileSync(file, left);
      if (left !== String(process.pid)) utimesSync(file, long, long);
      expect(
        await oneAtATime(
          file,
          () => {},
          async () => left,
        ),
      ).toBe(left);
    }
  });

  test("fails as it fails, and leaves no lock", async () => {
    const file = join(newFolder(), "lock");
    const failing = oneAtATime(
      file,
      () => {},
      () => Promise.reject(new Error("planned")),
    );
    await expect(failing).rejects.toThrow("planned");
    expect(existsSync(file)).toBe(false);
  });

  test("is done by one after the other within a process, too", async () => {
    const file = join(newFolder(), "lock");
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 300));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => oneAtATime(file, () => {}, work)));
    expect(inside).toBe(0);
  });
});
