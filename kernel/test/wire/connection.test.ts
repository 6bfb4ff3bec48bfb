import { mkdtemp, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { addressOf, newConnection, readConnectionFile, writeConnectionFile } from "../../src/wire/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradbook-wire-"));
});

describe("a connection file", () => {
  test("comes back as it was written, and is its owner's only", async () => {
    const connection = await newConnection("mine");
    const file = join(folder, "deep", "kernel.json");
    await writeConnectionFile(file, connection);
    expect(await readConnectionFile(file)).toEqual(connection);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  test("is refused when a port is missing or its signatures are of an unknown kind, with the file's name", async () => {
    const connection = await newConnection();
    const file = join(folder, "bad.json");
    await writeFile(file, JSON.stringify({ ...connection, hb_port: undefined }));
    await expect(readConnectionFile(file)).rejects.toThrow(/bad\.json: hb_port is undefined/);
    await writeFile(file, JSON.stringify({ ...connection, signature_scheme: "rot13" }));
    await expect(readConnectionFile(file)).rejects.toThrow(/rot13/);
  });
});

describe("a new connection", () => {
  test("has five different ports and a key of its own", async () => {
    const [a, b] = await Promise.all([newConnection(), newConnection()]);
    const ports = [a.shell_port, a.control_port, a.iopub_port, a.stdin_port, a.hb_port];
    expect(new Set(ports).size).toBe(5);
    expect(a.key).not.toBe(b.key);
    expect(addressOf(a, "shell")).toBe(`tcp://127.0.0.1:${a.shell_port}`);
    expect(addressOf({ ...a, transport: "ipc", ip: "/tmp/k" }, "hb")).toBe(`ipc:///tmp/k-${a.hb_port}`);
  });
});
