import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { Problem } from "../problem.ts";
import { SILENT } from "./content-policy.ts";
import { fileRoutes } from "./contents/files.ts";
import { contentsRoutes } from "./contents/routes.ts";
import { gate } from "./gate.ts";
import { type General, generalRoutes } from "./general-routes.ts";
import { kernelRoutes } from "./kernel-routes.ts";
import { loginRoutes } from "./login-page.ts";
import type { Keys } from "./logins.ts";
import { HttpProblem } from "./problems.ts";
import type { Sessions } from "./sessions.ts";

/** The longest body of a request, in bytes. */
const LONGEST_BODY = 1024 * 1024;
/** The same when it carries a document: what just fits into a string. */
const LONGEST_DOCUMENT = 512_000_000;

/** What the API speaks of. */
export interface Served extends Keys, General {
  sessions: Sessions;
  /** Further routes, such as those of a page. */
  page?: Hono | undefined;
}

/** The HTTP part of the Jupyter Server API. */
export function createApp(served: Served): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      // With "no-referrer" browsers would hide from us, too, where a form comes from.
      referrerPolicy: "same-origin",
      // There is no HTTPS here.
      strictTransportSecurity: false,
      // What routes say themselves holds.
      overwrite: false,
    }),
  );
  app.use(async (context, next) => {
    await next();
    // Pages bring a policy of their own.
    if (!context.res.headers.has("Content-Security-Policy")) context.header("Content-Security-Policy", SILENT);
  });
  app.use(gate(served));
  app.use("/api/contents/*", longestBody(LONGEST_DOCUMENT));
  const short = longestBody(LONGEST_BODY);
  app.use((context, next) => (context.req.path.startsWith("/api/contents/") ? next() : short(context, next)));
  app.onError((error, context) => {
    if (error instanceof HttpProblem) return context.json({ message: error.message }, error.status);
    if (!(error instanceof Problem)) console.error(error);
    return context.json({ message: error.message }, 500);
  });
  app.notFound((context) => context.json({ message: `${context.req.method} ${context.req.path}: not found.` }, 404));

  app.route("/", loginRoutes(served));
  app.route("/", generalRoutes(served));
  app.route("/", kernelRoutes(served.kernels, served.sessions));
  app.route("/", contentsRoutes(served.contents));
  app.route("/", fileRoutes(served.contents));
  if (served.page) {
    app.route("/", served.page);
    app.get("/", (context) => context.redirect("/lab"));
  }
  return app;
}

function longestBody(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: (context) => context.json({ message: `The request is longer than ${maxSize} bytes.` }, 413),
  });
}
