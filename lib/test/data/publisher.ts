import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import { cacheFolder } from "../../src/data/download/folders.ts";
import type { data } from "../../src/index.ts";

export const content = randomBytes(300_000);
export const digest = `sha256:${createHash("sha256").update(content).digest("hex")}` as const;

export type Behaviour = (request: IncomingMessage, response: ServerResponse, from: number) => void;
let http: Server;

/** What happens in the test under way. */
export const here = {
  /** How the server answers. */
  behaviour: undefined as unknown as Behaviour,
  /** The range that each request asked for. */
  requests: [] as (string | undefined)[],
  folder: "",
  /** What has been shown. */
  screen: "",
  /** Where that comes which this process has of the file asked for last. */
  latest: "",
  /** Files published so far. */
  number: 0,
};

beforeAll(async () => {
  http = createServer((request, response) => {
    here.requests.push(request.headers.range);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    here.behaviour(request, response, from);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => http.close(resolve)));

beforeEach(() => {
  here.folder = mkdtempSync(join(tmpdir(), "gradbook-download-"));
  vi.stubEnv("XDG_CACHE_HOME", join(here.folder, "cache"));
  vi.stubEnv("GRADBOOK_DATA", "");
  here.requests = [];
  here.screen = "";
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(here.folder, { recursive: true });
});

export const address = (path = "set.bin") => `http://127.0.0.1:${(http.address() as AddressInfo).port}/${path}`;
export const published = (urls = [address()]): data.PublishedFile => {
  const file: data.PublishedFile = { place: `sets/${here.number++}.bin`, urls, digest };
  here.latest = partOf(file, `${process.pid}-${threadId}.`);
  return file;
};
export const options = {
  pause: 1,
  retries: 2,
  patience: 20_000,
  screen: {
    write: (text: string) => {
      here.screen += text;
    },
  },
};
/** What is left of a file, or what a process has of it. */
export const partOf = (file: data.PublishedFile, owner = "") => join(cacheFolder(), `${file.place}.${owner}part`);
export const left = (path: string, bytes: Uint8Array) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
};

/** A well-behaved server: ranges, lengths, all that was asked for. */
export const good: Behaviour = (_, response, from) => {
  if (from >= content.length) return void response.writeHead(416).end();
  const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from > 0 ? 206 : 200, { "content-length": content.length - from, ...(from > 0 ? range : {}) });
  response.end(content.subarray(from));
};
/** Sends so many bytes and, when they have arrived, drops the connection. */
export const dropping =
  (bytes: number, sent: Uint8Array = content): Behaviour =>
  (_, response, from) => {
    const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from > 0 ? 206 : 200, { "content-length": content.length - from, ...(from > 0 ? range : {}) });
    response.write(sent.subarray(from, from + bytes));
    const arrived = () => bytes === 0 || (existsSync(here.latest) && statSync(here.latest).size >= from + bytes);
    const watch = setInterval(() => {
      if (!arrived()) return;
      clearInterval(watch);
      response.destroy();
    }, 5);
  };
