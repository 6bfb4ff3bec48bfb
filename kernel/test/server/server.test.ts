import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { FoundKernelSpec } from "../../src/install/kernelspec.ts";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { code, newFolder, scripted } from "../run/scripted.ts";
import { asking } from "./asking.ts";
import { BINARY, ChannelClient } from "./client.ts";

const broken: FoundKernelSpec = {
  name: "broken",
  spec: {
    argv: [process.execPath, "-e", "console.error('no such module'); process.exit(4)"],
    display_name: "",
    language: "",
  },
};
const missing: FoundKernelSpec = { name: "missing", spec: { ...broken.spec, argv: ["/nowhere/kernel"] } };

const root = newFolder();
let server: KernelServer;
let ask: ReturnType<typeof asking>;
beforeAll(async () => {
  server = await startServer({ specs: [scripted, broken, missing], root });
  ask = asking(server);
});
afterAll(() => server.close());

const start = async (name = "scripted", more: object = {}) =>
  (await ask("POST", "api/kernels", { name, ...more })).body.id;
const stateOf = async (id: string) => (await ask("GET", `api/kernels/${id}`)).body;
const bothProtocols = [
  ["binary", true],
  ["JSON", false],
] as const;

describe("who may use the server", () => {
  it("is whoever shows its token, in a header or in the address", async () => {
    expect((await ask("GET", "api/kernels")).status).toBe(200);
    expect((await ask("GET", "api/kernels", undefined, { authorization: `Bearer ${server.token}` })).status).toBe(200);
    expect((await ask("GET", `api/kernels?token=${server.token}`, undefined, { authorization: "" })).status).toBe(200);
    expect((await ask("GET", "api/kernels", undefined, { authorization: "" })).status).toBe(403);
    expect((await ask("GET", "api/kernels", undefined, { authorization: "token wrong" })).status).toBe(403);
    expect((await ask("POST", "api/kernels?token=", { name: "scripted" }, { authorization: "" })).status).toBe(403);
  });

  it("is no page of somebody else, whatever name it gives this machine", async () => {
    expect((await ask("GET", "api/kernels", undefined, { origin: "https://example.org" })).status).toBe(403);
    expect((await ask("GET", "api/kernels", undefined, { host: "example.org" })).status).toBe(403);
    expect((await ask("GET", "api/kernels", undefined, { host: "127.0.0.1.example.org" })).status).toBe(403);
    expect((await ask("GET", "api/kernels", undefined, { origin: server.url.slice(0, -1) })).status).toBe(200);
  });

  it("holds for WebSockets as well", async () => {
    const id = await start();
    await expect(ChannelClient.open({ ...server, token: "wrong" }, id)).rejects.toThrow("403");
    const headers = { origin: "https://example.org" };
    await expect(ChannelClient.open(server, id, { headers })).rejects.toThrow("403");
    await expect(ChannelClient.open(server, "no-such-kernel")).rejects.toThrow("404");
  });

  it("may ask without a token only whether a server is there", async () => {
    expect((await ask("GET", "api", undefined, { authorization: "" })).body.version).toMatch(/^\d+\.\d+/);
    expect((await ask("GET", "api/status", undefined, { authorization: "" })).status).toBe(403);
    expect((await ask("GET", "api/status")).body).toMatchObject({ kernels: expect.any(Number) });
    expect((await ask("GET", "api/me")).body).toMatchObject({ identity: { username: "local" } });
  });
});

describe("a page", () => {
  it("is served by the same server, to whoever may use it", async () => {
    const page = new Hono()
      .get("/lab", (context) => context.text("the page"))
      .get("/api/me", (c) => c.text("not mine"));
    const other = await startServer({ specs: [scripted], token: "other", page });
    const answer = await fetch(`${other.url}lab?token=other`);
    expect(await answer.text()).toBe("the page");
    // A page that says nothing itself may do nothing.
    expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'.*frame-ancestors 'self'$/);
    expect((await fetch(`${other.url}lab?token=wrong`)).status).toBe(403);
    expect(await (await fetch(`${other.url}api/me?token=other`)).json()).toMatchObject({ identity: { name: "local" } });
    await other.close();
  });
});

