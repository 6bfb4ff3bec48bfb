import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { broken, type Check, ok } from "./check.ts";
import { run } from "./trial.ts";

const trial = fileURLToPath(new URL("zeromq-trial.js", import.meta.url));

/** The machine's own address, over which kernels and clients talk. */
export const loopback: Check = {
  name: "Local connections",
  run: async () => {
    try {
      await connectToSelf();
      return [ok("Programs on this machine reach each other at 127.0.0.1.")];
    } catch (error) {
      return [
        broken(
          `Programs on this machine do not reach each other at 127.0.0.1: ${(error as Error).message}.`,
          "Look for a firewall or a sandbox without a network of its own (ip link set lo up).",
        ),
      ];
    }
  },
};

function connectToSelf(): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end()).once("error", reject);
    const done = (client: Socket, error?: Error) => {
      client.destroy();
      server.close();
      if (error) reject(error);
      else resolve();
    };
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      const client = connect({ port, host: "127.0.0.1", timeout: 5000 }, () => done(client));
      client.once("error", (error) => done(client, error));
      client.once("timeout", () => done(client, new Error("no answer within 5 s")));
    });
  });
}

/** Loads ZeroMQ and sends a message there and back. Resolves with what keeps it from working, if anything does. */
export async function tryZeromq(): Promise<string | undefined> {
  const { status, stdout, stderr } = await run([trial], 20_000);
  if (status === 0 && stdout.includes("are you there")) return undefined;
  return /^\w*Error.*/m.exec(stderr)?.[0] ?? (stderr.trim().split("\n").at(-1) || `its process ended with ${status}`);
}

/** ZeroMQ, which carries the kernel's messages. */
export const zeromq: Check = {
  name: "ZeroMQ",
  run: async (patient) => {
    const start = performance.now();
    const problem = await patient.zeromqProblem();
    if (problem === undefined)
      return [ok(`ZeroMQ carries messages; loading and trying it took ${Math.round(performance.now() - start)} ms.`)];
    return [
      broken(
        `ZeroMQ does not work here: ${problem}.`,
        "Install it anew, with this Node and without --ignore-scripts or --omit=optional: npm install -g @gradbook/kernel",
      ),
    ];
  },
};
