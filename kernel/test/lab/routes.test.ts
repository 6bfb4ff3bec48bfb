import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { BuiltPage } from "../../src/lab/built-page.ts";
import { allowedOrigin } from "../../src/lab/page-policy.ts";
import { labRoutes } from "../../src/lab/routes.ts";
import { HttpProblem } from "../../src/server/problems.ts";
import { writeNotebook } from "./lab-page.ts";

const plugin = "@jupyter-widgets/jupyterlab-manager:plugin";

let app: ReturnType<typeof labRoutes>;
let root: string;
let kept: string;
let page: BuiltPage;

/** Files as a build leaves them, with one plugin that has settings. */
async function builtFiles(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gradbook-page-"));
  const schemas = join(folder, "schemas", "@jupyter-widgets", "jupyterlab-manager");
  await mkdir(schemas, { recursive: true });
  await mkdir(join(folder, "static"));
  await mkdir(join(folder, "themes"));
  await writeFile(join(folder, "static", "main.js"), "start();");
  await writeFile(join(schemas, "plugin.json"), JSON.stringify({ properties: { saveState: { default: false } } }));
  await writeFile(join(schemas, "version.txt"), "5.0.16");
  return folder;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "gradbook-root-"));
  kept = await mkdtemp(join(tmpdir(), "gradbook-kept-"));
  page = { folder: await builtFiles(), scripts: ["main.js"] };
  app = labRoutes({ page, root, kept });
  // As the server does, which these routes are part of.
  app.onError((error, context) =>
    context.json({ message: error.message }, error instanceof HttpProblem ? error.status : 500),
  );
});

const ask = async (path: string, method = "GET", body?: unknown) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return app.request(path, { method, ...(body !== undefined && { body: text }) });
};
// biome-ignore lint/suspicious/noExplicitAny: tests compare answers of any shape.
const answered = async (path: string): Promise<any> => (await ask(path)).json();

describe("the page", () => {
  test("knows the document and the arrangement that its address names, and tells nothing to scripts of the document", async () => {
    const html = await (await ask("/lab/workspaces/mine/tree/a%20folder/%3C%2Fscript%3E.ipynb")).text();
    const config = JSON.parse(/type="application\/json">(.*?)<\/script>/s.exec(html)![1]!);
    expect(config).toMatchObject({ workspace: "mine", treePath: "a folder/</script>.ipynb", token: "" });
    expect(html).toContain('src="/static/lab/main.js"');
    expect((await ask("/")).headers.get("location")).toBe("/lab");
  });

  test("may load code from this server alone, and from where its user allows it", async () => {
    const policies = async (allowed?: string[]): Promise<Record<string, string[]>> => {
      const routes = labRoutes({ page, root, kept, ...(allowed && { allowed }) });
      const policy = (await routes.request("/lab", { headers: { host: "127.0.0.1:8888" } })).headers.get(
        "content-security-policy",
      )!;
      return Object.fromEntries(
        policy.split("; ").map((directive) => {
          const [name, ...sources] = directive.split(" ");
          return [name, sources.filter((source) => /^(https?:|ws:|\*)/.test(source))];
        }),
      );
    };
    const passive = ["img-src", "media-src", "frame-src"];
    const elsewhere = Object.entries(await policies()).filter(([, sources]) => sources.length > 0);
    expect(Object.fromEntries(elsewhere)).toEqual({
      ...Object.fromEntries(passive.map((name) => [name, ["https:", "http:"]])),
      "connect-src": ["ws://127.0.0.1:8888"],
    });
    const more = await policies(["https://esm.sh"]);
    for (const name of ["script-src", "style-src", "font-src", "connect-src"])
      expect(more[name], name).toContain("https://esm.sh");
    expect([more["base-uri"], more["form-action"], more["frame-ancestors"]]).toEqual([[], [], []]);
  });

  test.each(["esm.sh", "https:", "*", "javascript:1", "https://a.org;script-src *", "data:text/html,x", "file:///x"])(
    "takes %s for no origin",
    (text) => {
      expect(() => allowedOrigin(text)).toThrow("An origin is needed");
    },
  );

  test("takes the origin of an address", () => {
    expect(allowedOrigin("https://esm.sh/react@18", ["https://a.org"])).toEqual(["https://a.org", "https://esm.sh"]);
  });

  test("has files that may be kept for ever, and none from elsewhere", async () => {
    const script = await ask("/static/lab/main.js");
    expect([await script.text(), script.headers.get("cache-control")]).toEqual([
      "start();",
      "public, max-age=31536000, immutable",
    ]);
    for (const path of ["/static/lab/none.js", "/static/lab/..%2fpage.json", "/static/lab/%2e%2e/schemas/version.txt"])
      expect((await ask(path)).status).toBe(404);
  });
});