describe("what is asked of the server", () => {
  it("is answered with a reason when it cannot be", async () => {
    expect(await ask("GET", "api/kernels/none")).toMatchObject({ status: 404, body: { message: /no such kernel/ } });
    expect(await ask("POST", "api/kernels", { name: "none" })).toMatchObject({ status: 404 });
    expect(await ask("POST", "api/kernels", "{")).toMatchObject({ status: 400, body: { message: /not JSON/ } });
    expect(await ask("POST", "api/kernels", { name: 5 })).toMatchObject({ status: 400 });
    expect(await ask("POST", "api/kernels", "{", { "content-length": "2000000" })).toMatchObject({ status: 413 });
    expect(await ask("POST", "api/kernels", { name: "missing" })).toMatchObject({
      status: 500,
      body: { message: /nowhere/ },
    });
    expect(await ask("GET", "api/nothing")).toMatchObject({ status: 404 });
  });

  it("lists our kernel and the others", async () => {
    const { body } = await ask("GET", "api/kernelspecs");
    expect(body).toMatchObject({
      default: "gradbook",
      kernelspecs: { gradbook: { spec: { language: "typescript" } }, scripted: { name: "scripted" } },
    });
    expect((await ask("GET", "api/kernelspecs/scripted")).body).toMatchObject({ spec: { interrupt_mode: "message" } });
  });

  it("is also where a path in an output leads", async () => {
    writeFileSync(join(root, "a.ts"), "");
    const id = await start();
    const resolved = async (path: string, kernel = "") =>
      (await ask("GET", `api/resolvePath?path=${encodeURIComponent(path)}&kernel=${kernel}`)).body.resolved;
    expect(await resolved(join(root, "a.ts"))).toEqual([{ scope: "server", path: "a.ts" }]);
    expect(await resolved("./a.ts")).toEqual([{ scope: "server", path: "a.ts" }]);
    expect(await resolved("../..", id)).toEqual([{ scope: "kernel", path: expect.any(String) }]);
    expect(await resolved("/etc/passwd")).toEqual([]);
    expect(await resolved("none.ts", id)).toEqual([]);
    expect((await ask("GET", "api/resolvePath")).status).toBe(400);
  });

  it("is answered where a page expects an answer, though there is nothing here", async () => {
    expect(await ask("GET", "api/nbconvert")).toMatchObject({ status: 200, body: {} });
    expect(await ask("GET", "api/terminals")).toMatchObject({ status: 404, body: { message: /no terminals/ } });
    expect(await ask("POST", "api/security/csp-report", "{}")).toMatchObject({ status: 204 });
  });

  it("tells whoever started it, once, what a page was kept from", async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    const report = (uri: unknown, directive = "script-src-elem") =>
      ask("POST", "api/security/csp-report", {
        "csp-report": { "blocked-uri": uri, "effective-directive": directive, "document-uri": `/lab?token=${"t"}` },
      });
    for (const uri of ["https://esm.sh/a?secret=1", "https://esm.sh/b", "inline", "\u001b[2J", 5, "https:", null])
      expect((await report(uri)).status).toBe(204);
    expect((await ask("POST", "api/security/csp-report", "[")).status).toBe(204);
    for (let i = 0; i < 50; i++) await report(`https://a${i}.org`, "connect-src");
    expect(told.mock.calls).toHaveLength(20);
    expect(told.mock.calls.slice(0, 2)).toEqual([
      [expect.stringMatching(/a script from https:\/\/esm\.sh\..*--allow https:\/\/esm\.sh$/)],
      [expect.stringMatching(/something from https:\/\/a0\.org/)],
    ]);
    told.mockRestore();
  });

  it("starts, shows and ends kernels, with their processes", async () => {
    const pidFile = join(newFolder(), "pid");
    const id = await start();
    expect((await ask("GET", "api/kernels")).body).toContainEqual(expect.objectContaining({ id, name: "scripted" }));
    const client = await ChannelClient.open(server, id);
    await client.finished(client.execute(code(["note pid", pidFile])));
    expect(await stateOf(id)).toMatchObject({ execution_state: "idle", connections: 1 });
    expect((await ask("DELETE", `api/kernels/${id}`)).status).toBe(204);
    expect((await ask("GET", `api/kernels/${id}`)).status).toBe(404);
    expect(() => process.kill(Number(readFileSync(pidFile, "utf8")), 0)).toThrow("ESRCH");
  });
});

