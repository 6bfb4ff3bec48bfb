import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { cacheFolder } from "../../src/data/download/folders.ts";
import { data } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const content = randomBytes(300_000);
const digest = `sha256:${createHash("sha256").update(content).digest("hex")}` as const;

type Behaviour = (request: IncomingMessage, response: ServerResponse, from: number) => void;
let server: Server;
let behaviour: Behaviour;
let requests: (string | undefined)[] = [];
let folder: string;
let screen: string;
let number = 0;
/** What has come of the file that was asked for last. */
let latest = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.headers.range);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    behaviour(request, response, from);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-download-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  vi.stubEnv("GRADBOOK_DATA", "");
  requests = [];
  screen = "";
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const address = (path = "set.bin") => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
const published = (urls = [address()]): data.PublishedFile => {
  const file: data.PublishedFile = { place: `sets/${number++}.bin`, urls, digest };
  latest = partOf(file);
  return file;
};
const options = {
  pause: 1,
  retries: 2,
  patience: 20_000,
  screen: {
    write: (text: string) => {
      screen += text;
    },
  },
};
const partOf = (file: data.PublishedFile) => join(cacheFolder(), `${file.place}.part`);

/** A well-behaved server: ranges, lengths, all that was asked for. */
const good: Behaviour = (_, response, from) => {
  if (from >= content.length) return void response.writeHead(416).end();
  const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from > 0 ? 206 : 200, { "content-length": content.length - from, ...(from > 0 ? range : {}) });
  response.end(content.subarray(from));
};
/** Sends so many bytes and, when they have arrived, drops the connection. */
const dropping =
  (bytes: number): Behaviour =>
  (_, response, from) => {
    const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from > 0 ? 206 : 200, { "content-length": content.length - from, ...(from > 0 ? range : {}) });
    response.write(content.subarray(from, from + bytes));
    const arrived = () => bytes === 0 || (existsSync(latest) && statSync(latest).size >= from + bytes);
    const watch = setInterval(() => {
      if (!arrived()) return;
      clearInterval(watch);
      response.destroy();
    }, 5);
  };

