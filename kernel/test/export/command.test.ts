import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { gradbook } from "../run/gradbook-command.ts";
import { newFolder } from "../run/scripted.ts";
import { code, markdown, notebookOf, saved, view, withWidgets } from "./exported.ts";

const exporting = (...words: string[]) => gradbook(["export", ...words], { jupyter: newFolder() });

describe("gradbook export", () => {
  it("writes the page beside the notebook and tells what is in it", async () => {
    const cells = [markdown("# A"), code("f()", [view("a"), view("b")])];
    const path = notebookOf(cells, withWidgets({ a: saved("export default {}") }));
    const { status, stdout, stderr } = await exporting(path, "--html");
    expect([status, stderr]).toEqual([0, ""]);
    const out = join(dirname(path), "analysis.html");
    expect(stdout).toMatch(`The page: ${out} (`);
    expect(stdout).toMatch(/\(\d+ kB, 1 live view\)\n1 widget shown as a picture: .*\n$/);
    expect(readFileSync(out, "utf8")).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/);
  });

  it("takes a file, a folder, a title, and leaves out the code and what is live", async () => {
    const path = notebookOf([code("secret()", [view("a")])], withWidgets({ a: saved("export default {}") }));
    const folder = newFolder();
    mkdirSync(join(folder, "pages"));
    const page = (name: string) => readFileSync(join(folder, name), "utf8");
    expect((await exporting(path, "-o", join(folder, "new", "a.html"), "--title", "A title")).status).toBe(0);
    expect(page("new/a.html")).toMatch(/<title>A title<\/title>[\s\S]*secret/);
    expect((await exporting(path, "--html", "--output", join(folder, "pages"), "--no-code", "--static")).status).toBe(
      0,
    );
    expect(page("pages/analysis.html")).toContain("a picture of a");
    expect(page("pages/analysis.html")).not.toMatch(/secret|export default/);
  });

  it.each([
    ["a file that is not there", undefined, /none\.ipynb: there is no such file. Give the path of a notebook/],
    ["broken JSON", '{"cells": [', /none\.ipynb: this is not JSON .* A notebook file was expected/],
    ["something else", '{"a": 1}', /none\.ipynb: this is JSON but not a notebook/],
    ["an old format", '{"nbformat": 3, "worksheets": []}', /the notebook has format 3, version 4 was expected/],
    [
      "cells of no type",
      '{"nbformat": 4, "cells": [{}]}',
      /cell 1 has the type undefined; code, markdown or raw was expected/,
    ],
  ])("refuses %s, and leaves nothing behind", async (_, text, message) => {
    const path = join(newFolder(), "none.ipynb");
    if (text !== undefined) writeFileSync(path, text);
    const { status, stdout, stderr } = await exporting(path, "--html");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(path.replace(".ipynb", ".html"))).toBe(false);
  });

  it("refuses to write over a notebook or into something that is no file", async () => {
    const path = notebookOf([code("f()")]);
    const before = readFileSync(path, "utf8");
    const over = await exporting(path, "-o", path);
    expect([over.status, over.stderr]).toEqual([1, expect.stringMatching(/would take the place of a notebook.*-o/)]);
    mkdirSync(join(dirname(path), "analysis.html"));
    const inPlace = await exporting(path);
    expect([inPlace.status, inPlace.stderr]).toEqual([
      1,
      expect.stringMatching(/this is a folder, a file was expected/),
    ]);
    writeFileSync(join(dirname(path), "file"), "");
    const below = await exporting(path, "-o", join(dirname(path), "file", "a.html"));
    expect([below.status, below.stderr]).toEqual([1, expect.stringMatching(/cannot be written/)]);
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});
