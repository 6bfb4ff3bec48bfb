import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { newFolder } from "../run/scripted.ts";
import { asking } from "./asking.ts";

/** What there is around documents: checkpoints, the files themselves, and those who are told of changes. */
let server: KernelServer;
let ask: ReturnType<typeof asking>;
const root = newFolder();
let test = 0;
let folder: string;
const at = (name: string) => join(root, folder, name);
const api = (name = "") => `api/contents/${folder}${name && `/${name}`}`;

beforeAll(async () => {
  server = await startServer({ root, trusted: join(newFolder(), "trusted") });
  ask = asking(server);
});
afterAll(() => server.close());
beforeEach(() => {
  folder = `test${test++}`;
  mkdirSync(join(root, folder));
});

describe("drafts that a killed server has left", () => {
  const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
  const left = (name: string, minutesAgo: number) => {
    const then = Date.now() / 1000 - 60 * minutesAgo;
    writeFileSync(at(name), "half");
    utimesSync(at(name), then, then);
  };

  it("go at the next save in their folder when they are old, and nothing else does", async () => {
    const before = [`.~a.txt.${id}`, `.~b.ipynb.${id}`, ".~c.txt", `d.txt.${id}`, ".e"];
    const ages = [61, 59, 600, 600, 600];
    before.forEach((name, i) => {
      left(name, ages[i]!);
    });
    mkdirSync(at("inside"));
    left(`inside/.~a.txt.${id}`, 600);
    expect((await ask("PUT", api("a.txt"), { type: "file", format: "text", content: "one" })).status).toBe(201);
    expect(readdirSync(at("")).sort()).toEqual([...before.slice(1), "a.txt", "inside"].sort());
    expect(readdirSync(at("inside"))).toHaveLength(1);
  });
});

describe("a checkpoint", () => {
  it("lies where Jupyter keeps it, can be gone back to, and goes with its file", async () => {
    writeFileSync(at("a.txt"), "one");
    expect((await ask("GET", api("a.txt/checkpoints"))).body).toEqual([]);
    const made = await ask("POST", api("a.txt/checkpoints"));
    expect(made).toMatchObject({ status: 201, body: { id: "checkpoint", last_modified: expect.any(String) } });
    expect(readFileSync(at(".ipynb_checkpoints/a-checkpoint.txt"), "utf8")).toBe("one");
    writeFileSync(at("a.txt"), "two");
    expect((await ask("GET", api("a.txt/checkpoints"))).body).toEqual([made.body]);
    expect((await ask("POST", api("a.txt/checkpoints/other"))).status).toBe(404);
    expect((await ask("POST", api("a.txt/checkpoints/checkpoint"))).status).toBe(204);
    expect(readFileSync(at("a.txt"), "utf8")).toBe("one");
    await ask("PATCH", api("a.txt"), { path: `${folder}/b.txt` });
    expect((await ask("GET", api("b.txt/checkpoints"))).body).toEqual([made.body]);
    expect((await ask("DELETE", api("b.txt/checkpoints/checkpoint"))).status).toBe(204);
    expect((await ask("GET", api("b.txt/checkpoints"))).body).toEqual([]);
    expect((await ask("POST", api("none/checkpoints"))).status).toBe(404);
    await ask("POST", api("b.txt/checkpoints"));
    await ask("DELETE", api("b.txt"));
    expect(readdirSync(at(".ipynb_checkpoints"))).toEqual([]);
  });
});

describe("a file itself", () => {
  it("is given with its type, in parts if wanted, and cannot act as the user", async () => {
    writeFileSync(at("page.html"), "<script>1</script>");
    writeFileSync(at("ä.ts"), "let ä = 1;");
    writeFileSync(at("n.ipynb"), "{}");
    const page = await ask("GET", `files/${folder}/page.html`);
    expect(page).toMatchObject({ status: 200, text: "<script>1</script>" });
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": expect.stringMatching(/^frame-ancestors 'self'; sandbox/),
      "x-content-type-options": "nosniff",
      "content-length": "18",
    });
    expect((await ask("GET", `files/${folder}/%C3%A4.ts`)).headers["content-type"]).toMatch("text/typescript");
    expect((await ask("GET", `files/${folder}/n.ipynb?download=1`)).headers).toMatchObject({
      "content-type": expect.stringMatching("application/x-ipynb"),
      "content-disposition": "attachment; filename*=UTF-8''n.ipynb",
    });
    expect(await ask("GET", `files/${folder}/page.html`, "", { range: "bytes=1-6" })).toMatchObject({
      ...{ status: 206, text: "script" },
      headers: { "content-range": "bytes 1-6/18" },
    });
    expect((await ask("HEAD", `files/${folder}/page.html`)).headers["content-length"]).toBe("18");
    expect((await ask("GET", `files/${folder}`)).status).toBe(400);
    expect((await ask("GET", `files/${folder}/none`)).status).toBe(404);
  });
});

describe("subscribers", () => {
  it("are told what happens to documents", async () => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}api/events/subscribe?token=${server.token}`);
    await new Promise((resolve) => socket.once("open", resolve));
    const told: Record<string, unknown>[] = [];
    socket.on("message", (data) => told.push(JSON.parse(data.toString())));
    await ask("PUT", api("a"), { type: "file", content: "" });
    await ask("PATCH", api("a"), { path: `${folder}/b` });
    await ask("DELETE", api("b"));
    expect((await ask("POST", "api/events", { schema_id: "x:y", version: "1", data: { z: 1 } })).status).toBe(204);
    expect((await ask("POST", "api/events", { data: 1 })).status).toBe(400);
    while (told.length < 4) await delay(10);
    expect(told).toEqual([
      expect.objectContaining({ action: "save", path: `${folder}/a` }),
      expect.objectContaining({ action: "rename", path: `${folder}/b`, source_path: `${folder}/a` }),
      expect.objectContaining({ action: "delete", path: `${folder}/b` }),
      { schema_id: "x:y", z: 1 },
    ]);
    socket.close();
  });
});
