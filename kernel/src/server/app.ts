import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { FoundKernelSpec } from "../install/kernelspec.ts";
import { OWN_NAME } from "../install/kernelspec.ts";
import { Problem } from "../problem.ts";
import { ownVersion } from "../version.ts";
import { type Asking, refusalOf, showsToken } from "./access.ts";
import { type KernelRequest, type Kernels, NotFound } from "./kernels.ts";
import type { SessionRequest, Sessions } from "./sessions.ts";

/** The longest body of a request, in bytes. */
const LONGEST_BODY = 1024 * 1024;

/** What the API speaks of. */
export interface Served {
  kernels: Kernels;
  sessions: Sessions;
  token: string;
  /** Further routes, such as those of a page. */
  page?: Hono | undefined;
}

/** The HTTP part of the Jupyter Server API that running code needs. */
export function createApp({ kernels, sessions, token, page }: Served): Hono {
  const app = new Hono();
  const started = new Date().toISOString();

  app.use(async (context, next) => {
    const asking = askingOf(context);
    const refusal = refusalOf(asking);
    if (refusal) return context.json({ message: refusal.message }, refusal.status);
    // The version is no secret: clients look for it to see whether a server is there.
    if (context.req.path.replace(/\/$/, "") !== "/api" && !showsToken(asking, token))
      return context.json({ message: "The token is missing or wrong." }, 403);
    return next();
  });
  app.use(
    bodyLimit({
      maxSize: LONGEST_BODY,
      onError: (context) => context.json({ message: `The request is longer than ${LONGEST_BODY} bytes.` }, 413),
    }),
  );
  app.onError((error, context) => {
    if (error instanceof NotFound) return context.json({ message: error.message }, 404);
    if (error instanceof BadRequest) return context.json({ message: error.message }, 400);
    if (!(error instanceof Problem)) console.error(error);
    return context.json({ message: error.message }, 500);
  });
  app.notFound((context) => context.json({ message: `${context.req.method} ${context.req.path}: not found.` }, 404));

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

  app.get("/api/kernelspecs", async (context) => {
    const specs = await kernels.specs();
    return context.json({
      default: OWN_NAME,
      kernelspecs: Object.fromEntries(specs.map((found) => [found.name, specModel(found)])),
    });
  });
  app.get("/api/kernelspecs/:name", async (context) => {
    const name = context.req.param("name");
    const found = (await kernels.specs()).find((spec) => spec.name === name);
    if (!found) throw new NotFound(`The kernel ${JSON.stringify(name)} is not installed.`);
    return context.json(specModel(found));
  });

  app.get("/api/kernels", (context) => context.json(kernels.list().map(({ model }) => model)));
  app.post("/api/kernels", async (context) => {
    const { model } = await kernels.start(await bodyOf<KernelRequest>(context));
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
    context.json(await sessions.create(await bodyOf<SessionRequest>(context)), 201),
  );
  app.get("/api/sessions/:id", (context) => context.json(sessions.get(context.req.param("id"))));
  app.patch("/api/sessions/:id", async (context) =>
    context.json(await sessions.change(context.req.param("id"), await bodyOf<SessionRequest>(context))),
  );
  app.delete("/api/sessions/:id", async (context) => {
    await sessions.delete(context.req.param("id"));
    return context.body(null, 204);
  });
  if (page) app.route("/", page);
  return app;
}

class BadRequest extends Problem {
  override readonly name = "BadRequest";
}

/** The fields of a request of which every known one has the type it should have. */
async function bodyOf<Body extends object>(context: Context): Promise<Body> {
  const text = await context.req.text();
  if (text.trim() === "") return {} as Body;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`The body is not JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BadRequest("The body is no JSON object.");
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(value)) {
    // Clients send null for what they do not know.
    if (field === null) continue;
    const expected = name === "kernel" || name === "env" ? "object" : "string";
    if (["name", "path", "cwd", "type", "kernel", "env"].includes(name) && typeof field !== expected)
      throw new BadRequest(
        `${name} is ${JSON.stringify(field)}, expected ${expected === "string" ? "a text" : "an object"}.`,
      );
    fields.push([name, field]);
  }
  return Object.fromEntries(fields) as Body;
}

function askingOf({ req }: Context): Asking {
  return {
    host: req.header("host"),
    origin: req.header("origin"),
    authorization: req.header("authorization"),
    token: req.query("token") ?? null,
  };
}

function specModel({ name, spec }: FoundKernelSpec) {
  const { argv, display_name, language, interrupt_mode = "signal", env = {}, metadata = {} } = spec;
  return { name, spec: { argv, display_name, language, interrupt_mode, env, metadata }, resources: {} };
}
