import type { KernelServer } from "./server.ts";
import { noteServer } from "./server-notes.ts";

/** Notes a server down for other programs of this user, and serves until it is shut down or the process told to end. */
export async function untilClosed(server: KernelServer, root: string, tell: () => unknown): Promise<void> {
  const forget = await noteServer(server.url, { token: server.token, root });
  let signals = 0;
  // A second signal does not wait for the kernels to end by themselves.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void server.close(signals++ === 0));
  await tell();
  await server.closed;
  await forget();
}
