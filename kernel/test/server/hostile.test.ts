import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { labRoutes } from "../../src/lab/routes.ts";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { newFolder, scripted } from "../run/scripted.ts";
import { asking, sendRaw } from "./asking.ts";
import { ChannelClient } from "./client.ts";

const SECRET = "the-secret-outside";
let server: KernelServer;
let ask: ReturnType<typeof asking>;
const around = newFolder();
const root = join(around, "root");
const complaints = vi.spyOn(console, "error").mockImplementation(() => {});

beforeAll(async () => {
  mkdirSync(join(root, "inside"), { recursive: true });
  mkdirSync(join(around, "root2"));
  for (const file of ["secret.txt", "root2/secret.txt"]) writeFileSync(join(around, file), SECRET);
  writeFileSync(join(root, "inside/a.txt"), "a");
  symlinkSync(around, join(root, "up"));
  symlinkSync(join(around, "secret.txt"), join(root, "link.txt"));
  symlinkSync("circle", join(root, "circle"));
  symlinkSync(join(around, "not-yet"), join(root, "dangling"));
  const built = newFolder();
  for (const folder of ["static", "schemas", "themes"]) mkdirSync(join(built, folder));
  writeFileSync(join(built, "page.json"), SECRET);
  const page = labRoutes({ page: { folder: built, scripts: [] }, root, kept: newFolder() });
  server = await startServer({ root, specs: [scripted], trusted: join(newFolder(), "trusted"), page });
  ask = asking(server);
});
afterAll(() => server.close());

/** The server still works, has complained of nothing unexpected, and what lies outside is as it was. */
async function unharmed() {
  expect((await ask("GET", "api/contents/inside/a.txt")).body.content).toBe("a");
  expect(complaints.mock.calls).toEqual([]);
  expect(readdirSync(around).sort()).toEqual(["root", "root2", "secret.txt"]);
  expect(readFileSync(join(around, "secret.txt"), "utf8")).toBe(SECRET);
}

