import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type ConnectionInfo, newConnection, writeConnectionFile } from "../../src/wire/connection.ts";
import { plain, TestKernel } from "../client.ts";
import { descendants, runs } from "./processes.ts";

const command = fileURLToPath(new URL("../../bin/gradbook.js", import.meta.url));

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "gradbook-endings-"));
}

/** Starts the program as Jupyter does, without a client. */
async function start(connection: Partial<ConnectionInfo>, env: Record<string, string> = {}): Promise<ChildProcess> {
  const file = join(await folder(), "kernel.json");
  await writeConnectionFile(file, connection as ConnectionInfo);
  return spawn(process.execPath, [command, "kernel", "--connection-file", file], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** How a program ended and what it wrote to its error output. */
async function end(child: ChildProcess): Promise<{ code: number | null; errors: string }> {
  let errors = "";
  child.stderr!.on("data", (bytes: Buffer) => {
    errors += bytes;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, errors };
}

/** Waits until none of these processes runs. */
async function gone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) await expect.poll(() => runs(pid), { timeout: 30_000 }).toBe(false);
}

for (const signal of ["SIGTERM", "SIGHUP", "SIGKILL"] as const)
  test(`a kernel ended by ${signal} takes along its processes, busy ones too, and what cells have started`, async () => {
    const kernel = await TestKernel.start();
    await kernel.run('import { spawn } from "node:child_process"; const child = spawn("sleep", ["1000"]); child.pid');
    const parts = (await descendants(kernel.process.pid!)).map(({ pid }) => pid);
    expect(parts.length).toBe(3);
    kernel.begin("while (true) {}");
    await sleep(300);
    const exited = once(kernel.process, "exit");
    kernel.process.kill(signal);
    const [code] = (await exited) as [number | null];
    expect(code).toBe(signal === "SIGKILL" ? null : 0);
    await gone(parts);
    await kernel.stop();
  });

test("a runtime that dies takes along what its cells have started", async () => {
  const kernel = await TestKernel.start();
  const { result } = await kernel.run(
    'import { spawn } from "node:child_process"; const child = spawn("sleep", ["1000"], { stdio: "inherit" }); child.pid',
  );
  await kernel.run("process.exit(1)");
  await gone([Number(result)]);
  await kernel.stop();
});

test("a kernel whose parent is killed ends with its processes", async () => {
  const file = join(await folder(), "kernel.json");
  await writeConnectionFile(file, await newConnection());
  const script = `const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ${JSON.stringify([command, "kernel", "--connection-file", file])}, { stdio: "ignore", detached: true });
    console.log(child.pid); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [printed] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(printed.toString());
  await expect.poll(async () => (await descendants(pid)).length, { timeout: 30_000 }).toBe(2);
  const parts = (await descendants(pid)).map((part) => part.pid);
  parent.kill("SIGKILL");
  await gone([pid, ...parts]);
});

test("a port that is taken is told, with the exit status 1, and nothing is left", async () => {
  const connection = await newConnection();
  const other = createServer().listen(connection.stdin_port, "127.0.0.1");
  await once(other, "listening");
  const child = await start(connection);
  const { code, errors } = await end(child);
  other.close();
  expect(code).toBe(1);
  expect(errors).toBe(
    `Gradbook kernel: tcp://127.0.0.1:${connection.stdin_port}, for stdin, is taken by another program, expected a free port. Start the kernel again: its client then chooses other ports.\n`,
  );
});

