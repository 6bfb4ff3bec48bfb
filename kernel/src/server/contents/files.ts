import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { SANDBOXED } from "../content-policy.ts";
import { BadRequest } from "../problems.ts";
import type { Contents } from "./contents.ts";
import { withFiles } from "./file-problem.ts";
import { contentTypeOf } from "./media-types.ts";
import { quoted } from "./root-folder.ts";
import { pathBehind } from "./routes.ts";

const PREFIX = "/files";

/** The files themselves: for links and pictures in documents, and for downloads (`?download=1`). */
export function fileRoutes(contents: Contents): Hono {
  const app = new Hono();
  app.get(`${PREFIX}/*`, async (context, next) => {
    const path = pathBehind(context, PREFIX);
    const { file, name } = await withFiles(path, async () => {
      const place = await contents.root.place(path);
      const file = await contents.root.target(place);
      if (!(await stat(file)).isFile())
        throw new BadRequest(`${quoted(path)} is no file. Only files can be downloaded.`);
      return { file, name: place.name };
    });
    const response = await serveStatic({ root: dirname(file), path: basename(file) })(context, next);
    if (!response) return undefined;
    response.headers.set("Content-Type", contentTypeOf(name));
    // What a document says must not be able to act as the user: it gets an origin of its own.
    response.headers.set("Content-Security-Policy", SANDBOXED);
    response.headers.set("Cache-Control", "no-cache");
    if (context.req.query("download") !== undefined)
      response.headers.set("Content-Disposition", `attachment; filename*=UTF-8''${encodeURIComponent(name)}`);
    return response;
  });
  return app;
}
