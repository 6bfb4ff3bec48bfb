import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { programFile } from "../../src/install/kernelspec.ts";
import { newFolder } from "../run/scripted.ts";

interface Finding {
  name: string;
  status: "ok" | "warning" | "broken";
  says: string;
  remedy?: string;
}

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command. */
function gradbook(words: string[], env: Record<string, string> = {}, program = programFile): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], {
      env: { ...process.env, HOME: newFolder(), JUPYTER_PATH: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (piece: string) => {
        text[name] += piece;
      });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, ...text }));
  });
}

async function examine(env: Record<string, string> = {}, program = programFile) {
  const { status, stdout } = await gradbook(["doctor", "--json"], env, program);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  const of = (name: string) => findings.filter((finding) => finding.name === name);
  return { status, ok, findings, of };
}

/** A copy of the kernel in which some of its packages are not installed. */
function copyWithout(...missing: string[]): string {
  const folder = join(newFolder(), "kernel");
  const own = dirname(dirname(programFile));
  for (const part of ["bin", "dist", "package.json"]) cpSync(join(own, part), join(folder, part), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as { dependencies: object };
  const paths = createRequire(programFile).resolve.paths("x")!;
  for (const name of Object.keys(dependencies).filter((name) => !missing.includes(name))) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    const home = paths
      .map((path) => join(path, name))
      .find((path) => {
        try {
          return readFileSync(join(path, "package.json")).length > 0;
        } catch {
          return false;
        }
      });
    symlinkSync(home!, link);
  }
  return join(folder, "bin", "gradbook.js");
}

/** A Jupyter data folder with these kernelspecs. */
function kernelspecs(specs: Record<string, string[]>): string {
  const folder = newFolder();
  for (const [name, argv] of Object.entries(specs)) {
    mkdirSync(join(folder, "kernels", name), { recursive: true });
    const spec = { argv, display_name: name, language: "x" };
    writeFileSync(join(folder, "kernels", name, "kernel.json"), JSON.stringify(spec));
  }
  return folder;
}

const ours = (program: string, node = process.execPath) => [
  node,
  program,
  "kernel",
  "--connection-file",
  "{connection_file}",
];

