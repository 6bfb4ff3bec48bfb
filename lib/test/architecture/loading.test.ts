import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** Imports the library as built and prints the address of every module that this takes. */
const program = `
import { register } from "node:module";
const hook = 'import { writeSync } from "node:fs"; export async function resolve(name, context, next) { const found = await next(name, context); writeSync(1, found.url + String.fromCharCode(10)); return found; }';
register("data:text/javascript," + encodeURIComponent(hook));
await import(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)});
`;

it("loads libraries for files when they are needed, not at the start", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  expect(stdout).toContain("dist/data/files/csv.js");
  const packages = new Set(
    stdout.split("\n").flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []),
  );
  for (const name of [
    "jpeg-js",
    "csv-parse",
    "seek-bzip",
    "nanotar",
    "@zip.js/zip.js",
    "@bufbuild/protobuf",
    "gpu.js",
    "webgpu",
  ])
    expect([...packages]).not.toContain(name);
});
