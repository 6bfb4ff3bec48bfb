import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { refusalOf, showsToken } from "./access.ts";
import type { Events } from "./events.ts";
import type { Kernels } from "./kernels.ts";
import type { Keys } from "./logins.ts";

/** What WebSockets are opened to. */
export interface Connectable extends Keys {
  kernels: Kernels;
  events: Events;
}

/** What is done with a WebSocket once it is open, or the status with which it is refused. */
export type Admission = ((socket: WebSocket) => void) | string;

/** Decides about a request for a WebSocket. Browsers always send its Origin, which must be this server. */
export function admit({ url = "", headers }: IncomingMessage, served: Connectable): Admission {
  if (!url.startsWith("/") || !URL.canParse(url, "http://localhost")) return "400 Bad Request";
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const { host, origin, authorization, cookie } = headers;
  const asking = { host, origin, authorization, token: searchParams.get("token") };
  if (refusalOf(asking)) return "403 Forbidden";
  if (!showsToken(asking, served.token) && !served.logins.includes(cookie, host)) return "403 Forbidden";
  if (pathname === "/api/events/subscribe") return (socket) => served.events.subscribe(socket);
  const id = /^\/api\/kernels\/([^/]+)\/channels$/.exec(pathname)?.[1];
  const kernel = served.kernels.list().find((running) => running.id === id);
  if (!kernel) return "404 Not Found";
  const session = searchParams.get("session_id") ?? randomBytes(16).toString("hex");
  return (socket) => kernel.connect(session, socket);
}
