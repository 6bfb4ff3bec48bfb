import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { cookieIn, type Logins, loginCookie, newSecret } from "./logins.ts";

/** The cookie that a page's requests must repeat in a header or in the address. */
export const XSRF_COOKIE = "_xsrf";

/** Gives a browser the cookies by which its pages are known. */
export function logIn(context: Context, logins: Logins): void {
  const name = loginCookie(context.req.header("host"));
  setCookie(context, name, logins.open(), { path: "/", httpOnly: true, sameSite: "Lax" });
  if (!xsrfCookie(context)) setXsrfCookie(context);
}

/** Makes a browser forget them. */
export function logOut(context: Context, logins: Logins): void {
  const host = context.req.header("host");
  logins.close(context.req.header("cookie"), host);
  deleteCookie(context, loginCookie(host), { path: "/" });
}

/** What a page must repeat. */
export function xsrfCookie(context: Context): string | undefined {
  return cookieIn(context.req.header("cookie"), XSRF_COOKIE);
}

/** Gives a browser something to repeat; scripts of our pages can read it, those of others cannot. */
export function setXsrfCookie(context: Context): void {
  setCookie(context, XSRF_COOKIE, newSecret(), { path: "/", sameSite: "Lax" });
}
