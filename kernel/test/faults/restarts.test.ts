import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { newConnection, writeConnectionFile } from "../../src/wire/connection.ts";
import { TestKernel } from "../client.ts";
import { runSuite } from "../python/suite.ts";
import { pythonHas } from "../run/debian-python.ts";
import { descendants, listProcesses } from "./processes.ts";
import { thorough } from "./random.ts";

const command = fileURLToPath(new URL("../../bin/gradbook.js", import.meta.url));
const script = fileURLToPath(new URL("../python/restarts.py", import.meta.url));

async function expectFree(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
  }
}

/** Expects that no process, running or not cleared away, is left of these. */
async function expectGone(pids: Iterable<number>): Promise<void> {
  const left = async () => (await listProcesses()).filter(({ pid }) => [...pids].includes(pid));
  await expect.poll(left, { timeout: 30_000 }).toEqual([]);
}

const rounds = thorough ? 100 : 10;

test(`${rounds} restarts on the same ports leave no process, port or file behind`, async () => {
  const connection = await newConnection();
  const place = await mkdtemp(join(tmpdir(), "gradbook-restarts-"));
  const temporary = join(place, "temporary");
  await mkdir(temporary);
  const file = join(place, "kernel.json");
  await writeConnectionFile(file, connection);
  const seen = new Set<number>();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const child = spawn(process.execPath, [command, "kernel", "--connection-file", file], {
      cwd: place,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const kernel = await TestKernel.attach(child, connection);
    times.push(performance.now() - started);
    // The compiler's start is most of the work: now and then is enough.
    if (round % 5 === 4) expect((await kernel.run(`const round = ${round}; round`)).result).toBe(String(round));
    for (const { pid } of [...(await descendants(child.pid!)), { pid: child.pid! }]) seen.add(pid);
    const exited = once(child, "exit");
    const { content } = await kernel.request(round % 2 ? "shell" : "control", "shutdown_request", { restart: true });
    expect(content).toEqual({ status: "ok", restart: true });
    expect(await exited).toEqual([0, null]);
    await kernel.stop();
  }
  await expectGone(seen);
  await expectFree([connection.shell_port, connection.control_port, connection.iopub_port]);
  await expectFree([connection.stdin_port, connection.hb_port]);
  expect(await readdir(temporary)).toEqual([]);
  times.sort((a, b) => a - b);
  console.log(
    `${rounds} restarts, ${seen.size} processes gone; to the first reply ${times[rounds >> 1]!.toFixed(0)} ms (median), ${times.at(-1)!.toFixed(0)} ms (slowest).`,
  );
}, 600_000);

test.skipIf(!pythonHas("jupyter_client", "jupyter-client"))(
  "Jupyter's own manager restarts the kernel, politely and by force",
  async () => {
    const { status, stdout, stderr } = await runSuite(script, [thorough ? "20" : "4"], 280_000);
    expect(status, stderr).toBe(0);
    console.log(`Through jupyter_client: ${stdout.trim()}`);
    const { ports, file } = JSON.parse(stdout) as { ports: number[]; file: string };
    await expectFree(ports);
    const left = async () => (await listProcesses()).filter(({ command }) => command.includes(file));
    await expect.poll(left, { timeout: 30_000 }).toEqual([]);
    expect(existsSync(file)).toBe(false);
  },
  300_000,
);
