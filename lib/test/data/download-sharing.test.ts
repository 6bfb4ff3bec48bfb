import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { cacheFolder } from "../../src/data/download/folders.ts";
import { data } from "../../src/index.ts";
import { content, digest, good, here, left, options, partOf, published } from "./publisher.ts";

describe("a download that several want", () => {
  it("leaves alone what another process is downloading", async () => {
    here.behaviour = good;
    const file = published();
    const theirs = partOf(file, `${process.ppid}-0.`);
    left(theirs, content.subarray(0, 1000));
    expect(readFileSync(await data.download(file, options)).equals(content)).toBe(true);
    expect(here.requests).toEqual([undefined]);
    expect(statSync(theirs).size).toBe(1000);
  });

  it("is right in each of several processes that want it at once", async () => {
    // Nobody gets the second half before all have the first.
    const waiting: (() => void)[] = [];
    here.behaviour = (_, response) => {
      response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 150_000));
      waiting.push(() => response.end(content.subarray(150_000)));
      if (waiting.length === 3) for (const go of waiting) go();
    };
    const file = published();
    const script = fileURLToPath(new URL("./downloading.mjs", import.meta.url));
    const run = () => promisify(execFile)(process.execPath, [script, file.place, file.urls[0]!, digest]);
    const found = await Promise.all([run(), run(), run()]);
    for (const { stdout } of found) expect(readFileSync(stdout.trim()).equals(content)).toBe(true);
    expect(readdirSync(join(cacheFolder(), "sets"))).toHaveLength(1);
    expect(here.requests).toEqual([undefined, undefined, undefined]);
  });

  it("is shared by two that want it at once", async () => {
    here.behaviour = good;
    const file = published();
    const [a, b] = await Promise.all([data.download(file, options), data.download(file, options)]);
    expect(a).toBe(b);
    expect(here.requests.length).toBe(1);
  });

  it("goes on for others that share it when one is stopped, and stops with the last", async () => {
    const file = published();
    let open: ServerResponse | undefined;
    let closed = 0;
    here.behaviour = (_, response) => {
      open = response;
      response.on("close", () => closed++);
      response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 50_000));
    };
    const come = () => vi.waitFor(() => expect(statSync(here.latest).size).toBe(50_000), 10_000);
    const stops = [new AbortController(), new AbortController(), new AbortController()];
    const two = stops.slice(0, 2).map(({ signal }) => data.download(file, { ...options, signal }));
    await come();
    stops[0]!.abort(new Error("not I"));
    await expect(two[0]).rejects.toThrow("not I");
    open!.end(content.subarray(50_000));
    expect(readFileSync((await two[1])!).equals(content)).toBe(true);
    expect(here.requests).toHaveLength(1);

    const other = published();
    closed = 0;
    const all = stops.slice(1).map(({ signal }) => data.download(other, { ...options, signal }));
    await come();
    for (const stop of stops.slice(1)) stop.abort(new Error("nobody"));
    for (const one of all) await expect(one).rejects.toThrow("nobody");
    await vi.waitFor(() => expect(closed).toBe(1));
    expect(statSync(partOf(other)).size).toBe(50_000);
    here.behaviour = good;
    expect(readFileSync(await data.download(other, options)).equals(content)).toBe(true);
    expect(here.requests.at(-1)).toBe("bytes=50000-");
  });
});
