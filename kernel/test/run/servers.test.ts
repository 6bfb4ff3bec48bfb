import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { programFile } from "../../src/install/kernelspec.ts";
import { JupyterServer, parseAddress } from "../../src/run/jupyter-server.ts";
import { Kernel } from "../../src/run/kernel.ts";
import type { CodeCell } from "../../src/run/notebook.ts";
import { readNotebook } from "../../src/run/notebook-file.ts";
import { type RunOptions, runNotebook } from "../../src/run/run-notebook.ts";
import { startServer } from "../../src/server/server.ts";
import { notedServer } from "../../src/server/server-notes.ts";
import { python, pythonHas } from "./debian-python.ts";
import { code, jupyterFolder, newFolder, notebookJson, type Step, scripted } from "./scripted.ts";

const jupyter = jupyterFolder();
const token = "a-token";

/** A server in a process of its own, which is ended after the tests of its block. */
function running(command: (port: number, root: string) => string[]) {
  const root = newFolder();
  const server = { url: "", token, root };
  let child: ChildProcess;
  beforeAll(async () => {
    const port = await freePort();
    vi.stubEnv("JUPYTER_RUNTIME_DIR", join(root, ".runtime"));
    const [program, ...words] = command(port, root);
    const env = { ...process.env, JUPYTER_PATH: jupyter };
    child = spawn(program!, words, { env, stdio: "ignore", cwd: root });
    server.url = `http://127.0.0.1:${port}/`;
    for (let tries = 0; tries < 600; tries++) {
      const answer = await fetch(`${server.url}api`).catch(() => undefined);
      if (answer?.ok) return;
      await delay(100);
    }
    throw new Error(`The server ${words.join(" ")} did not answer.`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await Promise.race([ended, delay(10_000, undefined, { ref: false })]);
    child.kill("SIGKILL");
  });
  return server;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

function behaviour(server: { url: string; token: string; root: string }) {
  const run = async (kernel: string, sources: string[], options: RunOptions = {}) => {
    const folder = join(server.root, "analysis");
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "notebook.ipynb");
    writeFileSync(path, notebookJson(kernel, sources));
    const report = await runNotebook(path, { server, ...options });
    const cells = (await readNotebook(report.out)).cells as CodeCell[];
    return {
      report,
      folder,
      texts: cells.map(({ outputs }) => outputs.map((o) => ("text" in o ? o.text : o.output_type)).join("")),
    };
  };

  it("runs notebooks with their outputs, times and kernelspec", async () => {
    const { report, texts } = await run("scripted", [code(["print", "one"]), code(["print", "two"])]);
    expect(report).toMatchObject({ status: "ok", kernel: "scripted" });
    expect(texts).toEqual(["one", "two"]);
    const { metadata } = (await readNotebook(report.out)).cells[0]!;
    expect(metadata.execution).toHaveProperty(["iopub.execute_input"]);
  });

  /** The kernels that run on the server, as it says itself. */
  const left = async () =>
    (await fetch(`${server.url}api/kernels`, { headers: { authorization: `token ${token}` } })).json();

  it("ends the kernel of a run", async () => {
    await run("scripted", [code(["print", "one"])]);
    expect(await left()).toEqual([]);
  });

  it("interrupts a cell that takes too long", async () => {
    const { report, texts } = await run("scripted", [code(["print", "x"], ["sleep", 60_000])], { cellSeconds: 0.5 });
    expect(report.status).toBe("failed");
    expect(report.cells[0]!.error!.evalue).toContain("did not finish within 0.5 s");
    expect(texts[0]).toMatch(/^x/);
  });

  it("tells of a kernel that dies, although the server starts it anew", async () => {
    const { report } = await run("scripted", [code(["die", 3]), code(["print", "never"])]);
    expect(report).toMatchObject({ status: "failed", cells: [{ status: "failed", error: { ename: "KernelDied" } }] });
    expect(await left()).toEqual([]);
  });

  it("gives every message of a burst", async () => {
    const lines = Array.from({ length: 2000 }, (_, line): [string, string] => ["print", `${line}\n`]);
    const { texts } = await run("scripted", [code(...lines)]);
    expect(texts[0]).toBe(lines.map(([, line]) => line).join(""));
  });

  it("refuses a kernel that it does not have, and says which it has", async () => {
    await expect(run("no-such", [code()])).rejects.toThrow(/"no-such".*Installed: .*scripted/);
  });

  it("is not used with a wrong token", async () => {
    await expect(run("scripted", [code()], { server: { url: server.url, token: "x" } })).rejects.toThrow(
      /refuses the token/,
    );
  });

  it("lends a kernel that outlives the connection", async () => {
    const connected = await JupyterServer.connect(server);
    const [found] = (await connected.kernelSpecs()).filter(({ name }) => name === "scripted");
    const kernel = await Kernel.start(found!, { server: connected });
    await kernel.execute(code()).done;
    await kernel.leave();
    const again = await Kernel.attach(kernel.id, server);
    expect((await again.execute(code()).done).content).toMatchObject({ status: "ok", execution_count: 2 });
    await again.shutdown();
    await connected.close();
  });
  return run;
}

describe("gradbook server, in another process", () => {
  const server = running((port, root) => [
    process.execPath,
    programFile,
    "server",
    ...["--port", String(port), "--token", token, "--root", root],
  ]);
  const run = behaviour(server);

  it("runs a notebook in the notebook's folder", async () => {
    const { texts, folder } = await run("gradbook", ["console.log(process.cwd())"]);
    expect(texts).toEqual([`${folder}\n`]);
  });

  it("notes its token and its folder down for this user", async () => {
    expect(await notedServer(server.url.replace("127.0.0.1", "localhost"))).toEqual({ token, root: server.root });
    const [note] = readdirSync(join(server.root, ".runtime"));
    expect(statSync(join(server.root, ".runtime", note!)).mode & 0o077).toBe(0);
  });
});

describe.runIf(pythonHas("notebook", "jupyter-notebook"))("Debian's Notebook server", () => {
  const server = running((port, root) => [
    ...[python, "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", `--port=${port}`],
    ...[`--NotebookApp.token=${token}`, `--notebook-dir=${root}`],
  ]);
  const run = behaviour(server);

  it("runs a notebook in the notebook's folder, which its notes tell", async () => {
    const { texts, folder } = await run("python3", ["import os; print(os.getcwd())"]);
    expect(texts).toEqual([`${folder}\n`]);
  });
});

describe("a connection that breaks in the middle of a cell", () => {
  it("is made anew, and nothing of the cell's output is missing", async () => {
    const server = await startServer({ specs: [scripted] });
    const through = new Set<Socket>();
    const proxy = createServer((socket) => {
      const onward = connect(Number(new URL(server.url).port), "127.0.0.1");
      for (const end of [socket, onward]) through.add(end.on("error", () => {}));
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const kernel = await Kernel.start(scripted, { server: { url, token: server.token } });
    try {
      const lines = Array.from({ length: 20 }, (_, line) => `${line}\n`);
      const steps = lines.flatMap((line): Step[] => [
        ["print", line],
        ["sleep", 50],
      ]);
      const execution = kernel.execute(code(...steps));
      let text = "";
      for await (const { header, content } of execution) {
        if (header.msg_type !== "stream") continue;
        text += content.text;
        if (content.text === "5\n") for (const socket of through) socket.destroy();
      }
      expect(text).toBe(lines.join(""));
      expect((await execution.reply).content.status).toBe("ok");
    } finally {
      await kernel.shutdown();
      await server.close();
      proxy.close();
    }
  });
});

it("a connection that was closed keeps no process from ending", () => {
  const program = `
    const { JupyterServer } = await import(${JSON.stringify(new URL("../../dist/run/jupyter-server.js", import.meta.url).href)});
    const server = await JupyterServer.local();
    await server.kernelSpecs();
    // By now the manager has looked at the kernels, and waits to look again.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.close();
    setTimeout(() => console.log(process.getActiveResourcesInfo()), 1000).unref();`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["", ""]);
});

describe("a server that is not there", () => {
  it("is reported in words", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    await expect(JupyterServer.connect({ url })).rejects.toThrow(/nobody answers there/);
    await expect(JupyterServer.connect({ url: "::" })).rejects.toThrow(/no address/);
  });
});

describe("the address of a server", () => {
  it.each([
    ["http://localhost:8888/lab?token=abc", "http://localhost:8888/", "abc"],
    ["localhost:8888", "http://localhost:8888/", ""],
    ["https://hub.example.org/user/ada/tree/notebooks", "https://hub.example.org/user/ada/", ""],
    ["http://127.0.0.1:8888/base", "http://127.0.0.1:8888/base/", ""],
  ])("is found in %s", (given, url, found) => {
    expect(parseAddress({ url: given })).toEqual({ url, token: found });
  });

  it("may have its token said apart", () => {
    expect(parseAddress({ url: "http://localhost:1/?token=a", token: "b" }).token).toBe("b");
  });
});
