import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  ContentsManager,
  EventManager,
  type Kernel,
  KernelManager,
  type KernelMessage,
  KernelSpecManager,
  NbConvertManager,
  ServerConnection,
  SessionManager,
} from "@jupyterlab/services";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { pythonHas } from "../run/debian-python.ts";
import { code, newFolder, scripted } from "../run/scripted.ts";

/** JupyterLab's own library as an independent client: what a page does with the server. */
let server: KernelServer;
let serverSettings: ServerConnection.ISettings;
let contents: ContentsManager;
let kernels: KernelManager;
let sessions: SessionManager;
const root = newFolder();

// The library talks of its connections.
for (const name of ["debug", "log", "warn"] as const) vi.spyOn(console, name).mockImplementation(() => {});

beforeAll(async () => {
  server = await startServer({ root, specs: [scripted], trusted: join(newFolder(), "trusted") });
  serverSettings = ServerConnection.makeSettings({
    baseUrl: server.url,
    wsUrl: server.url.replace(/^http/, "ws"),
    token: server.token,
    appendToken: true,
    WebSocket: WebSocket as unknown as ServerConnection.ISettings["WebSocket"],
  });
  contents = new ContentsManager({ serverSettings });
  kernels = new KernelManager({ serverSettings });
  sessions = new SessionManager({ serverSettings, kernelManager: kernels });
  await sessions.ready;
});
afterAll(async () => {
  contents.dispose();
  sessions.dispose();
  kernels.dispose();
  await server.close();
});

/** Runs a cell; gives what it printed and how it ended. */
async function run(kernel: Kernel.IKernelConnection, code: string, seen: (text: string) => void = () => {}) {
  const future = kernel.requestExecute({ code });
  let text = "";
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") text += (content as KernelMessage.IStreamMsg["content"]).text;
    seen(text);
  };
  const reply = await future.done;
  return { text, status: reply?.content.status };
}

describe("the contents manager", () => {
  it("makes, saves, opens, renames, copies and deletes documents", async () => {
    const { path } = await contents.newUntitled({ type: "notebook" });
    expect(path).toBe("Untitled.ipynb");
    const { content } = await contents.get(path, { content: true });
    content.cells.push({ cell_type: "markdown", id: "a", metadata: {}, source: "line 1\nline 2" });
    const saved = await contents.save(path, { type: "notebook", format: "json", content });
    const checked = await contents.get(path, { content: false, hash: true });
    expect(checked).toMatchObject({ content: null, last_modified: saved.last_modified, hash: saved.hash });
    const file = JSON.parse(readFileSync(join(root, path), "utf8"));
    expect(file.cells[0].source).toEqual(["line 1\n", "line 2"]);
    expect((await contents.get(path, { type: "notebook", content: true })).content.cells[0].source).toBe(
      "line 1\nline 2",
    );
    await contents.newUntitled({ type: "directory" });
    expect((await contents.rename(path, "Untitled Folder/chapter 1 ä%.ipynb")).name).toBe("chapter 1 ä%.ipynb");
    expect((await contents.copy("Untitled Folder/chapter 1 ä%.ipynb", "")).path).toBe("chapter 1 ä%.ipynb");
    expect((await contents.copy("chapter 1 ä%.ipynb", "")).path).toBe("chapter 1 ä%-Copy1.ipynb");
    await contents.delete("Untitled Folder");
    await contents.delete("chapter 1 ä%-Copy1.ipynb");
    const listing = await contents.get("", { content: true });
    expect(listing.content.map(({ name }: { name: string }) => name)).toEqual(["chapter 1 ä%.ipynb"]);
    await expect(contents.get("none.txt")).rejects.toThrow(/no such file/);
    await contents.delete("chapter 1 ä%.ipynb");
  });

  it("notices a change by somebody else", async () => {
    await contents.save("shared.txt", { type: "file", format: "text", content: "ours" });
    const before = await contents.get("shared.txt", { content: false, hash: true });
    await delay(20);
    writeFileSync(join(root, "shared.txt"), "theirs");
    const now = await contents.get("shared.txt", { content: false, hash: true });
    expect(now.hash).not.toBe(before.hash);
    expect(Date.parse(now.last_modified)).toBeGreaterThan(Date.parse(before.last_modified));
  });

  it("keeps checkpoints", async () => {
    await contents.save("c.txt", { type: "file", format: "text", content: "one" });
    const checkpoint = await contents.createCheckpoint("c.txt");
    await contents.save("c.txt", { type: "file", format: "text", content: "two" });
    expect(await contents.listCheckpoints("c.txt")).toEqual([checkpoint]);
    await contents.restoreCheckpoint("c.txt", checkpoint.id);
    expect((await contents.get("c.txt")).content).toBe("one");
    await contents.deleteCheckpoint("c.txt", checkpoint.id);
    expect(await contents.listCheckpoints("c.txt")).toEqual([]);
  });

  it("uploads in parts and downloads", async () => {
    const data = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    const size = 30_000;
    for (let from = 0, chunk = 1; from < data.length; from += size, chunk++) {
      const isLast = from + size >= data.length;
      const content = data.subarray(from, from + size).toString("base64");
      const name = "up load.bin";
      await contents.save(name, { name, type: "file", format: "base64", content, chunk: isLast ? -1 : chunk });
    }
    expect(readFileSync(join(root, "up load.bin")).equals(data)).toBe(true);
    const url = await contents.getDownloadUrl("up load.bin");
    const response = await ServerConnection.makeRequest(url, {}, serverSettings);
    expect(Buffer.from(await response.arrayBuffer()).equals(data)).toBe(true);
  });
});

