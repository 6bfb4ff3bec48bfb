import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import * as v from "valibot";
import { type FoundKernelSpec, logoFolder, OWN_NAME } from "../install/kernelspec.ts";
import { contentTypeOf } from "./contents/media-types.ts";
import type { Kernels } from "./kernels.ts";
import { NotFound } from "./problems.ts";
import { bodyOf, maybe } from "./request-body.ts";
import type { Sessions } from "./sessions.ts";

const text = maybe(v.string());
const kernelBody = v.object({ name: text, path: text, cwd: text, env: maybe(v.record(v.string(), v.string())) });
const sessionBody = v.object({
  path: text,
  name: text,
  type: text,
  kernel: maybe(v.object({ id: text, name: text })),
});

/** The files of a kernelspec that pages use. */
const RESOURCE = /^(logo-(?:32x32|64x64|svg)|kernel)\.(png|svg|js|css)$/;

/** Kernelspecs with their logos, kernels, and sessions. */
export function kernelRoutes(kernels: Kernels, sessions: Sessions): Hono {
  const app = new Hono();
  app.get("/api/kernelspecs", async (context) => {
    const models = await Promise.all((await kernels.specs()).map(specModel));
    return context.json({
      default: OWN_NAME,
      kernelspecs: Object.fromEntries(models.map((model) => [model.name, model])),
    });
  });
  app.get("/api/kernelspecs/:name", async (context) =>
    context.json(await specModel(await kernels.spec(context.req.param("name")))),
  );
  app.get("/kernelspecs/:name/:file", async (context, next) => {
    const { name, file } = context.req.param();
    const folder = folderOf(await kernels.spec(name));
    if (!folder || !RESOURCE.test(file)) throw new NotFound(`The kernel ${JSON.stringify(name)} has no file ${file}.`);
    const response = await serveStatic({ root: folder, path: file })(context, next);
    response?.headers.set("Content-Type", contentTypeOf(file));
    return response ?? context.notFound();
  });

  app.get("/api/kernels", (context) => context.json(kernels.list().map(({ model }) => model)));
  app.post("/api/kernels", async (context) => {
    const { model } = await kernels.start(withoutAbsent(await bodyOf(context, kernelBody)));
    return context.json(model, 201, { Location: `/api/kernels/${model.id}` });
  });
  app.get("/api/kernels/:id", (context) => context.json(kernels.get(context.req.param("id")).model));
  app.delete("/api/kernels/:id", async (context) => {
    await kernels.shutdown(context.req.param("id"));
    return context.body(null, 204);
  });
  app.post("/api/kernels/:id/interrupt", (context) => {
    kernels.get(context.req.param("id")).interrupt();
    return context.body(null, 204);
  });
  app.post("/api/kernels/:id/restart", async (context) => {
    const kernel = kernels.get(context.req.param("id"));
    await kernel.restart();
    return context.json(kernel.model);
  });

  app.get("/api/sessions", (context) => context.json(sessions.list()));
  app.post("/api/sessions", async (context) =>
    context.json(await sessions.create(withoutAbsent(await bodyOf(context, sessionBody))), 201),
  );
  app.get("/api/sessions/:id", (context) => context.json(sessions.get(context.req.param("id"))));
  app.patch("/api/sessions/:id", async (context) =>
    context.json(await sessions.change(context.req.param("id"), withoutAbsent(await bodyOf(context, sessionBody)))),
  );
  app.delete("/api/sessions/:id", async (context) => {
    await sessions.delete(context.req.param("id"));
    return context.body(null, 204);
  });
  return app;
}

/** The fields that were given. */
function withoutAbsent<Body extends object>(body: Body): { [Name in keyof Body]?: Exclude<Body[Name], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as never;
}

async function specModel(found: FoundKernelSpec) {
  const { name, spec } = found;
  const { argv, display_name, language, interrupt_mode = "signal", env = {}, metadata = {} } = spec;
  return {
    name,
    spec: { argv, display_name, language, interrupt_mode, env, metadata },
    resources: await resourcesOf(found),
  };
}

async function resourcesOf(found: FoundKernelSpec): Promise<Record<string, string>> {
  const folder = folderOf(found);
  const files = folder ? await readdir(folder).catch(() => []) : [];
  const address = (file: string) => `/kernelspecs/${encodeURIComponent(found.name)}/${file}`;
  return Object.fromEntries(
    files
      .filter((file) => RESOURCE.test(file))
      .map((file) => {
        // Logos are known by their names without the ending; scripts and styles by the whole name.
        const known = file.startsWith("logo-") ? basename(file).replace(/\.\w+$/, "") : file;
        return [known, address(file)];
      }),
  );
}

function folderOf({ name, folder }: FoundKernelSpec): string | undefined {
  return folder ?? (name === OWN_NAME ? logoFolder : undefined);
}
