import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newConnection, writeConnectionFile } from "../../src/wire/connection.ts";
import { TestKernel } from "../client.ts";

/** Whether a process runs; one that has ended but is not yet cleared away by its parent does not. */
async function runs(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return !/\) [ZX] /.test(stat);
}

/** All processes: from /proc where there is one, because small Linux systems have no ps. */
async function listProcesses(): Promise<{ pid: number; parent: number; command: string }[]> {
  if (!existsSync("/proc/self/stat")) {
    const lines = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
    return lines.map((line) => {
      const [pid, parent, ...words] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), command: words.join(" ") };
    });
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
      const [stat, command] = await Promise.all([read("stat"), read("cmdline")]);
      return {
        pid: Number(pid),
        parent: Number(/\) \S (\d+)/.exec(stat)?.[1]),
        command: command.replaceAll("\0", " "),
      };
    }),
  );
}

describe("a runtime that dies", () => {
  let kernel: TestKernel;
  beforeAll(async () => {
    kernel = await TestKernel.start({ env: { NODE_OPTIONS: "--max-old-space-size=300" } });
  });
  afterAll(() => kernel.stop());

  const deaths = {
    "process.exit": ["console.log('last words'); process.exit(3);", /process\.exit\(3\)/],
    "a signal": ["console.log('last words'); process.kill(process.pid, 'SIGSEGV'); while (true) {}", /SIGSEGV/],
    "lack of memory": [
      "console.log('last words'); const hoard: object[] = []; for (;;) hoard.push(new Array(1e5).fill({}));",
      /out of memory/,
    ],
  } as const;
  for (const [what, [code, why]] of Object.entries(deaths))
    test(`by ${what} fails its cell, loses no output, and is replaced without its variables`, async () => {
      await kernel.run("const before = 1;");
      const { reply, stdout } = await kernel.run(code);
      expect(stdout).toBe("last words\n");
      expect(reply.content).toMatchObject({ status: "error", ename: "RuntimeDied" });
      expect(reply.content.evalue).toMatch(why);
      expect(reply.content.evalue).toContain("variables are gone");
      expect((await kernel.run("before")).reply.content.ename).toBe("TypeScriptError");
      expect((await kernel.run("1 + 1")).result).toBe("2");
    });
});

describe("a language process that dies", () => {
  test("fails at most one cell, keeps the variables with their types, and is replaced", async () => {
    const kernel = await TestKernel.start();
    await kernel.run("const kept: number = 41;");
    const processes = await listProcesses();
    const language = processes.find(
      ({ parent, command }) => parent === kernel.process.pid && command.includes("session/main.js"),
    );
    process.kill(language!.pid, "SIGKILL");
    await kernel.run("0");
    expect((await kernel.run("kept + 1")).result).toBe("42");
    expect((await kernel.run("kept.length")).reply.content.ename).toBe("TypeScriptError");
    await kernel.stop();
  });
});

describe("a kernel", () => {
  test("answers a shutdown request, with its restart flag, and ends with its children", async () => {
    const kernel = await TestKernel.start();
    const { result } = await kernel.run("process.pid");
    const gone = once(kernel.process, "exit");
    const reply = await kernel.request("control", "shutdown_request", { restart: true });
    expect(reply.content).toEqual({ status: "ok", restart: true });
    expect((await gone)[0]).toBe(0);
    await expect.poll(() => runs(Number(result)), { timeout: 3000 }).toBe(false);
    await kernel.stop();
  });

  test("ends when its parent dies", async () => {
    const connection = await newConnection();
    const file = join(await mkdtemp(join(tmpdir(), "gradbook-parent-")), "kernel.json");
    await writeConnectionFile(file, connection);
    const command = fileURLToPath(new URL("../../bin/gradbook.js", import.meta.url));
    const script = `const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, [${JSON.stringify(command)}, "kernel", "--connection-file", ${JSON.stringify(file)}], { stdio: "ignore" });
      console.log(child.pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [printed] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(printed.toString());
    await sleep(1500);
    expect(await runs(pid)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => runs(pid), { timeout: 5000 }).toBe(false);
  });
});
