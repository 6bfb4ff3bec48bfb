import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { Hono } from "hono";
import * as v from "valibot";
import { ownVersion } from "../version.ts";
import { BlockedOrigins, REPORTS } from "./content-policy.ts";
import type { Contents } from "./contents/contents.ts";
import type { Events } from "./events.ts";
import type { Kernels } from "./kernels.ts";
import { BadRequest, NotFound } from "./problems.ts";
import { bodyOf } from "./request-body.ts";

const eventBody = v.object({ schema_id: v.string(), version: v.unknown(), data: v.record(v.string(), v.unknown()) });

/** What these routes speak of. */
export interface General {
  kernels: Kernels;
  contents: Contents;
  events: Events;
  /** Ends the server, when what is asked now has been answered. */
  shutdown: () => void;
}

/** The parts of the API that are about the server itself. */
export function generalRoutes({ kernels, contents, events, shutdown }: General): Hono {
  const app = new Hono();
  const started = new Date().toISOString();

  app.get("/api", (context) => context.json({ version: ownVersion() }));
  app.get("/api/status", (context) => {
    const models = kernels.list().map(({ model }) => model);
    return context.json({
      started,
      last_activity: [started, ...models.map((model) => model.last_activity)].sort().at(-1),
      connections: models.reduce((sum, model) => sum + model.connections, 0),
      kernels: models.length,
    });
  });
  app.get("/api/me", (context) => {
    const name = "local";
    const identity = { username: name, name, display_name: name, initials: "L", avatar_url: null, color: null };
    return context.json({ identity, permissions: {} });
  });
  app.post("/api/events", async (context) => {
    const { schema_id, data } = await bodyOf(context, eventBody);
    events.emit(schema_id, data);
    return context.body(null, 204);
  });
  app.post("/api/shutdown", (context) => {
    shutdown();
    return context.json({});
  });
  // Where a path in an output leads: pages make links of those that lead somewhere.
  app.get("/api/resolvePath", async (context) => {
    const { path, kernel: id } = context.req.query();
    if (!path || path.includes("\0")) throw new BadRequest("Which path? It belongs into the address: ?path=…");
    const kernel = kernels.list().find((running) => running.id === id);
    const file = resolve(kernel?.folder ?? contents.root.folder, path.replace(/^~(?=\/|$)/, homedir()));
    const there = await stat(file).catch(() => undefined);
    const known = there && contents.root.pathOf(file);
    const scopes = [
      ...(known !== undefined ? [{ scope: "server", path: known }] : []),
      ...(there && kernel ? [{ scope: "kernel", path: file }] : []),
    ];
    return context.json({ resolved: scopes });
  });
  // Documents are exported with nbconvert, from a terminal; pages take the absence of an answer for an error.
  app.get("/api/nbconvert", (context) => context.json({}));
  const blocked = new BlockedOrigins();
  app.post(REPORTS, async (context) => {
    const said = blocked.note(await context.req.json().catch(() => undefined));
    if (said !== undefined) console.error(said);
    return context.body(null, 204);
  });
  app.all("/api/terminals/*", () => {
    throw new NotFound("This server has no terminals.");
  });
  return app;
}
