import type { Context, MiddlewareHandler } from "hono";
import { type Asking, refusalOf, sameText, showsToken } from "./access.ts";
import { REPORTS } from "./content-policy.ts";
import { logIn, setXsrfCookie, XSRF_COOKIE, xsrfCookie } from "./login-cookies.ts";
import { loginPage } from "./login-page.ts";
import type { Keys } from "./logins.ts";

/** What anybody on this machine may ask: whether a server is there, and to be let in. */
const OPEN = /^\/(api|login|logout)\/?$/;
const HARMLESS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Lets requests in that come from this machine's user: programs by the server's token, pages by the cookie that a
 * browser gets for the token. As browsers send cookies unasked, a page must also prove that it is ours.
 */
export function gate({ token, logins }: Keys): MiddlewareHandler {
  return async (context, next) => {
    const asking = askingOf(context);
    const refusal = refusalOf(asking);
    if (refusal) return context.json({ message: refusal.message }, refusal.status);
    if (OPEN.test(context.req.path)) return next();
    if (showsToken(asking, token)) {
      if (!isPageVisit(context) || asking.token === null || token === "") return next();
      // The token shall not stay in the address bar, in the history and in bookmarks.
      logIn(context, logins);
      return context.redirect(addressWithoutToken(context), 302);
    }
    if (!logins.includes(context.req.header("cookie"), asking.host)) {
      if (isPageVisit(context)) return loginPage(context, addressWithoutToken(context), asking.token !== null);
      return context.json({ message: "The token is missing or wrong." }, 403);
    }
    const objection = objectionTo(context);
    if (objection !== undefined) return context.json({ message: objection }, 403);
    if (isPageVisit(context) && !xsrfCookie(context)) setXsrfCookie(context);
    return next();
  };
}

/** Why a request that is known by its cookie is not one of our pages. */
function objectionTo(context: Context): string | undefined {
  const { req } = context;
  const site = req.header("sec-fetch-site") ?? "none";
  const visits = req.header("sec-fetch-mode") === "navigate" && HARMLESS.has(req.method);
  if (site !== "same-origin" && site !== "none" && !visits) return "Pages of another server may not use this one.";
  // Browsers send these reports by themselves.
  if (HARMLESS.has(req.method) || req.path === REPORTS) return undefined;
  const shown = req.header("x-xsrftoken") ?? req.header("x-csrftoken") ?? req.query(XSRF_COOKIE);
  const expected = xsrfCookie(context);
  if (shown !== undefined && expected && sameText(shown, expected)) return undefined;
  return `The request must repeat the cookie ${XSRF_COOKIE} in the header X-XSRFToken. Load the page anew.`;
}

/** Whether a browser shows the answer as a page. */
function isPageVisit({ req }: Context): boolean {
  return req.method === "GET" && (req.header("accept") ?? "").includes("text/html");
}

/** The address within this server, as a browser should show it. */
function addressWithoutToken({ req }: Context): string {
  const { pathname, searchParams } = new URL(req.url);
  searchParams.delete("token");
  const query = searchParams.toString();
  // Two slashes in front would name another server.
  return `${pathname.replace(/^\/{2,}/, "/")}${query && `?${query}`}`;
}

function askingOf({ req }: Context): Asking {
  return {
    host: req.header("host"),
    origin: req.header("origin"),
    authorization: req.header("authorization"),
    token: req.query("token") ?? null,
  };
}
