import { timingSafeEqual } from "node:crypto";

/** The parts of a request that decide whether it is let in. */
export interface Asking {
  host: string | undefined;
  origin: string | undefined;
  authorization: string | undefined;
  /** The `token` of the address. */
  token: string | null;
}

/** Why a request is refused. */
export interface Refusal {
  status: 401 | 403;
  message: string;
}

const LOOPBACK = /^(localhost|[\w-]+\.localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/**
 * Decides whether a request comes from this machine's user. The Host must name this machine: a page of somebody else's,
 * whose name was made to point here, sends its own. The Origin, which browsers add, must be this server.
 */
export function refusalOf({ host = "", origin }: Asking): Refusal | undefined {
  if (!LOOPBACK.test(host))
    return {
      status: 403,
      message: `The host ${JSON.stringify(host)} is not this machine. Use http://127.0.0.1 or http://localhost.`,
    };
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return { status: 403, message: `Pages of ${origin} may not use this server.` };
  return undefined;
}

/** Whether a request shows the server's token: as `Authorization: token …` (or `Bearer …`), or in its address. */
export function showsToken(
  { authorization, token }: Pick<Asking, "authorization" | "token">,
  expected: string,
): boolean {
  if (expected === "") return true;
  return sameText(/^(?:token|bearer) +(.+)$/i.exec(authorization ?? "")?.[1] ?? token ?? "", expected);
}

/** Compares secrets in a time that tells nothing of where they differ. */
export function sameText(shown: string, expected: string): boolean {
  const [a, b] = [Buffer.from(shown), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
