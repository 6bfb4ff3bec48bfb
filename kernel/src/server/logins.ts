import { randomBytes } from "node:crypto";
import { parse } from "hono/utils/cookie";

/** How many browsers stay logged in; beyond that, the one that came first must show the token again. */
const MOST_LOGINS = 1000;

/** What opens the server. */
export interface Keys {
  token: string;
  logins: Logins;
}

/** Browsers that have shown the token. Each keeps a cookie with a random number, from which nothing else follows. */
export class Logins {
  readonly #ids = new Set<string>();

  /** @returns the value of the cookie by which the browser is known from now on. */
  open(): string {
    const id = newSecret();
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > MOST_LOGINS && oldest !== undefined) this.#ids.delete(oldest);
    return id;
  }

  /** Whether the cookies of a request say that its browser is logged in. */
  includes(cookies: string | undefined, host: string | undefined): boolean {
    const id = cookieIn(cookies, loginCookie(host));
    return id !== undefined && this.#ids.has(id);
  }

  /** Logs a browser out. */
  close(cookies: string | undefined, host: string | undefined): void {
    this.#ids.delete(cookieIn(cookies, loginCookie(host)) ?? "");
  }
}

/** The name of the cookie. Servers on one machine see each other's cookies: they differ by their ports. */
export function loginCookie(host = ""): string {
  return `gradbook-login-${/:(\d+)$/.exec(host)?.[1] ?? "80"}`;
}

/** The value of one of a request's cookies. */
export function cookieIn(cookies: string | undefined, name: string): string | undefined {
  return parse(cookies ?? "", name)[name];
}

/** A random text that nobody guesses. */
export function newSecret(): string {
  return randomBytes(32).toString("hex");
}