describe("a download", () => {
  it("is kept in the cache, checked, and not made twice", async () => {
    behaviour = good;
    const file = published();
    const path = await data.download(file, options);
    expect(path).toBe(join(folder, "cache", "gradbook", file.place));
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(existsSync(partOf(file))).toBe(false);
    await data.download(file, options);
    expect(requests).toEqual([undefined]);
    // No terminal: one line.
    expect(screen).toMatch(/^sets\/\d+\.bin: downloaded 300 kB in \d+\.\d s\n$/);
  });

  it("shows a bar on a terminal", async () => {
    behaviour = good;
    await data.download(published(), { ...options, screen: { ...options.screen, isTTY: true } });
    expect(screen).toMatch(/[█░]{24} \d+ %, [\d.]+ kB of 300 kB/);
  });

  it("goes on where a dropped connection stopped", async () => {
    behaviour = (request, response, from) => (requests.length < 4 ? dropping(60_000) : good)(request, response, from);
    const path = await data.download(published(), options);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(requests.length).toBe(4);
    const starts = requests.slice(1).map((range) => Number(/\d+/.exec(range!)![0]));
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts[0]).toBeGreaterThan(0);
  });

  it("goes on in another process from what the last one left", async () => {
    behaviour = good;
    const file = published();
    mkdirSync(dirname(partOf(file)), { recursive: true });
    writeFileSync(partOf(file), content.subarray(0, 123_456));
    expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
    expect(requests).toEqual(["bytes=123456-"]);
  });

  it("begins again where a server ignores ranges", async () => {
    behaviour = (_, response) => {
      if (requests.length === 1) return dropping(100_000)(_, response, 0);
      response.writeHead(200, { "content-length": content.length });
      response.end(content);
    };
    expect(readFileSync(await data.download(published(), options)).equals(content)).toBe(true);
  });

  it("begins again where a server gives another range", async () => {
    behaviour = (request, response, from) => {
      if (from === 0) return (requests.length === 1 ? dropping(100_000) : good)(request, response, from);
      response.writeHead(206, { "content-range": `bytes 5-9/${content.length}`, "content-length": 5 });
      response.end(content.subarray(5, 10));
    };
    expect(readFileSync(await data.download(published(), options)).equals(content)).toBe(true);
  });

  it("begins again where what was left is of another file", async () => {
    behaviour = good;
    for (const left of [randomBytes(1000), randomBytes(content.length), randomBytes(content.length + 7)]) {
      const file = published();
      mkdirSync(dirname(partOf(file)), { recursive: true });
      writeFileSync(partOf(file), left);
      expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
    }
  });

  it("takes what had come completely before", async () => {
    behaviour = good;
    const file = published();
    mkdirSync(dirname(partOf(file)), { recursive: true });
    writeFileSync(partOf(file), content);
    expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
  });

  it("tries again after busy answers and silence", async () => {
    behaviour = (request, response, from) => {
      if (requests.length === 1) return void response.writeHead(503).end();
      if (requests.length === 2) return void response.writeHead(200).write(content.subarray(0, 10));
      return good(request, response, from);
    };
    const path = await data.download(published(), { ...options, patience: 1000 });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(requests.slice(0, 3)).toEqual([undefined, undefined, "bytes=10-"]);
  });

  it("takes the next address where one is gone, follows redirects", async () => {
    behaviour = (request, response, from) => {
      if (request.url === "/gone") return void response.writeHead(404).end();
      if (request.url === "/moved") return void response.writeHead(302, { location: "/set.bin" }).end();
      return good(request, response, from);
    };
    const file = published([address("gone"), address("moved")]);
    expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
  });

  it("is shared by two that want it at once", async () => {
    behaviour = good;
    const file = published();
    const [a, b] = await Promise.all([data.download(file, options), data.download(file, options)]);
    expect(a).toBe(b);
    expect(requests.length).toBe(1);
  });

  it("is not needed where the folder GRADBOOK_DATA has the file; a damaged copy in the cache is replaced", async () => {
    behaviour = good;
    const file = published();
    vi.stubEnv("GRADBOOK_DATA", join(folder, "mine"));
    const mine = join(folder, "mine", file.place);
    mkdirSync(dirname(mine), { recursive: true });
    writeFileSync(mine, content);
    expect(await data.download(file, options)).toBe(mine);
    expect(requests).toEqual([]);

    const cached = join(cacheFolder(), file.place);
    rmSync(mine);
    mkdirSync(dirname(cached), { recursive: true });
    writeFileSync(cached, "damaged");
    expect(await data.download(file, options)).toBe(cached);
    expect(statSync(cached).size).toBe(content.length);
  });

  it("stops at a signal and keeps what has come", async () => {
    const stop = new AbortController();
    behaviour = (_, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 50_000));
      setTimeout(() => stop.abort(new Error("enough")), 50);
    };
    const file = published();
    await expect(data.download(file, { ...options, signal: stop.signal })).rejects.toThrow("enough");
    expect(statSync(partOf(file)).size).toBe(50_000);
  });

  it("goes where each system keeps caches", () => {
    expect(cacheFolder({}, "linux", "/home/ada")).toBe("/home/ada/.cache/gradbook");
    expect(cacheFolder({ XDG_CACHE_HOME: "/big" }, "linux", "/home/ada")).toBe("/big/gradbook");
    expect(cacheFolder({}, "darwin", "/Users/ada")).toBe("/Users/ada/Library/Caches/gradbook");
    expect(cacheFolder({ LOCALAPPDATA: "/L" }, "win32", "/Users/ada")).toBe("/L/gradbook/Cache");
  });
});

describe("a download that cannot be", () => {
  const served = (how: Behaviour, urls?: () => string[], patience?: number) => () => {
    behaviour = how;
    return data.download(published(urls?.()), { ...options, ...(patience === undefined ? {} : { patience }) });
  };
  refused([
    [
      "a file that is gone",
      served((_, response) => void response.writeHead(404).end()),
      /answers 404\. Put http.*set\.bin at .*or set GRADBOOK_DATA to a folder that holds sets/,
    ],
    [
      "other bytes",
      served((_, response) => void response.writeHead(200).end("something else")),
      /gave other bytes: sha256:[0-9a-f]{12}…, expected sha256:/,
    ],
    [
      "a file that is cut short",
      served((_, response) => void response.writeHead(200).end(content.subarray(0, 1000))),
      /gave other bytes/,
    ],
    ["connections that always break", served(dropping(0)), /cannot download .*127\.0\.0\.1:\d+ (broke|failed)/],
    ["a server that says nothing", served(() => {}, undefined, 200), /was silent for 0\.2 s/],
    ["a server that fails", served((_, response) => void response.writeHead(500).end()), /answers 500/],
    ["no server", served(good, () => ["http://127.0.0.1:9/set.bin"]), /(refused the connection|failed)/],
    [
      "no network",
      served(good, () => ["http://nowhere.invalid/set.bin"]),
      /nowhere\.invalid was not found \(no network\?\)/,
    ],
    [
      "a damaged file in the user's folder",
      () => {
        vi.stubEnv("GRADBOOK_DATA", folder);
        const file = published();
        mkdirSync(join(folder, "sets"));
        writeFileSync(join(folder, file.place), "damaged");
        return data.download(file, options);
      },
      /is damaged or another file: sha256:[0-9a-f]{12}…, expected .*Remove it/,
    ],
    [
      "a file without an address",
      () => data.download(published([]), options),
      /cannot be downloaded\. Set GRADBOOK_DATA to a folder/,
    ],
    ["no words", () => data.glove({ words: 0 }), /words is 0, expected a positive integer/],
  ]);
});
