import { getHashes, randomBytes, randomInt } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { Problem } from "../problem.ts";

/** What a Jupyter connection file says: where the five sockets are and the key that signs messages. */
export interface ConnectionInfo {
  readonly transport: string;
  readonly ip: string;
  readonly shell_port: number;
  readonly control_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly hb_port: number;
  readonly key: string;
  readonly signature_scheme: string;
  readonly kernel_name?: string;
}

/** The five channels of the protocol. */
export type Channel = "shell" | "control" | "iopub" | "stdin" | "hb";

/** All of them. */
export const channels: readonly Channel[] = ["shell", "control", "iopub", "stdin", "hb"];

/** The ZeroMQ address of one channel, for example `tcp://127.0.0.1:50321`. */
export function addressOf(connection: ConnectionInfo, channel: Channel): string {
  const port = connection[`${channel}_port`];
  return connection.transport === "ipc"
    ? `ipc://${connection.ip}-${port}`
    : `${connection.transport}://${connection.ip}:${port}`;
}

/**
 * Reads and checks a connection file.
 * @throws Problem when the file is missing, is no JSON, or lacks a port.
 */
export async function readConnectionFile(path: string): Promise<ConnectionInfo> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw incomplete(path, `it cannot be read (${error.message})`);
  });
  const info = parsed(text);
  if (!info) throw incomplete(path, "it holds no JSON object");
  for (const channel of channels) {
    const port = info[`${channel}_port`];
    if (!Number.isInteger(port) || port! < 1 || port! > 65_535)
      throw incomplete(path, `${channel}_port is ${JSON.stringify(port)}`);
  }
  const { transport = "tcp", ip = "127.0.0.1", key = "", signature_scheme = "hmac-sha256" } = info;
  if (!getHashes().some((hash) => signature_scheme === `hmac-${hash}`))
    throw incomplete(path, `signature_scheme is ${JSON.stringify(signature_scheme)}`);
  if (![transport, ip, key].every((text) => typeof text === "string"))
    throw incomplete(path, "transport, ip and key are not all text");
  return { ...(info as ConnectionInfo), transport, ip, key, signature_scheme };
}

function parsed(text: string): Partial<ConnectionInfo> | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? found : undefined;
  } catch {
    return undefined;
  }
}

function incomplete(path: string, what: string): Problem {
  return new Problem(
    `Connection file ${path}: ${what}, expected JSON with transport, ip, five ports, key and an hmac signature scheme. ` +
      "Jupyter writes one for each kernel that it starts.",
  );
}

/** Writes a connection file readable by its owner only: the key in it lets anyone run code. */
export async function writeConnectionFile(path: string, connection: ConnectionInfo): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
}

/** A connection on five free local ports with a fresh key: what a client makes up before it starts a kernel. */
export async function newConnection(kernelName = "gradbook"): Promise<ConnectionInfo> {
  const [shell, control, iopub, stdin, hb] = await freePorts(channels.length);
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: shell!,
    control_port: control!,
    iopub_port: iopub!,
    stdin_port: stdin!,
    hb_port: hb!,
    key: randomBytes(32).toString("hex"),
    signature_scheme: "hmac-sha256",
    kernel_name: kernelName,
  };
}

// Outside of the range from which systems take ports for outgoing connections: between our trying a port and the
// kernel's binding it, somebody's connection could otherwise be given the same one.
const lowestPort = 20_000;
const highestPort = 32_767;

/** What was given out and may not be bound yet: kernels that are started at the same time must not share a port. */
const givenOut = new Set<number>();

async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  // All are held open until the last is known, so that no port is handed out twice.
  while (servers.length < count) {
    const port = randomInt(lowestPort, highestPort + 1);
    if (givenOut.has(port)) continue;
    const server = await listening(port);
    if (!server) continue;
    // Most of them have long been given back by then.
    if (givenOut.size > (highestPort - lowestPort) / 2) givenOut.clear();
    givenOut.add(port);
    servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function listening(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(undefined);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
