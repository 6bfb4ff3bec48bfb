import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { newFolder } from "../run/scripted.ts";
import { type Answer, asking } from "./asking.ts";

let server: KernelServer;
let ask: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
beforeAll(async () => {
  const page = new Hono().get("/lab", (context) => context.html("the page")).post("/lab", (c) => c.text("done"));
  server = await startServer({ root: newFolder(), trusted: "", page });
  const asked = asking(server);
  ask = (method, path, body, headers) => asked(method, path, body, { authorization: "", ...headers });
});
afterAll(() => server.close());

const visit = { accept: "text/html,*/*;q=0.8" };

/** What a browser keeps of an answer's cookies. */
function cookiesOf({ headers }: Answer): Record<string, string> {
  const lines = (headers["set-cookie"] ?? []) as string[];
  return Object.fromEntries(lines.map((line) => line.split(";")[0]!.split("=") as [string, string]));
}
const sent = (cookies: Record<string, string>) => ({
  cookie: Object.entries(cookies)
    .map((pair) => pair.join("="))
    .join("; "),
});
async function logIn() {
  const cookies = cookiesOf(await ask("GET", `lab?token=${server.token}`, undefined, visit));
  return { cookies, xsrf: cookies._xsrf! };
}

describe("a browser that shows the token in the address", () => {
  it("is sent to the same address without it, and needs no token from then on", async () => {
    const answer = await ask("GET", `lab?a=1&token=${server.token}`, undefined, visit);
    expect(answer).toMatchObject({ status: 302, headers: { location: "/lab?a=1" } });
    expect(answer.headers["set-cookie"]).toEqual([
      expect.stringMatching(/^gradbook-login-\d+=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^_xsrf=[0-9a-f]{64}; Path=\/; SameSite=Lax$/),
    ]);
    expect(JSON.stringify(answer)).not.toContain(server.token);
    const cookies = cookiesOf(answer);
    expect(await ask("GET", "lab", undefined, { ...visit, ...sent(cookies) })).toMatchObject({
      status: 200,
      text: "the page",
    });
    expect((await ask("GET", "api/kernels", undefined, sent(cookies))).status).toBe(200);
  });

  it("changes something only by pages that repeat the second cookie", async () => {
    const { cookies, xsrf } = await logIn();
    const save = (query: string, headers: Record<string, string>) =>
      ask("PUT", `api/contents/a${query}`, { type: "file", content: "" }, { ...sent(cookies), ...headers });
    expect(await save("", {})).toMatchObject({ status: 403, body: { message: /_xsrf.*X-XSRFToken/ } });
    expect((await save("", { "x-xsrftoken": "wrong" })).status).toBe(403);
    expect((await save("?_xsrf=", {})).status).toBe(403);
    expect((await save("", { "x-xsrftoken": xsrf })).status).toBe(201);
    expect((await save(`?_xsrf=${xsrf}`, {})).status).toBe(200);
    expect((await ask("POST", "lab", "", sent(cookies))).status).toBe(403);
    expect((await ask("POST", "lab", "", { ...sent(cookies), "x-xsrftoken": xsrf })).text).toBe("done");
    expect((await save("", { "x-xsrftoken": xsrf, cookie: `_xsrf=${xsrf}` })).status).toBe(403);
    expect((await save("", { authorization: `token ${server.token}` })).status).toBe(200);
    expect((await ask("POST", "api/security/csp-report", "{}", sent(cookies))).status).toBe(204);
  });

  it("uses it from pages of this server, not from those of another port", async () => {
    const { cookies } = await logIn();
    const fetched = (headers: Record<string, string>) =>
      ask("GET", "files/a", undefined, { ...sent(cookies), ...headers });
    expect((await fetched({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "no-cors" })).status).toBe(200);
    expect((await fetched({ "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
    expect((await fetched({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" })).status).toBe(403);
    expect((await fetched({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).status).toBe(200);
    expect((await fetched({ origin: "http://127.0.0.1:1" })).status).toBe(403);
    expect((await fetched({ origin: "null" })).status).toBe(403);
  });

  it("opens WebSockets by its cookie", async () => {
    const { cookies } = await logIn();
    const open = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${server.url.replace("http", "ws")}api/events/subscribe`, { headers });
        socket.on("open", () => {
          socket.close();
          resolve("open");
        });
        socket.on("error", (error) => resolve(error.message));
      });
    expect(await open({ ...sent(cookies), origin: server.url.slice(0, -1) })).toBe("open");
    expect(await open({ ...sent(cookies), origin: "http://127.0.0.1:1" })).toMatch("403");
    expect(await open({ cookie: "gradbook-login-80=1" })).toMatch("403");
  });

  it("can be logged out", async () => {
    const { cookies } = await logIn();
    const answer = await ask("GET", "logout", undefined, { ...visit, ...sent(cookies) });
    expect(answer.headers["set-cookie"]).toEqual([expect.stringMatching(/^gradbook-login-\d+=; Max-Age=0; Path=\//)]);
    expect((await ask("GET", "api/kernels", undefined, sent(cookies))).status).toBe(403);
  });
});

describe("a browser without the token", () => {
  const form = (fields: Record<string, string>) =>
    ask("POST", "login", new URLSearchParams(fields).toString(), {
      "content-type": "application/x-www-form-urlencoded",
      origin: server.url.slice(0, -1),
    });

  it("is told where the token is, and asked for it", async () => {
    const answer = await ask("GET", 'lab/tree/a"><b>.ipynb?x=1&token=wrong', undefined, visit);
    expect(answer).toMatchObject({ status: 403, text: expect.stringMatching(/printed in the terminal/) });
    expect(answer.text).toContain('value="/lab/tree/a%22%3E%3Cb%3E.ipynb?x=1"');
    expect(answer.text).toContain("not the token of the server that runs now");
    expect(answer.headers["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await ask("GET", "login", undefined, visit)).status).toBe(200);
  });

  it("is let in with it, to where it wanted to go", async () => {
    const answer = await form({ token: ` ${server.token}\n`, next: "/lab/tree/a%20b?x=1" });
    expect(answer).toMatchObject({ status: 303, headers: { location: "/lab/tree/a%20b?x=1" } });
    expect((await ask("GET", "lab", undefined, sent(cookiesOf(answer)))).text).toBe("the page");
    expect(await form({ token: "wrong", next: "/lab" })).toMatchObject({ status: 403 });
    expect(await form({})).toMatchObject({ status: 403 });
  });

  it("is sent to no other server", async () => {
    for (const next of [
      "//evil.org",
      "/\\evil.org",
      "https://evil.org",
      "/\t/evil.org",
      "javascript:1",
      "\\\\evil.org",
    ])
      expect((await form({ token: server.token, next })).headers.location, next).toBe("/");
    expect((await ask("GET", `//evil.org/?token=${server.token}`, undefined, visit)).headers.location).toMatch(
      /^\/[^/]/,
    );
  });

  it("is not let in from the page of another server", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded", origin: "https://evil.org" };
    expect((await ask("POST", "login", `token=${server.token}`, headers)).status).toBe(403);
  });
});

it("every answer says that it is what it says, and that no other page may show it", async () => {
  for (const [path, headers] of [
    ["api", {}],
    ["api/none", { authorization: `token ${server.token}` }],
    ["lab", {}],
    ["lab", visit],
  ] as const)
    expect((await ask("GET", path, undefined, headers)).headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "content-security-policy": expect.stringMatching(/frame-ancestors '(self|none)'/),
    });
});