describe("settings", () => {
  test("have our defaults, and keep what the user writes, comments too", async () => {
    const before = await answered(`/lab/api/settings/${plugin}`);
    expect(before).toMatchObject({ id: plugin, version: "5.0.16", raw: "{}", settings: {}, warning: null });
    expect(before.schema.properties.saveState.default).toBe(true);
    const raw = "{ // never\n saveState: false }";
    expect((await ask(`/lab/api/settings/${plugin}`, "PUT", { raw })).status).toBe(204);
    expect(await answered(`/lab/api/settings/${plugin}`)).toMatchObject({ raw, settings: { saveState: false } });
    expect((await answered("/lab/api/settings")).settings).toHaveLength(1);
    expect(await answered("/lab/api/settings?ids_only=true")).toEqual({ settings: [{ id: plugin }] });
  });

  test("are refused where they cannot be read, and fall back to the defaults where a file is damaged", async () => {
    expect((await ask(`/lab/api/settings/${plugin}`, "PUT", { raw: "{" })).status).toBe(400);
    expect((await ask(`/lab/api/settings/${plugin}`, "PUT", {})).status).toBe(400);
    expect((await ask(`/lab/api/settings/${plugin}`, "PUT", "no JSON")).status).toBe(400);
    expect((await ask("/lab/api/workspaces/x", "PUT", { data: 1 })).status).toBe(400);
    expect((await ask("/lab/tree/%E0%A4%A.ipynb")).status).toBe(200);
    for (const id of ["none:plugin", "../../etc:passwd", "%2e%2e/x:y", "none"])
      for (const method of ["GET", "PUT"] as const)
        expect(
          (await ask(`/lab/api/settings/${id}`, method, method === "PUT" ? { raw: "{}" } : undefined)).status,
        ).toBe(404);
    await writeFile(join(kept, "settings", `${plugin.replace(":", "/")}.json5`), "{ half");
    const { settings, warning } = await answered(`/lab/api/settings/${plugin}`);
    expect([settings, warning]).toEqual([{}, expect.stringContaining("The defaults are used.")]);
  });
});

test("workspaces are kept one by one, whatever their names are, also when saved twice at once", async () => {
  const id = encodeURIComponent("../a b");
  expect(await answered(`/lab/api/workspaces/${id}`)).toEqual({ data: {}, metadata: { id: "../a b" } });
  const data = { open: ["x".repeat(100_000)] };
  const saved = await Promise.all(
    Array.from({ length: 8 }, () => ask(`/lab/api/workspaces/${id}`, "PUT", { data, metadata: { id: "other" } })),
  );
  expect(saved.map(({ status }) => status)).toEqual(Array(8).fill(204));
  expect(await answered(`/lab/api/workspaces/${id}`)).toEqual({ data, metadata: { id: "../a b" } });
  expect((await answered("/lab/api/workspaces")).workspaces.ids).toEqual(["../a b"]);
  // Another folder has its own: the documents of this one are not there.
  const other = labRoutes({ page: { folder: await builtFiles(), scripts: [] }, root: join(root, "other"), kept });
  expect(await (await other.request("/lab/api/workspaces")).json()).toEqual({ workspaces: { ids: [], values: [] } });
  expect((await ask(`/lab/api/workspaces/${id}`, "DELETE")).status).toBe(204);
  expect((await answered("/lab/api/workspaces")).workspaces.ids).toEqual([]);
});

test("notebooks are listed with their heading and first prose; what is none is left out", async () => {
  await mkdir(join(root, "01-first", "deeper", "too-deep"), { recursive: true });
  await mkdir(join(root, "node_modules"));
  const text = "# A *first* [one](x)\n\n*Somebody, 1998*\n\nIt is about\n`this`.\n\nAnd more.";
  await writeNotebook(join(root, "01-first", "notebook.ipynb"), [text, "1 + 1"]);
  await writeNotebook(join(root, "01-first", "deeper", "plain.ipynb"), ["1 + 1"]);
  await writeNotebook(join(root, "01-first", "deeper", "too-deep", "x.ipynb"), ["1"]);
  await writeNotebook(join(root, "node_modules", "x.ipynb"), ["1"]);
  await writeNotebook(join(root, "02-late.ipynb"), ["1", "2", "# Below its code\n\nSaid late."]);
  await writeFile(join(root, "broken.ipynb"), "{");
  expect(await answered("/lab/api/notebooks")).toEqual([
    { path: "01-first/deeper/plain.ipynb", title: "plain", summary: "" },
    { path: "01-first/notebook.ipynb", title: "A first one", summary: "It is about this." },
    { path: "02-late.ipynb", title: "Below its code", summary: "Said late." },
  ]);
});