describe("gradbook doctor", () => {
  test("finds a whole installation well, with a kernel that answers", async () => {
    const home = newFolder();
    await gradbook(["install"], { HOME: home });
    const { status, ok, findings, of } = await examine({ HOME: home });
    expect(findings.filter((finding) => finding.status === "broken")).toEqual([]);
    expect({ status, ok }).toEqual({ status: 0, ok: true });
    expect(of("Node")[0]!.says).toContain(`Node ${process.versions.node} on ${process.platform} ${process.arch}`);
    expect(of("The kernel")[0]!.says).toMatch(/starts in [\d.]+ s and answers a cell in \d+ ms/);
    expect(of("TypeScript")[0]).toMatchObject({ status: "ok" });
    expect(of("Kernelspecs").map(({ says }) => says)).toContainEqual(
      expect.stringMatching(/"gradbook" in .* starts this copy of Gradbook/),
    );
  }, 60_000);

  test("writes a line for each check, and says how to go on", async () => {
    const { status, stdout } = await gradbook(["doctor"], { HOME: "/dev/null", PATH: "/nowhere" });
    expect(stdout).toMatch(/^✓ Node /);
    expect(stdout).toMatch(/^! Jupyter's data folder.*\/dev\/null is not a folder\.\n {2}→ .*--prefix DIR/m);
    expect(stdout).toMatch(/^! Jupyter does not know this kernel yet\.\n {2}→ gradbook install$/m);
    expect(stdout).toMatch(/^! No program that shows notebooks.*\n {2}→ .*pip install jupyterlab$/m);
    expect(stdout).toMatch(/\nThe kernel works; \d+ things are worth a look\.\n$/);
    expect(status).toBe(0);
  }, 60_000);

  test("tells which kernelspecs start nothing, or another copy", async () => {
    const other = copyWithout();
    const JUPYTER_PATH = kernelspecs({
      moved: ours("/gone/bin/gradbook.js"),
      updated: ours(programFile, "/gone/node-18/bin/node"),
      copied: ours(other),
      foreign: ["no-such-program", "{connection_file}"],
      empty: [],
    });
    const found = (await examine({ JUPYTER_PATH })).of("Kernelspecs");
    const about = (name: string) => found.find(({ says }) => says.includes(`"${name}"`));
    expect(about("moved")).toMatchObject({
      status: "warning",
      says: expect.stringContaining("/gone/bin/gradbook.js is not there"),
      remedy: "gradbook install --name moved",
    });
    expect(about("updated")!.says).toContain("/gone/node-18/bin/node is not there");
    expect(about("copied")!.says).toMatch(/another copy of Gradbook, version \d+\.\d+\.\d+/);
    expect(about("foreign")).toMatchObject({
      says: expect.stringContaining("no-such-program is not on the PATH"),
      remedy: expect.stringContaining("jupyter kernelspec remove foreign"),
    });
    expect(about("empty")!.says).toContain("it names no program");
  }, 60_000);

  test("works without the packages that the rest of the command needs, and names them", async () => {
    const program = copyWithout("commander", "zeromq");
    const { status, of } = await examine({}, program);
    expect(status).toBe(1);
    expect(of("Packages")[0]).toMatchObject({
      status: "broken",
      says: expect.stringContaining("commander, zeromq"),
      remedy: "npm install -g @gradbook/kernel",
    });
    expect(of("ZeroMQ")[0]).toMatchObject({ status: "broken", says: expect.stringMatching(/Cannot find .*zeromq/) });
    expect(of("The kernel")[0]).toMatchObject({ status: "broken", remedy: "Mend ZeroMQ first." });
    const list = await gradbook(["list"], {}, program);
    expect(list).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/not whole.*commander[\s\S]*gradbook doctor/),
    });
  }, 60_000);

  test.each([
    ["--no-addons", /--no-addons keeps ZeroMQ/, "ZeroMQ"],
    ["--frozen-intrinsics", /--frozen-intrinsics keeps TypeScript's compiler/, "The kernel"],
  ])(
    "tells that Node's option %s breaks the kernel",
    async (option, says, alsoBroken) => {
      const { status, of } = await examine({ NODE_OPTIONS: option });
      expect(of("Node's options")[0]).toMatchObject({ status: "broken", says: expect.stringMatching(says) });
      expect(of(alsoBroken)[0]).toMatchObject({ status: "broken" });
      expect(status).toBe(1);
    },
    60_000,
  );
});

describe("gradbook doctor on GPUs", () => {
  test("says that there is none, which is no fault", async () => {
    const { status, of } = await examine({ VK_DRIVER_FILES: "/nowhere/none.json" });
    expect(status).toBe(0);
    expect(of("GPU")).toEqual([{ name: "GPU", status: "ok", says: expect.stringMatching(/vulkaninfo --summary/) }]);
  });
});

describe("gradbook list", () => {
  test("marks kernels that cannot start, for people and for programs", async () => {
    const JUPYTER_PATH = kernelspecs({ fine: [process.execPath], moved: ours("/gone/bin/gradbook.js") });
    const { stdout } = await gradbook(["list"], { JUPYTER_PATH });
    expect(stdout).toMatch(/^fine +\S+fine$/m);
    expect(stdout).toMatch(/^moved +\S+moved +✗ its program \/gone\/bin\/gradbook\.js is not there$/m);
    expect(stdout).toContain("gradbook doctor");
    const kernels = JSON.parse((await gradbook(["list", "--json"], { JUPYTER_PATH })).stdout) as object[];
    expect(kernels).toContainEqual({
      name: "moved",
      title: "moved",
      language: "x",
      folder: join(JUPYTER_PATH, "kernels", "moved"),
      argv: ours("/gone/bin/gradbook.js"),
      ours: true,
      problem: "its program /gone/bin/gradbook.js is not there",
    });
  });
});
