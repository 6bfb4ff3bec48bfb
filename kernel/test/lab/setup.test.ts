import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";

const setup = fileURLToPath(new URL("../../../.ci/setup.mjs", import.meta.url));

/** Stands in for npm: notes down what it is asked for, and leaves what npm and the compiler would. */
const npm = `#!/bin/sh
echo "$1" >> calls
case "$1" in
  install) mkdir -p node_modules; echo "{}" > node_modules/.package-lock.json ;;
  run) test -e broken && exit 3; mkdir -p kernel/dist; cat kernel/src/*.ts > kernel/dist/all.js ;;
esac
`;

let project: string;
const at = (path: string) => join(project, path);

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "gradbook-setup-"));
  for (const folder of [".ci", "programs", "lib/src", "widgets/src", "kernel/src"])
    mkdirSync(at(folder), { recursive: true });
  cpSync(setup, at(".ci/setup.mjs"));
  writeFileSync(at("programs/npm"), npm);
  chmodSync(at("programs/npm"), 0o755);
  for (const folder of ["", "lib", "widgets", "kernel"]) writeFileSync(at(`${folder}/package.json`), "{}");
  writeFileSync(at("package-lock.json"), "{}");
  for (const name of ["zero", "one"]) writeFileSync(at(`kernel/src/${name}.ts`), "1;");
});

/** What npm was asked for. */
function calls(): string[] {
  const PATH = `${at("programs")}${delimiter}${process.env.PATH}`;
  writeFileSync(at("calls"), "");
  execFileSync(process.execPath, [at(".ci/setup.mjs")], { env: { ...process.env, PATH } });
  return readFileSync(at("calls"), "utf8").split("\n").slice(0, -1);
}

describe.skipIf(process.platform === "win32")("what npm start and npm test do first", () => {
  test("is to install and to build once", () => {
    expect(calls()).toEqual(["install", "run"]);
    expect(calls()).toEqual([]);
  });

  test.each([
    ["a source that changed", "run", () => appendFileSync(at("kernel/src/one.ts"), "2;")],
    ["a source that came", "run", () => writeFileSync(at("lib/src/two.ts"), "2;")],
    ["a source that went", "run", () => rmSync(at("kernel/src/one.ts"))],
    ["something built that went", "run", () => rmSync(at("kernel/dist/all.js"))],
    ["dependencies that changed", "install", () => writeFileSync(at("package-lock.json"), '{ "packages": {} }')],
    ["a package of ours that needs another one", "install,run", () => writeFileSync(at("lib/package.json"), "{ }")],
    ["packages that went", "install,run", () => rmSync(at("node_modules"), { recursive: true })],
  ])("notices %s", (_what, expected, change) => {
    calls();
    change();
    expect(calls().join()).toBe(expected);
    expect(calls()).toEqual([]);
  });

  test("begins anew after a build that failed, and passes its failure on", () => {
    calls();
    appendFileSync(at("kernel/src/one.ts"), "2;");
    writeFileSync(at("broken"), "");
    expect(calls).toThrow(expect.objectContaining({ status: 3 }));
    rmSync(at("broken"));
    expect(calls()).toEqual(["run"]);
  });
});
