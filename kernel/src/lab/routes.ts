import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { surroundings, userConfigFolder } from "../install/jupyter-folders.ts";
import { NotFound } from "../server/problems.ts";
import { bodyOf } from "../server/request-body.ts";
import type { BuiltPage } from "./built-page.ts";
import { listNotebooks } from "./notebook-list.ts";
import { pageHtml } from "./page-html.ts";
import { pagePolicy } from "./page-policy.ts";
import { Settings } from "./settings.ts";
import { Workspaces } from "./workspaces.ts";

const settingBody = v.object({ raw: v.string() });
const workspaceBody = v.object({ data: v.record(v.string(), v.unknown()) });

/** What the page's routes need. */
export interface LabParts {
  readonly page: BuiltPage;
  /** The folder that the file browser shows. */
  readonly root: string;
  /** Where settings and workspaces are kept; the user's Jupyter settings folder unless given. */
  readonly kept?: string;
  /** Whether scripts of tests may reach the application as `window.jupyterapp`. */
  readonly exposed?: boolean;
  /** Origins whose scripts, styles and fonts the page may load, and to which it may connect. */
  readonly allowed?: readonly string[];
}

/** The routes of the JupyterLab page: itself, its files, and what it keeps. */
export function labRoutes({ page, root, kept, exposed = false, allowed }: LabParts): Hono {
  const folder = kept ?? join(userConfigFolder(surroundings()), "gradbook");
  const settings = new Settings(join(page.folder, "schemas"), join(folder, "settings"));
  // What was open in another folder is not there in this one.
  const ofRoot = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const workspaces = new Workspaces(join(folder, "workspaces", ofRoot));
  const app = new Hono();

  const html = (context: Context, workspace: string, treePath: string) =>
    context.html(pageHtml({ root, scripts: page.scripts, workspace, treePath, exposed }), 200, {
      "Cache-Control": "no-store",
      "Content-Security-Policy": pagePolicy(context.req.header("host") ?? "127.0.0.1", allowed),
    });
  app.get("/", (context) => context.redirect("/lab"));
  app.get("/lab", (context) => html(context, "default", ""));
  app.get("/lab/tree/:path{.+}", (context) => html(context, "default", context.req.param("path")));
  app.get("/lab/workspaces/:name", (context) => html(context, context.req.param("name"), ""));
  app.get("/lab/workspaces/:name/tree/:path{.+}", (context) =>
    html(context, context.req.param("name"), context.req.param("path")),
  );

  app.use("/static/lab/*", async (context, next) => {
    await next();
    // The names of the files change with their content.
    if (context.res.ok) context.res.headers.set("Cache-Control", "public, max-age=31536000, immutable");
  });
  app.use(
    "/static/lab/*",
    serveStatic({
      root: join(page.folder, "static"),
      rewriteRequestPath: (path) => path.replace("/static/lab", ""),
      precompressed: true,
    }),
  );
  app.use(
    "/lab/api/themes/*",
    serveStatic({
      root: join(page.folder, "themes"),
      rewriteRequestPath: (path) => path.replace("/lab/api/themes", ""),
    }),
  );
  app.get("/favicon.svg", async (context) =>
    context.body(await readFile(new URL("../../src/install/logo/logo-svg.svg", import.meta.url), "utf8"), 200, {
      "Content-Type": "image/svg+xml",
    }),
  );
  app.get("/favicon.ico", (context) => context.redirect("/favicon.svg"));

  app.get("/lab/api/notebooks", async (context) => context.json(await listNotebooks(root)));

  app.get("/lab/api/settings", async (context) => {
    const all = await settings.all();
    return context.json({ settings: context.req.query("ids_only") === "true" ? all.map(({ id }) => ({ id })) : all });
  });
  const missing = (id: string) => new NotFound(`The plugin ${id} has no settings.`);
  app.get("/lab/api/settings/:id{.+}", async (context) => {
    const id = context.req.param("id");
    const found = await settings.get(id);
    if (!found) throw missing(id);
    return context.json(found);
  });
  app.put("/lab/api/settings/:id{.+}", async (context) => {
    const id = context.req.param("id");
    const { raw } = await bodyOf(context, settingBody);
    if (!(await settings.set(id, raw))) throw missing(id);
    return context.body(null, 204);
  });

  app.get("/lab/api/workspaces", async (context) => {
    const values = await workspaces.all();
    return context.json({ workspaces: { ids: values.map(({ metadata }) => metadata.id), values } });
  });
  app.get("/lab/api/workspaces/:id", async (context) => context.json(await workspaces.get(context.req.param("id"))));
  app.put("/lab/api/workspaces/:id", async (context) => {
    const { data } = await bodyOf(context, workspaceBody);
    await workspaces.set(context.req.param("id"), data);
    return context.body(null, 204);
  });
  app.delete("/lab/api/workspaces/:id", async (context) => {
    await workspaces.delete(context.req.param("id"));
    return context.body(null, 204);
  });

  app.get("/lab/api/translations", (context) =>
    context.json({ data: { en: { displayName: "English", nativeName: "English" } }, message: "" }),
  );
  app.get("/lab/api/translations/:locale", (context) => context.json({ data: {}, message: "" }));
  app.get("/lab/api/licenses/", (context) => context.json({ bundles: {} }));
  return app;
}
