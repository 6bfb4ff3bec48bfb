import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type KernelServer, startServer } from "../../src/server/server.ts";
import { pythonHas, runPython } from "../run/debian-python.ts";
import { newFolder } from "../run/scripted.ts";
import { asking } from "./asking.ts";

let server: KernelServer;
let ask: ReturnType<typeof asking>;
const root = newFolder();
const outside = newFolder();
let test = 0;
let folder: string;
const at = (name: string) => join(root, folder, name);
const api = (name = "", query = "") => `api/contents/${folder}${name && `/${name}`}${query}`;

beforeAll(async () => {
  server = await startServer({ root, trusted: join(newFolder(), "trusted") });
  ask = asking(server);
});
afterAll(() => server.close());
beforeEach(() => {
  folder = `test${test++}`;
  mkdirSync(join(root, folder));
});

const notebook = (metadata: object = {}) => ({
  cells: [
    {
      source: "print(1)\nprint(2)",
      cell_type: "code",
      metadata,
      id: "b",
      execution_count: 1,
      outputs: [
        { output_type: "stream", name: "stdout", text: "1\n2\n" },
        {
          output_type: "display_data",
          metadata: {},
          data: { "text/html": "<b>\n</b>", "image/png": "aGk=\n", "application/json": { z: 1, a: [1] } },
        },
      ],
    },
    { cell_type: "markdown", id: "a", metadata: {}, source: "# Ä" },
  ],
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "gradbook", display_name: "TypeScript" } },
});
const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("what a path holds", () => {
  it("is a text, bytes, a notebook or a folder", async () => {
    writeFileSync(at("a.txt"), "ä\r\n");
    writeFileSync(at("b.bin"), Buffer.from([0, 255, 7]));
    writeFileSync(at("c.ipynb"), JSON.stringify({ ...notebook(), metadata: {} }));
    mkdirSync(at("d"));
    expect((await ask("GET", api("a.txt"))).body).toMatchObject({
      ...{ name: "a.txt", path: `${folder}/a.txt`, type: "file", format: "text", content: "ä\r\n" },
      ...{ mimetype: "text/plain", size: 4, writable: true, hash: null },
    });
    expect((await ask("GET", api("b.bin"))).body).toMatchObject({ format: "base64", content: "AP8H" });
    expect((await ask("GET", api("a.txt", "?format=base64"))).body.content).toBe("w6QNCg==");
    expect((await ask("GET", api("c.ipynb"))).body).toMatchObject({ type: "notebook", format: "json", mimetype: null });
    expect((await ask("GET", api("c.ipynb", "?type=file"))).body).toMatchObject({ type: "file", format: "text" });
    expect((await ask("GET", api("d"))).body).toMatchObject({ type: "directory", content: [], size: null });
    const { body } = await ask("GET", api());
    expect(body.content.map(({ name, type, content }: Record<string, unknown>) => [name, type, content])).toEqual(
      expect.arrayContaining([
        ["a.txt", "file", null],
        ["c.ipynb", "notebook", null],
        ["d", "directory", null],
      ]),
    );
    expect((await ask("GET", api("", "?content=0"))).body.content).toBeNull();
  });

  it("is told apart from other versions by time and hash", async () => {
    writeFileSync(at("a.txt"), "one");
    const { body } = await ask("GET", api("a.txt", "?content=0&hash=1"));
    expect(body).toMatchObject({ content: null, hash: sha256(at("a.txt")), hash_algorithm: "sha256" });
    expect(body.last_modified).toBe(statSync(at("a.txt")).mtime.toISOString());
    expect((await ask("GET", api("a.txt", "?hash=1"))).body.hash).toBe(body.hash);
    expect((await ask("PUT", api("a.txt"), { type: "file", format: "text", content: "two" })).body.hash).toBe(
      sha256(at("a.txt")),
    );
  });

  it("is refused with a reason when it is not what was asked for", async () => {
    writeFileSync(at("a.txt"), Buffer.from([0xff, 0xfe]));
    writeFileSync(at("bad.ipynb"), "{");
    writeFileSync(at("empty.ipynb"), "");
    writeFileSync(at("old.ipynb"), '{"nbformat": 3}');
    writeFileSync(at(".hidden"), "secret");
    for (const [path, status, message] of [
      [api("none"), 404, /no such file/],
      [api("none/x"), 404, /folder .* does not exist/],
      [api("a.txt/x"), 404, /./],
      [api("a.txt", "?format=text"), 400, /not text in UTF-8/],
      [api("a.txt", "?type=directory"), 400, /is a file; a folder was expected/],
      [api("", "?type=file"), 400, /is a folder; a file was expected/],
      [api("bad.ipynb"), 400, /not JSON/],
      [api("empty.ipynb"), 400, /empty/],
      [api("old.ipynb"), 400, /format 3.*nbconvert/],
      [api("a.txt", "?format=latin1"), 400, /text or base64/],
      [api("a.txt", "?content=yes"), 400, /0 or 1/],
      [api(".hidden"), 404, /hidden/],
    ] as const)
      expect(await ask("GET", path), path).toMatchObject({ status, body: { message: expect.stringMatching(message) } });
    expect(JSON.stringify((await ask("GET", api())).body)).not.toContain(".hidden");
  });

  it("may be hidden, where the server is told to show it", async () => {
    writeFileSync(at(".hidden"), "shown");
    const other = await startServer({ root, hidden: true });
    expect((await asking(other)("GET", api(".hidden"))).body.content).toBe("shown");
    await other.close();
  });
});

