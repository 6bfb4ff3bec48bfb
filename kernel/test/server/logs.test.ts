import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { newFolder } from "../run/scripted.ts";
import { asking, sendRaw } from "./asking.ts";
import { ChannelClient } from "./client.ts";
import { startProcess } from "./server-process.ts";

it("what a server prints tells its token once, and nothing of what it is asked", async () => {
  const root = newFolder();
  mkdirSync(join(root, "folder"));
  writeFileSync(join(root, "broken.ipynb"), "{");
  const server = await startProcess(root);
  const { child, url, token } = server;
  const ended = once(child, "exit");
  const ask = asking(server);
  const anonymous = { authorization: "" };
  const visit = { ...anonymous, accept: "text/html" };
  const answers = [
    await ask("GET", "api/status"),
    await ask("GET", `lab?token=${token}`, undefined, visit),
    await ask("GET", `api/kernels?token=${token}`, undefined, anonymous),
    await ask("GET", "api/kernels?token=guessed", undefined, anonymous),
    await ask("GET", "api/kernels", undefined, { origin: "https://example.org" }),
    await ask("GET", "api/kernels", undefined, { host: "example.org" }),
    await ask("POST", "login", `token=${token}`, { "content-type": "application/x-www-form-urlencoded" }),
    await ask("GET", "api/contents/none"),
    await ask("GET", "api/contents/broken.ipynb"),
    await ask("PUT", "api/contents/folder", { type: "file", content: "x" }),
    await ask("PUT", "api/contents/none/x", { type: "file", content: "x" }),
    await ask("DELETE", "api/contents"),
    await ask("PATCH", "api/contents/broken.ipynb", "{"),
    await ask("POST", "api/kernels", { name: "none" }),
    await ask("GET", "files/..%2f..%2fetc/passwd"),
  ];
  const broken = `GET /api/kernels?token=${token} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n`;
  const texts = [...answers.map(({ text }) => text), await sendRaw(url, broken)];
  await expect(ChannelClient.open(server, "none")).rejects.toThrow("404");

  expect(answers.map(({ status }) => status)).toEqual([
    ...[200, 302, 200, 403, 403, 403, 303],
    ...[404, 400, 400, 404, 400, 400, 404, 404],
  ]);
  for (const text of texts) {
    expect(text).not.toContain(token);
    expect(text).not.toContain(root);
    expect(text).not.toMatch(/\bat .*\.[jt]s:\d/);
  }
  child.kill("SIGTERM");
  await ended;
  expect(server.printed()).toBe(`Serving kernels at ${url}?token=${token}\nCtrl-C ends the server and its kernels.\n`);
});