const raw = (method: string, path: string, body = "", more = "") =>
  sendRaw(
    server.url,
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token ${server.token}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}Connection: close\r\n\r\n${body}`,
  );
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe("a path that would lead out of the served folder", () => {
  const disguises = [
    "../secret.txt",
    "%2e%2e/secret.txt",
    "inside/../../secret.txt",
    "inside/%2e%2e/%2e%2e/secret.txt",
    "..%2fsecret.txt",
    "..%2Froot2%2Fsecret.txt",
    "%252e%252e%252fsecret.txt",
    "..\\secret.txt",
    "..%5csecret.txt",
    "inside/a.txt%00/../../secret.txt",
    "%00",
    "..%00/secret.txt",
    "%c0%ae%c0%ae/secret.txt",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "....//secret.txt",
    "..;/secret.txt",
    "./../secret.txt",
    "%",
    "%ff",
  ];

  it.each(disguises)("is refused in the disguise %s", async (path) => {
    for (const start of ["/api/contents/", "/files/", "/api/contents/inside/", "/files/inside/"]) {
      const answer = await raw("GET", start + path);
      expect([400, 403, 404], `${start}: ${answer}`).toContain(statusOf(answer));
      expect(answer).not.toContain(SECRET);
      expect(answer).not.toContain("root:");
    }
    const body = JSON.stringify({ type: "file", content: "overwritten" });
    for (const method of ["PUT", "DELETE"]) {
      const answer = await raw(method, `/api/contents/inside/${path}`, body);
      // Names that mean nothing here are names like others.
      expect([201, 204, 400, 403, 404], answer).toContain(statusOf(answer));
    }
    await unharmed();
  });

  it("is refused in a body, too", async () => {
    for (const path of ["../x", "inside/../../x", "up/x", "/../x", "a\0b", "..", "."]) {
      expect([400, 403, 404]).toContain((await ask("PATCH", "api/contents/inside/a.txt", { path })).status);
      expect([400, 403, 404]).toContain((await ask("POST", "api/contents/inside", { copy_from: path })).status);
    }
    await unharmed();
  });

  it("is refused behind a symbolic link", async () => {
    expect(await ask("GET", "api/contents/link.txt")).toMatchObject({
      status: 403,
      body: { message: /leads out of the served folder/ },
    });
    for (const path of ["files/link.txt", "api/contents/up", "api/contents/up/secret.txt", "files/up/secret.txt"])
      expect((await ask("GET", path)).status).toBe(403);
    const file = { type: "file", content: "overwritten" };
    for (const path of ["link.txt", "up/secret.txt", "up/new.txt"])
      expect((await ask("PUT", `api/contents/${path}`, file)).status).toBe(403);
    expect((await ask("DELETE", "api/contents/up/secret.txt")).status).toBe(403);
    expect((await ask("POST", "api/contents/up", { type: "file" })).status).toBe(403);
    expect((await ask("POST", "api/contents/inside", { copy_from: "up" })).status).toBe(403);
    expect((await ask("POST", "api/contents/link.txt/checkpoints")).status).toBe(403);
    expect((await ask("GET", "api/contents/circle")).status).toBe(400);
    expect((await ask("PUT", "api/contents/dangling", file)).status).toBe(409);
    const listed = (await ask("GET", "api/contents/")).body.content.map(({ name }: { name: string }) => name);
    expect(listed.filter((name: string) => /up|link|circle|dangling/.test(name))).toEqual([]);
    await unharmed();
  });

  it("is refused for the page's files, settings and arrangements", async () => {
    for (const path of disguises.map((path) => path.replace(/secret.txt$/, "page.json")))
      for (const start of ["/static/lab/", "/lab/api/themes/", "/lab/api/settings/", "/lab/api/workspaces/"]) {
        const answer = await raw("GET", start + path);
        // An arrangement that nobody has made yet is empty, whatever its name is.
        expect([200, 400, 403, 404], `${start}${path}: ${answer}`).toContain(statusOf(answer));
        expect(answer).not.toContain(SECRET);
      }
    await unharmed();
  });

  it("is refused for a kernelspec's files and names", async () => {
    for (const path of ["gradbook/..%2finstall.ts", "gradbook/kernel.json", "..%2f../logo-svg.svg", "%00/logo-svg.svg"])
      expect((await ask("GET", `kernelspecs/${path}`)).status, path).toBe(404);
    const { resources } = (await ask("GET", "api/kernelspecs/gradbook")).body;
    expect(resources["logo-svg"]).toBe("/kernelspecs/gradbook/logo-svg.svg");
    expect((await ask("GET", "kernelspecs/gradbook/logo-svg.svg")).headers["content-type"]).toMatch("image/svg+xml");
  });
});

describe("what is too big", () => {
  it("is refused before it is read, wherever it is sent", async () => {
    const long = (path: string, length: number) =>
      ask("PUT", path, "{", { "content-length": String(length) }).catch((error: Error) => ({ status: error.message }));
    expect((await long("api/contents/x", 600_000_000)).status).toBe(413);
    expect((await long("api/events", 2_000_000)).status).toBe(413);
    expect((await long("lab/api/workspaces/x", 2_000_000)).status).toBe(413);
    const chunks = `POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token ${server.token}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${`40000\r\n${"x".repeat(0x40000)}\r\n`.repeat(5)}0\r\n\r\n`;
    expect(statusOf(await sendRaw(server.url, chunks))).toBe(413);
    expect(statusOf(await raw("GET", `/api/contents/${"x".repeat(100_000)}`))).toBe(431);
    await unharmed();
  });

  it("is not refused when it is a notebook of usual size", async () => {
    const content = "x".repeat(3_000_000);
    expect((await ask("PUT", "api/contents/inside/big.txt", { type: "file", content })).status).toBe(201);
  });
});

describe("a WebSocket", () => {
  const upgrade = (path: string, more = "") =>
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}\r\n${more}\r\n`;

  it("is refused at addresses that are none, or not there", async () => {
    for (const path of ["//", "/", "http://[", "*", "/api/kernels//channels", "/api/kernels/..%2f/channels", "/\\"])
      expect([400, 403, 404], path).toContain(statusOf(await sendRaw(server.url, upgrade(path))));
    expect(statusOf(await sendRaw(server.url, upgrade(`/api/kernels/x/channels?token=${server.token}`)))).toBe(404);
    await unharmed();
  });

  it("is closed when its frames are broken, and the kernel goes on for others", async () => {
    const { id } = (await ask("POST", "api/kernels", { name: "scripted" })).body;
    const frames = [
      [0xff, 0xff, 0xff, 0xff],
      [0x82, 0x05, 1, 2, 3, 4, 5],
      [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x88, 0x81, 0, 0, 0, 0, 1],
      [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28],
      [0xc1, 0x80, 0, 0, 0, 0],
      [0x80, 0x80, 0, 0, 0, 0],
    ];
    for (const path of [`/api/kernels/${id}/channels`, "/api/events/subscribe"])
      for (const frame of frames) {
        const { hostname, port } = new URL(server.url);
        const socket = connect(Number(port), hostname);
        const ended = new Promise((resolve) => socket.once("close", resolve));
        socket.on("error", () => {});
        socket.write(upgrade(`${path}?token=${server.token}`));
        await new Promise((resolve) => socket.once("data", resolve));
        socket.resume();
        socket.write(Uint8Array.from(frame));
        await Promise.race([ended, delay(2000)]);
        expect(socket.destroyed, `${frame}`).toBe(true);
      }
    const client = await ChannelClient.open(server, id);
    expect(await client.finished(client.execute('[["print","well"]]'))).toBe("well");
    await ask("DELETE", `api/kernels/${id}`);
    await unharmed();
  });
});