describe("saving", () => {
  it("makes files, notebooks and folders, and changes them", async () => {
    expect(await ask("PUT", api("a.txt"), { type: "file", format: "text", content: "ä" })).toMatchObject({
      status: 201,
      body: { path: `${folder}/a.txt`, content: null, format: null },
      headers: { location: `/api/contents/${folder}/a.txt` },
    });
    expect((await ask("PUT", api("a.txt"), { type: "file", format: "text", content: "b" })).status).toBe(200);
    expect(readFileSync(at("a.txt"), "utf8")).toBe("b");
    expect((await ask("PUT", api("b"), { type: "file", format: "base64", content: "AP8=" })).status).toBe(201);
    expect(readFileSync(at("b"))).toEqual(Buffer.from([0, 255]));
    expect((await ask("PUT", api("d"), { type: "directory" })).status).toBe(201);
    expect((await ask("PUT", api("d"), { type: "directory" })).status).toBe(200);
    expect((await ask("PUT", api("new.ipynb"))).body.type).toBe("notebook");
    expect(JSON.parse(readFileSync(at("new.ipynb"), "utf8"))).toMatchObject({ nbformat: 4, nbformat_minor: 5 });
    expect(readdirSync(join(root, folder)).sort()).toEqual(["a.txt", "b", "d", "new.ipynb"]);
  });

  it("keeps a file's permissions, and goes through links to what they stand for", async () => {
    writeFileSync(at("run.sh"), "old");
    chmodSync(at("run.sh"), 0o751);
    symlinkSync("run.sh", at("link"));
    await ask("PUT", api("link"), { type: "file", format: "text", content: "new" });
    expect(readFileSync(at("run.sh"), "utf8")).toBe("new");
    expect(statSync(at("run.sh")).mode & 0o777).toBe(0o751);
    expect(readdirSync(join(root, folder)).sort()).toEqual(["link", "run.sh"]);
  });

  it("is refused with a reason when it cannot be done", async () => {
    mkdirSync(at("d"));
    writeFileSync(at("f"), "kept");
    for (const [name, body, status, message] of [
      ["", { type: "directory" }, 200, undefined],
      ["d", { type: "file", content: "x" }, 400, /is a folder/],
      ["f", { type: "directory" }, 409, /file already/],
      ["f", { type: "file" }, 400, /no "content"/],
      ["f", { type: "file", content: null }, 400, /no "content"/],
      ["f", { type: "file", content: 5 }, 400, /is a text, this is a number/],
      ["f", { type: "file", format: "base64", content: "a" }, 400, /not base64/],
      ["f", { type: "file", format: "hex", content: "a" }, 400, /"text" or "base64"/],
      ["f", { type: 5 }, 400, /type is 5/],
      ["n.ipynb", { type: "notebook", content: { cells: [] } }, 400, /format undefined/],
      ["n.ipynb", { type: "notebook", content: { nbformat: 4, cells: [{}] } }, 400, /cell_type/],
      ["none/f", { type: "file", content: "x" }, 404, /does not exist/],
      [`${"x".repeat(300)}`, { type: "file", content: "x" }, 400, /too long/],
      [".hidden", { type: "file", content: "x" }, 404, /hidden/],
      ["f", { copy_from: "f" }, 400, /POST/],
    ] as const)
      expect(await ask("PUT", api(name), body), name).toMatchObject(
        message ? { status, body: { message: expect.stringMatching(message) } } : { status },
      );
    expect(await ask("PUT", "api/contents/", { type: "directory" })).toMatchObject({ status: 400 });
    expect(readFileSync(at("f"), "utf8")).toBe("kept");
    expect(readdirSync(join(root, folder)).sort()).toEqual(["d", "f"]);
  });

  it("takes big files in parts, which nobody sees before the last one", async () => {
    const part = (chunk: number, content: string) =>
      ask("PUT", api("big.bin"), { type: "file", format: "base64", chunk, content });
    writeFileSync(at("big.bin"), "old");
    expect(await part(1, "AAE=")).toMatchObject({ status: 200, body: { path: `${folder}/big.bin`, size: 2 } });
    expect(await part(2, "Ag==")).toMatchObject({ body: { name: "big.bin", size: 3 } });
    expect(readFileSync(at("big.bin"), "utf8")).toBe("old");
    expect(await part(-1, "Aw==")).toMatchObject({ status: 200, body: { size: 4 } });
    expect(readFileSync(at("big.bin"))).toEqual(Buffer.from([0, 1, 2, 3]));
    expect(await part(5, "Aw==")).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/part 1 was/) },
    });
    await part(1, "Aw==");
    expect(await part(3, "Aw==")).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/part 2 was/) },
    });
    expect(readdirSync(join(root, folder))).toEqual(["big.bin"]);
  });

  it.skipIf(!pythonHas("nbformat", "python3-nbformat"))("writes notebooks byte for byte as Jupyter does", async () => {
    const content = notebook({ tags: ["x"], trusted: true, "jupyter.é": { b: 1, a: null } });
    content.cells[0]!.source = "a\r\nb\u2028c\x1cd\n\ne\u0085\u{1f600}\ud83d \u007f\u0001";
    expect((await ask("PUT", api("ours.ipynb"), { type: "notebook", content })).status).toBe(201);
    writeFileSync(at("in.json"), JSON.stringify(content));
    runPython(
      "import sys, nbformat, json; nbformat.write(nbformat.from_dict(json.load(open(sys.argv[1]))), open(sys.argv[2], 'w', encoding='utf8', errors='surrogatepass'))",
      at("in.json"),
      at("theirs.ipynb"),
    );
    // A lone half of a character cannot be written in UTF-8: JavaScript escapes it, Python does not mind.
    const theirs = readFileSync(at("theirs.ipynb")).toString("latin1").replace("\xed\xa0\xbd", "\\ud83d");
    expect(readFileSync(at("ours.ipynb")).toString("latin1")).toBe(theirs);
    const { body } = await ask("GET", api("ours.ipynb"));
    expect(body.content.cells[0].source).toBe(content.cells[0]!.source);
  });
});

