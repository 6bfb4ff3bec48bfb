import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { showsToken } from "./access.ts";
import { logIn, logOut } from "./login-cookies.ts";
import type { Keys } from "./logins.ts";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#222}input,button{font:inherit;padding:.4rem .6rem}input{width:100%;box-sizing:border-box;margin:.3rem 0 1rem}code{background:#eee;padding:0 .2rem}.wrong{color:#a00}";

/** `/login` and `/logout`. */
export function loginRoutes({ token, logins }: Keys): Hono {
  const app = new Hono();
  app.get("/login", (context) => loginPage(context, here(context.req.query("next")), false, 200));
  app.post("/login", async (context) => {
    const form = await context.req.parseBody();
    const next = here(form.next);
    const shown = typeof form.token === "string" ? form.token.trim() : "";
    if (!showsToken({ authorization: undefined, token: shown }, token)) return loginPage(context, next, true);
    logIn(context, logins);
    return context.redirect(next, 303);
  });
  app.on(["GET", "POST"], "/logout", (context) => {
    logOut(context, logins);
    return page(
      context,
      html`<h1>Logged out</h1><p>This browser needs the token again. <a href="/login">Log in</a></p>`,
    );
  });
  return app;
}

/** The page that asks for the token. @param next where to go on with it, within this server */
export function loginPage(context: Context, next: string, wrong: boolean, status: 200 | 403 = 403) {
  const complaint = wrong ? html`<p class="wrong">This is not the token of the server that runs now.</p>` : "";
  return page(
    context,
    html`<h1>Token needed</h1>
      ${complaint}
      <p>Only whoever has this server's token may use it. It was printed in the terminal in which the server was started: the part of the address behind <code>?token=</code>.</p>
      <form method="post" action="/login">
        <label>Token<input name="token" type="password" autocomplete="off" autofocus required></label>
        <input name="next" type="hidden" value="${next}">
        <button>Log in</button>
      </form>`,
    status,
  );
}

function page(context: Context, content: ReturnType<typeof html>, status: 200 | 403 = 200) {
  context.header("Content-Security-Policy", POLICY);
  context.header("Cache-Control", "no-store");
  return context.html(
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Gradbook</title><style>${STYLE}</style></head><body>${content}</body></html>`,
    status,
  );
}

/** An address within this server; anything else becomes the start page. */
function here(address: unknown): string {
  return typeof address === "string" && /^\/(?![/\\])[^\s\\]*$/.test(address) ? address : "/";
}