describe("the other managers", () => {
  it("find what they ask for when a page is opened", async () => {
    const specs = new KernelSpecManager({ serverSettings });
    await specs.ready;
    expect(specs.specs?.kernelspecs.gradbook?.resources["logo-svg"]).toMatch(/svg$/);
    expect(await new NbConvertManager({ serverSettings }).getExportFormats()).toEqual({});
    specs.dispose();
  });

  it("hear of events", async () => {
    const events = new EventManager({ serverSettings });
    const heard = (async () => {
      for await (const event of events.stream) if (event.action === "save" && event.path === "heard.txt") return event;
      return undefined;
    })();
    const timer = setInterval(() => void contents.save("heard.txt", { type: "file", content: "" }), 200);
    expect(await heard).toMatchObject({ schema_id: expect.stringMatching(/contents_service/) });
    clearInterval(timer);
    events.dispose();
  });
});

/** What any kernel does, as a page does it: a session for a document, cells, an interrupt, a restart. */
function worksInASession(spec: string, cells: Record<"print" | "begin" | "set" | "get", string>) {
  it("runs cells, is interrupted, keeps its state, is restarted and ended", async () => {
    mkdirSync(join(root, "lessons"), { recursive: true });
    const path = `lessons/${spec}.ipynb`;
    const session = await sessions.startNew({ path, name: path, type: "notebook", kernel: { name: spec } });
    const kernel = session.kernel!;
    expect(await run(kernel, cells.print)).toEqual({ text: "lessons\n", status: "ok" });
    await run(kernel, cells.set);
    let interrupted = false;
    const stopped = await run(kernel, cells.begin, (text) => {
      if (interrupted || !text.includes("begun")) return;
      interrupted = true;
      void kernel.interrupt();
    });
    expect(stopped.status).toBe("error");
    expect(await run(kernel, cells.get)).toEqual({ text: "5\n", status: "ok" });
    const { id } = kernel;
    await kernel.restart();
    expect(kernel.id).toBe(id);
    expect((await run(kernel, cells.get)).status).toBe("error");
    expect(await run(kernel, cells.print)).toEqual({ text: "lessons\n", status: "ok" });
    await session.setPath("lessons/renamed.ipynb");
    await sessions.refreshRunning();
    expect([...sessions.running()].map((model) => model.path)).toContain("lessons/renamed.ipynb");
    await session.shutdown();
    await kernels.refreshRunning();
    expect([...kernels.running()].map((model) => model.id)).not.toContain(id);
  }, 180_000);
}

describe("our kernel in a session", () => {
  worksInASession("gradbook", {
    print: 'console.log(process.cwd().split("/").at(-1))',
    set: "let x = 5",
    get: "console.log(x)",
    begin: 'console.log("begun"); while (true);',
  });
});

describe.skipIf(!pythonHas("ipykernel", "python3-ipykernel"))("Python's kernel in a session", () => {
  worksInASession("python3", {
    print: "import os; print(os.path.basename(os.getcwd()))",
    set: "x = 5",
    get: "print(x)",
    begin: "print('begun', flush=True)\nwhile True: pass",
  });
});

describe("kernels that nobody uses", () => {
  it("are ended after a while, but not those that are at work or connected", async () => {
    const other = await startServer({ specs: [scripted], token: "t", culling: { idleSeconds: 0.5 } });
    const settings = { ...serverSettings, baseUrl: other.url, wsUrl: other.url.replace("http", "ws"), token: "t" };
    const manager = new KernelManager({ serverSettings: settings });
    const start = async () => {
      const kernel = await manager.startNew({ name: "scripted" });
      await run(kernel, code(["print", "x"]));
      return kernel;
    };
    const [unused, connected, busy] = [await start(), await start(), await start()];
    const mark = join(newFolder(), "go");
    busy.requestExecute({ code: code(["wait for", mark]) }).done.catch(() => {});
    await delay(200);
    for (const kernel of [unused, busy]) kernel.dispose();
    await delay(1500);
    await manager.refreshRunning();
    expect(new Set([...manager.running()].map(({ id }) => id))).toEqual(new Set([connected.id, busy.id]));
    writeFileSync(mark, "");
    await delay(1500);
    await manager.refreshRunning();
    expect([...manager.running()].map(({ id }) => id)).toEqual([connected.id]);
    manager.dispose();
    await other.close();
  });
});

it("a page can end the server", async () => {
  const other = await startServer({ token: "t" });
  const response = await fetch(`${other.url}api/shutdown?token=t`, { method: "POST" });
  expect(response.status).toBe(200);
  await other.closed;
  await expect(fetch(`${other.url}api`)).rejects.toThrow();
});

it("nothing but documents is left in the folder", () => {
  expect(existsSync(join(root, ".ipynb_checkpoints"))).toBe(true);
  expect(readdirSync(root).filter((name) => name.startsWith(".~"))).toEqual([]);
});