describe("trust in a notebook", () => {
  const firstCell = async () => (await ask("GET", api("n.ipynb"))).body.content.cells[0].metadata;

  it("is that of its cells when it was saved here, and lasts until the file changes otherwise", async () => {
    await ask("PUT", api("n.ipynb"), { type: "notebook", content: notebook({ trusted: true }) });
    expect(readFileSync(at("n.ipynb"), "utf8")).not.toContain("trusted");
    expect(await firstCell()).toEqual({ trusted: true });
    writeFileSync(at("n.ipynb"), `${readFileSync(at("n.ipynb"), "utf8")}\n`);
    expect(await firstCell()).toEqual({ trusted: false });
    expect((await ask("POST", api("n.ipynb/trust"))).status).toBe(201);
    expect(await firstCell()).toEqual({ trusted: true });
  });

  it("is not taken from the file itself", async () => {
    writeFileSync(at("n.ipynb"), JSON.stringify(notebook({ trusted: true })));
    expect(await firstCell()).toEqual({ trusted: false });
    await ask("PUT", api("n.ipynb"), { type: "notebook", content: notebook({ trusted: false, of: "another" }) });
    expect(await firstCell()).toEqual({ trusted: false, of: "another" });
  });
});

describe("making something new", () => {
  it("finds a name that is free", async () => {
    const names: string[] = [];
    for (const body of [{ type: "notebook" }, { type: "notebook" }, { type: "file", ext: ".py" }, { ext: ".txt" }, {}])
      names.push((await ask("POST", api(), body)).body.name);
    for (let time = 0; time < 2; time++) names.push((await ask("POST", api(), { type: "directory" })).body.name);
    expect(names).toEqual([
      ...["Untitled.ipynb", "Untitled1.ipynb", "untitled.py", "untitled.txt", "untitled"],
      ...["Untitled Folder", "Untitled Folder 1"],
    ]);
    const many = await Promise.all(Array.from({ length: 20 }, () => ask("POST", api(), { type: "notebook" })));
    expect(new Set(many.map(({ body }) => body.name)).size).toBe(20);
  });

  it("may be a copy, of a folder as well", async () => {
    writeFileSync(at("a.tar.gz"), "a");
    mkdirSync(at("d/e"), { recursive: true });
    writeFileSync(at("d/e/n.ipynb"), "n");
    const copy = async (from: string, to = "") =>
      (await ask("POST", api(to), { copy_from: `${folder}/${from}` })).body.path?.slice(folder.length + 1);
    expect(await copy("a.tar.gz")).toBe("a-Copy1.tar.gz");
    expect(await copy("a-Copy1.tar.gz")).toBe("a-Copy2.tar.gz");
    expect(await copy("d/e/n.ipynb")).toBe("n.ipynb");
    expect(await copy("d")).toBe("d-Copy1");
    expect(readFileSync(at("d-Copy1/e/n.ipynb"), "utf8")).toBe("n");
    expect((await ask("POST", api("d/e"), { copy_from: `${folder}/d` })).body.message).toMatch(/into itself/);
    expect((await ask("POST", api("none"), { copy_from: `${folder}/a.tar.gz` })).status).toBe(404);
    expect((await ask("POST", api(), { copy_from: `${folder}/none` })).status).toBe(404);
    expect((await ask("POST", api("a.tar.gz"), {})).body.message).toMatch(/is a file; a folder was expected/);
    expect((await ask("POST", api(), { ext: "/../x" })).status).toBe(400);
    expect(readdirSync(join(root, folder)).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("renaming and deleting", () => {
  it("moves files and folders, but never over others", async () => {
    writeFileSync(at("a"), "a");
    writeFileSync(at("b"), "b");
    mkdirSync(at("d"));
    const rename = (from: string, to: string) => ask("PATCH", api(from), { path: `${folder}/${to}` });
    expect(await rename("a", "b")).toMatchObject({ status: 409, body: { message: expect.stringMatching(/already/) } });
    expect(await rename("a", "a")).toMatchObject({ status: 200 });
    expect(await rename("a", "d/c ä.txt")).toMatchObject({ status: 200, body: { path: `${folder}/d/c ä.txt` } });
    expect(await rename("d", "e")).toMatchObject({ status: 200, body: { type: "directory" } });
    expect(await rename("e", "e/f")).toMatchObject({ status: 400 });
    expect(await rename("b", "none/b")).toMatchObject({ status: 404 });
    expect(await rename("none", "x")).toMatchObject({ status: 404 });
    expect(await rename("b", ".b")).toMatchObject({ status: 404 });
    expect(await ask("PATCH", api("b"), {})).toMatchObject({ status: 400 });
    expect(await ask("PATCH", "api/contents/", { path: "x" })).toMatchObject({ status: 400 });
    expect(readFileSync(at("e/c ä.txt"), "utf8")).toBe("a");
  });

  it("removes files, links and full folders, but not the root", async () => {
    mkdirSync(at("d/e"), { recursive: true });
    writeFileSync(at("d/e/f"), "f");
    writeFileSync(join(outside, "kept"), "kept");
    symlinkSync(outside, at("link"));
    expect((await ask("DELETE", api("link"))).status).toBe(204);
    expect((await ask("DELETE", api("d"))).status).toBe(204);
    expect((await ask("DELETE", api("d"))).status).toBe(404);
    expect((await ask("DELETE", "api/contents/")).status).toBe(400);
    expect(existsSync(join(outside, "kept"))).toBe(true);
    expect(readdirSync(join(root, folder))).toEqual([]);
  });
});
