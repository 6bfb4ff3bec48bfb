import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { cacheFolder } from "../../src/data/download/folders.ts";
import { data } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";
import {
  address,
  type Behaviour,
  content,
  dropping,
  good,
  here,
  left,
  options,
  partOf,
  published,
} from "./publisher.ts";

describe("a download", () => {
  it("is kept in the cache, checked, and not made twice", async () => {
    here.behaviour = good;
    const file = published();
    const path = await data.download(file, options);
    expect(path).toBe(join(here.folder, "cache", "gradbook", file.place));
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(existsSync(partOf(file))).toBe(false);
    await data.download(file, options);
    expect(here.requests).toEqual([undefined]);
    // No terminal: one line.
    expect(here.screen).toMatch(/^sets\/\d+\.bin: downloaded 300 kB in \d+\.\d s\n$/);
  });

  it("shows a bar on a terminal", async () => {
    here.behaviour = good;
    await data.download(published(), { ...options, screen: { ...options.screen, isTTY: true } });
    expect(here.screen).toMatch(/[█░]{24} \d+ %, [\d.]+ kB of 300 kB/);
  });

  it("goes on where a dropped connection stopped", async () => {
    here.behaviour = (request, response, from) =>
      (here.requests.length < 4 ? dropping(60_000) : good)(request, response, from);
    const path = await data.download(published(), options);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(here.requests.length).toBe(4);
    const starts = here.requests.slice(1).map((range) => Number(/\d+/.exec(range!)![0]));
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts[0]).toBeGreaterThan(0);
  });

  it("goes on in another process from what the last one left", async () => {
    here.behaviour = good;
    // The last one said that it stopped, or was killed: a process of that number there is not.
    for (const owner of ["", "999999999-0."]) {
      const file = published();
      left(partOf(file, owner), content.subarray(0, 123_456));
      const path = await data.download(file, options);
      expect(readFileSync(path).equals(content)).toBe(true);
      expect(readdirSync(dirname(path)).filter((name) => name.startsWith(`${here.number - 1}.`))).toHaveLength(1);
    }
    expect(here.requests).toEqual(["bytes=123456-", "bytes=123456-"]);
  });

  it("begins again where a server ignores ranges", async () => {
    here.behaviour = (_, response) => {
      if (here.requests.length === 1) return dropping(100_000)(_, response, 0);
      response.writeHead(200, { "content-length": content.length });
      response.end(content);
    };
    expect(readFileSync(await data.download(published(), options)).equals(content)).toBe(true);
  });

  it("begins again where a server gives another range", async () => {
    here.behaviour = (request, response, from) => {
      if (from === 0) return (here.requests.length === 1 ? dropping(100_000) : good)(request, response, from);
      response.writeHead(206, { "content-range": `bytes 5-9/${content.length}`, "content-length": 5 });
      response.end(content.subarray(5, 10));
    };
    expect(readFileSync(await data.download(published(), options)).equals(content)).toBe(true);
  });

  it("begins again where what was left is of another file", async () => {
    here.behaviour = good;
    for (const left of [randomBytes(1000), randomBytes(content.length), randomBytes(content.length + 7)]) {
      const file = published();
      mkdirSync(dirname(partOf(file)), { recursive: true });
      writeFileSync(partOf(file), left);
      expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
    }
  });

  it("takes what had come completely before", async () => {
    here.behaviour = good;
    const file = published();
    mkdirSync(dirname(partOf(file)), { recursive: true });
    writeFileSync(partOf(file), content);
    expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
  });

  it("tries again after busy answers and silence", async () => {
    here.behaviour = (request, response, from) => {
      if (here.requests.length === 1) return void response.writeHead(503).end();
      if (here.requests.length === 2) return void response.writeHead(200).write(content.subarray(0, 10));
      return good(request, response, from);
    };
    const path = await data.download(published(), { ...options, patience: 1000 });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(here.requests.slice(0, 3)).toEqual([undefined, undefined, "bytes=10-"]);
  });

  it("takes the next address where one is gone, follows redirects", async () => {
    here.behaviour = (request, response, from) => {
      if (request.url === "/gone") return void response.writeHead(404).end();
      if (request.url === "/moved") return void response.writeHead(302, { location: "/set.bin" }).end();
      return good(request, response, from);
    };
    const file = published([address("gone"), address("moved")]);
    expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
  });

  it("joins no halves where no digest tells whether they fit", async () => {
    const file = { ...published(), digest: null };
    left(partOf(file), randomBytes(1000));
    here.behaviour = (request, response, from) => {
      // Half of another file, of the same length, then what was published.
      (here.requests.length < 3 ? dropping(60_000, randomBytes(content.length)) : good)(request, response, from);
    };
    expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
    expect(here.requests).toEqual([undefined, undefined, undefined]);
  });

  it("is checked again when the file has changed, or another digest is wanted", async () => {
    here.behaviour = good;
    const file = published();
    const path = await data.download(file, options);
    writeFileSync(path, randomBytes(content.length));
    utimesSync(path, 1, 1);
    expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
    expect(here.requests).toHaveLength(2);
    const other = { ...file, digest: `sha256:${"0".repeat(64)}` as const };
    await expect(data.download(other, options)).rejects.toThrow("gave other bytes");
  });

  it("is not needed where the folder GRADBOOK_DATA has the file; a damaged copy in the cache is replaced", async () => {
    here.behaviour = good;
    const file = published();
    vi.stubEnv("GRADBOOK_DATA", join(here.folder, "mine"));
    const mine = join(here.folder, "mine", file.place);
    mkdirSync(dirname(mine), { recursive: true });
    writeFileSync(mine, content);
    expect(await data.download(file, options)).toBe(mine);
    expect(here.requests).toEqual([]);

    const cached = join(cacheFolder(), file.place);
    rmSync(mine);
    mkdirSync(dirname(cached), { recursive: true });
    writeFileSync(cached, "damaged");
    expect(await data.download(file, options)).toBe(cached);
    expect(statSync(cached).size).toBe(content.length);
  });

  it("stops at a signal and keeps what has come", async () => {
    const stop = new AbortController();
    here.behaviour = (_, response) => {
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
    here.behaviour = how;
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
      "a damaged file in the user's here.folder",
      () => {
        vi.stubEnv("GRADBOOK_DATA", here.folder);
        const file = published();
        mkdirSync(join(here.folder, "sets"));
        writeFileSync(join(here.folder, file.place), "damaged");
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