describe.each(bothProtocols)("a kernel's messages in the %s protocol", (_, binary) => {
  it("go to the kernel and come back, also those sent before it is there", async () => {
    const client = await ChannelClient.open(server, await start(), { binary });
    expect(client.protocol).toBe(binary ? BINARY : "");
    expect(await client.finished(client.execute(code(["print", "ä first"])))).toBe("ä first");
  });

  it("are dropped when they are none, and harm nobody", async () => {
    const client = await ChannelClient.open(server, await start(), { binary });
    for (const rubbish of ["", "{", "[]", '{"header": 5}', '{"channel":"iopub","header":{"msg_type":"stream"}}'])
      client.raw(rubbish);
    client.raw(Buffer.alloc(3));
    client.raw(Buffer.alloc(200, 255));
    client.raw(Buffer.from(new BigUint64Array([7n, 64n, 1n, 999n, 2n, 3n, 4n, 5n]).buffer));
    expect(await client.finished(client.execute(code(["print", "well"])))).toBe("well");
  });

  it("are kept while their client is away, and all given to it when it is back", async () => {
    const id = await start();
    const client = await ChannelClient.open(server, id, { binary });
    const lines = Array.from({ length: 20 }, (_, line) => `line ${line}\n`);
    const request = client.execute(
      code(["print", "begun\n"], ["sleep", 200], ...lines.map((line) => ["print", line] as [string, string])),
    );
    await client.until(({ content }) => content.text === "begun\n");
    await client.drop();
    await delay(500);
    const again = await ChannelClient.open(server, id, { binary, session: client.session });
    expect(await again.finished(request)).toBe(lines.join(""));
  });

  it("carry questions to whoever asked, and the answers back", async () => {
    const client = await ChannelClient.open(server, await start(), { binary });
    const request = client.execute(code(["ask", "name?"]));
    await client.until(({ channel, content }) => channel === "stdin" && content.prompt === "name?");
    client.send("input_reply", { value: "Ada" }, { channel: "stdin" });
    expect(await client.finished(request)).toBe("Ada");
  });
});

describe("two clients of one kernel", () => {
  it("both see what it publishes, but replies go to whoever asked", async () => {
    const id = await start();
    const [one, other] = [await ChannelClient.open(server, id, { binary: true }), await ChannelClient.open(server, id)];
    const request = one.execute(code(["print", "shared"]));
    await one.finished(request);
    await other.until(
      ({ content, parent_header }) => content.execution_state === "idle" && parent_header.msg_id === request,
    );
    expect(other.messages.some(({ content }) => content.text === "shared")).toBe(true);
    expect(other.messages.some(({ channel }) => channel !== "iopub")).toBe(false);
  });
});