describe("a thousand random requests", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...["api", "contents", "files", "kernels", "kernelspecs", "inside", "a.txt", "checkpoints", "trust"],
    ),
    fc.constantFrom(
      ...["..", "%2e%2e", "%00", "%", "sessions", "x", "up", "gradbook", "login", "events", ".", ""],
      ...["lab", "static", "settings", "themes", "tree", "workspaces", "page.json", "nbconvert", "resolvePath"],
    ),
    fc.string({ maxLength: 6 }).map(encodeURIComponent),
  );
  const asked = fc.record({
    method: fc.constantFrom(...["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"]),
    path: fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => `/${pieces.join("/")}`),
    query: fc.constantFrom(
      "",
      "?content=2",
      "?type=notebook",
      "?format=x",
      "?_xsrf=1",
      "?token=x",
      "?%",
      "?hash=1&hash=2",
    ),
    header: fc.constantFrom(
      ...["Accept: text/html", "Range: bytes=5-1", "Cookie: =; _xsrf; a=%", "X-XSRFToken: 1", "Accept: */*"],
    ),
    body: fc.oneof(
      fc.constantFrom("", "{}", "[]", "null", '{"type":"file","content":"x"}', '{"path":"../x"}', '{"copy_from":"up"}'),
      fc.json({ maxDepth: 2 }),
      fc.string({ maxLength: 20 }),
    ),
  });
  // Kernels take their time to start; what starts them is asked elsewhere.
  const startsKernel = ({ method, path }: { method: string; path: string }) =>
    method === "POST" && /^\/+api\/+(kernels|sessions)\/*$/.test(path);
  const requests = fc.sample(asked, { seed: 1998, numRuns: 1000 }).filter((request) => !startsKernel(request));
  const answerTo = ({ method, path, query, header, body }: (typeof requests)[number], credentials: string) =>
    sendRaw(
      server.url,
      `${method} ${path}${query} HTTP/1.1\r\nHost: 127.0.0.1\r\n${credentials}${header}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );

  it("get nothing without the token", async () => {
    for (const request of requests) {
      const answer = await answerTo(request, "");
      const { pathname } = new URL(`http://127.0.0.1${request.path}`);
      const isOpen = /^\/(api|login|logout)\/?$/.test(pathname);
      expect(isOpen ? [200, 204, 303, 403, 404] : [400, 403], `${JSON.stringify(request)} ${answer}`).toContain(
        statusOf(answer),
      );
      expect(answer).not.toContain(SECRET);
      expect(answer).not.toContain(server.token);
      expect(answer).not.toContain(around);
    }
    await unharmed();
  });

  it("do no harm with it", async () => {
    for (const request of requests) {
      const answer = await answerTo(request, `Authorization: token ${server.token}\r\n`);
      expect(statusOf(answer), `${JSON.stringify(request)} ${answer}`).toBeLessThan(500);
      expect(answer).not.toContain(SECRET);
      expect(answer).not.toContain(server.token);
      // The page alone is told where the folder lies.
      expect(answer.replace(/<script id="jupyter-config-data".*?<\/script>/s, "")).not.toContain(around);
      writeFileSync(join(root, "inside/a.txt"), "a");
    }
    await unharmed();
  });
});