const wrong: Record<string, [(connection: ConnectionInfo) => object, RegExp]> = {
  "lacks a port": [(connection) => ({ ...connection, hb_port: undefined }), /hb_port is undefined/],
  "has an impossible port": [(connection) => ({ ...connection, hb_port: 70_000 }), /hb_port is 70000/],
  "names an unknown hash": [
    (connection) => ({ ...connection, signature_scheme: "hmac-x" }),
    /signature_scheme is "hmac-x"/,
  ],
  "names an unknown transport": [(connection) => ({ ...connection, transport: "pigeon" }), /pigeon:\/\//],
};
for (const [how, [change, message]] of Object.entries(wrong))
  test(`a connection file that ${how} is told in one line, with the exit status 1`, async () => {
    const { code, errors } = await end(await start(change(await newConnection())));
    expect(code).toBe(1);
    expect(errors).toMatch(message);
    expect(errors.trim().split("\n")).toHaveLength(1);
  });

test("a missing connection file is told in one line, with the exit status 1", async () => {
  const child = spawn(process.execPath, [command, "kernel", "--connection-file", "/nowhere/kernel.json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { code, errors } = await end(child);
  expect(code).toBe(1);
  expect(errors).toMatch(/^Connection file \/nowhere\/kernel\.json: it cannot be read .*\n$/);
});

test("a kernel whose output nobody reads any more, and whose connection file is gone, goes on", async () => {
  const connection = await newConnection();
  const child = await start(connection);
  child.stdout!.destroy();
  child.stderr!.destroy();
  const kernel = await TestKernel.attach(child, connection);
  await kernel.run("const kept = 1;");
  expect((await kernel.run('process.stderr.write("x"); kept + 1')).result).toBe("2");
  await kernel.stop();
});

test.skipIf(process.platform === "win32")("a kernel on ipc sockets works, and leaves none behind", async () => {
  const place = await folder();
  const connection: ConnectionInfo = {
    ...(await newConnection()),
    transport: "ipc",
    ip: join(place, "socket"),
    ...{ shell_port: 1, control_port: 2, iopub_port: 3, stdin_port: 4, hb_port: 5 },
  };
  const kernel = await TestKernel.attach(await start(connection), connection);
  expect((await kernel.run("6 * 7")).result).toBe("42");
  expect(await kernel.beats()).toBe(true);
  await kernel.stop();
  expect(await readdir(place)).toEqual([]);
});

test("a home that cannot be written to does not matter", async () => {
  const home = await folder();
  await rm(home, { recursive: true });
  await writeFile(home, "no folder");
  const connection = await newConnection();
  const child = await start(connection, { HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, IPYTHONDIR: home });
  const kernel = await TestKernel.attach(child, connection);
  expect((await kernel.run("6 * 7")).result).toBe("42");
  await kernel.stop();
});

/** A kernel with a process that throws at its start as long as there is a certain folder. */
async function blocked(entry: string): Promise<{ kernel: TestKernel; unblock: () => Promise<void> }> {
  const place = await folder();
  const block = join(place, "block");
  await mkdir(block);
  const preload = join(place, "preload.cjs");
  const condition = `String(process.argv[1]).endsWith("${entry}") && require("node:fs").existsSync(${JSON.stringify(block)})`;
  await writeFile(preload, `if (${condition}) throw new Error("blocked on purpose");`);
  const kernel = await TestKernel.start({ env: { NODE_OPTIONS: `--require ${preload}` } });
  return { kernel, unblock: () => rm(block, { recursive: true }) };
}

test("a runtime that cannot start fails its cells with the reason, until it can", async () => {
  const { kernel, unblock } = await blocked("runtime/main.js");
  for (let attempt = 0; attempt < 3; attempt++) {
    const { reply } = await kernel.run("1 + 1");
    expect(reply.content).toMatchObject({ status: "error", ename: "RuntimeFailed" });
    expect(reply.content.evalue).toContain("NODE_OPTIONS");
    expect(reply.content.traceback.join("\n")).toContain("blocked on purpose");
  }
  const complete = await kernel.request("shell", "complete_request", { code: "Math.ma", cursor_pos: 7 });
  expect(complete.content.status).toBe("ok");
  await unblock();
  const { reply, result } = await kernel.run("1 + 1");
  expect(result, plain(reply.content.traceback ?? [])).toBe("2");
  await kernel.stop();
});

test("a language process that cannot start fails what needs it, until it can", async () => {
  const { kernel, unblock } = await blocked("session/main.js");
  for (let attempt = 0; attempt < 3; attempt++) {
    expect((await kernel.run("1 + 1")).reply.content.status).toBe("error");
    const complete = await kernel.request("shell", "complete_request", { code: "Math.ma", cursor_pos: 7 });
    expect(complete.content.status).toBe("error");
    expect((await kernel.request("shell", "kernel_info_request", {})).content.status).toBe("ok");
  }
  await unblock();
  await expect.poll(async () => (await kernel.run("1 + 1")).result, { timeout: 20_000 }).toBe("2");
  await kernel.stop();
});

test("a crash inside native code is reported in the cell", async () => {
  const kernel = await TestKernel.start();
  for (const [code, why] of [
    ["process.abort();", /SIGABRT/],
    ["process.kill(process.pid, 'SIGSEGV'); while (true) {}", /SIGSEGV/],
    ["await Promise.resolve(); process.kill(process.pid, 'SIGBUS'); while (true) {}", /SIGBUS/],
  ] as const) {
    const { reply } = await kernel.run(code);
    expect(reply.content.ename).toBe("RuntimeDied");
    expect(reply.content.evalue).toMatch(why);
  }
  expect((await kernel.run("1 + 1")).result).toBe("2");
  await kernel.stop();
});