describe("a kernel of the server", () => {
  it("is interrupted", async () => {
    const id = await start();
    const client = await ChannelClient.open(server, id);
    const request = client.execute(code(["print", "x"], ["sleep", 60_000]));
    await client.until(({ content }) => content.text === "x");
    expect((await ask("POST", `api/kernels/${id}/interrupt`)).status).toBe(204);
    await client.finished(request);
    expect(client.messages.find(({ header }) => header.msg_type === "execute_reply")?.content).toMatchObject({
      ename: "KeyboardInterrupt",
    });
  });

  it("is restarted under its id and for its clients", async () => {
    const pids = [join(newFolder(), "a"), join(newFolder(), "b")];
    const id = await start();
    const client = await ChannelClient.open(server, id);
    await client.finished(client.execute(code(["note pid", pids[0]])));
    expect(await ask("POST", `api/kernels/${id}/restart`)).toMatchObject({ status: 200, body: { id } });
    await client.finished(client.execute(code(["note pid", pids[1]])));
    const [before, after] = pids.map((file) => Number(readFileSync(file, "utf8")));
    expect(after).not.toBe(before);
    expect(() => process.kill(before!, 0)).toThrow("ESRCH");
  });

  it("is started anew when it dies, and its clients are told", async () => {
    const id = await start();
    const client = await ChannelClient.open(server, id);
    client.execute(code(["die", 9]));
    const told = await client.until(({ content }) => content.execution_state === "restarting");
    expect(told.content.reason).toMatch(/ended with code 9.*out of luck/s);
    expect(await client.finished(client.execute(code(["print", "alive"])))).toBe("alive");
  });

  it("is given up when it dies again and again before it answers", async () => {
    const id = await start("broken");
    const client = await ChannelClient.open(server, id);
    await client.until(({ content }) => content.execution_state === "dead");
    expect(client.messages.filter(({ content }) => content.execution_state === "restarting")).toHaveLength(4);
    expect(await stateOf(id)).toMatchObject({
      execution_state: "dead",
      reason: expect.stringContaining("no such module"),
    });
    const late = await ChannelClient.open(server, id);
    await late.until(({ content }) => content.execution_state === "dead");
  });

  it("ends with the server", async () => {
    const other = await startServer({ specs: [scripted], token: "other" });
    const response = await fetch(`${other.url}api/kernels?token=other`, {
      method: "POST",
      body: '{"name":"scripted"}',
    });
    const { id } = (await response.json()) as { id: string };
    const pidFile = join(newFolder(), "pid");
    const client = await ChannelClient.open(other, id);
    await client.finished(client.execute(code(["note pid", pidFile])));
    await other.close();
    expect(() => process.kill(Number(readFileSync(pidFile, "utf8")), 0)).toThrow("ESRCH");
    await expect(fetch(other.url)).rejects.toThrow();
  });
});

describe("sessions", () => {
  it("are one for each document, also when two ask at once", async () => {
    const wanted = { path: "twice.ipynb", type: "notebook", kernel: { name: "scripted" } };
    const [one, other] = await Promise.all([ask("POST", "api/sessions", wanted), ask("POST", "api/sessions", wanted)]);
    expect(one.body.id).toBe(other.body.id);
    await ask("DELETE", `api/sessions/${one.body.id}`);
  });

  it("tie a document to its kernel, until one of them goes", async () => {
    const wanted = { path: "a.ipynb", name: "a", type: "notebook", kernel: { name: "scripted" } };
    const { status, body } = await ask("POST", "api/sessions", wanted);
    expect(status).toBe(201);
    const kernel = (body.kernel as { id: string }).id;
    expect(body).toMatchObject({ path: "a.ipynb", notebook: { path: "a.ipynb" }, kernel: { name: "scripted" } });
    expect((await ask("POST", "api/sessions", wanted)).body.id).toBe(body.id);
    expect((await ask("PATCH", `api/sessions/${body.id}`, { path: "b.ipynb" })).body).toMatchObject({
      path: "b.ipynb",
    });
    const changed = (await ask("PATCH", `api/sessions/${body.id}`, { kernel: { name: "scripted", id: null } })).body;
    expect(changed.kernel).not.toMatchObject({ id: kernel });
    expect((await ask("GET", `api/kernels/${kernel}`)).status).toBe(404);
    expect((await ask("GET", "api/sessions")).body).toHaveLength(1);
    expect((await ask("DELETE", `api/sessions/${body.id}`)).status).toBe(204);
    expect((await ask("GET", `api/sessions/${body.id}`)).status).toBe(404);
    expect((await ask("GET", `api/kernels/${(changed.kernel as { id: string }).id}`)).status).toBe(404);
  });
});
