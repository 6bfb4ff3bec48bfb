import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../bench/gpu-archive.mjs", import.meta.url));

/** What the archive is made of, and the packages of Debian that have it. */
const parts = {
  chromium: "/usr/lib/chromium/libvk_swiftshader.so",
  libvulkan1: "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
};
const missing = Object.entries(parts).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
const foreign = process.platform !== "linux" || process.arch !== "x64";
if (foreign) console.warn("Skipped: the archive for bare machines with a GPU is made on Linux on x64.");
else if (missing.length > 0)
  console.warn(
    `Skipped: the archive for bare machines with a GPU is not made. Install what it takes along: apt-get install ${missing.join(" ")}`,
  );
const skipped = foreign || (missing.length > 0 && process.env.GRADBOOK_REQUIRE !== "all");

describe.skipIf(skipped)("the archive for bare machines with a GPU", { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "gradbook-archive-"));
  const archive = join(folder, "gradbook-gpu.tar.gz");
  const empty = join(folder, "empty");
  /** As where nothing is installed and nothing is set. */
  const bare = (...words: string[]) =>
    run(join(empty, "gradbook-gpu", "run.sh"), words, { cwd: "/", env: { PATH: "/usr/bin:/bin" } });

  beforeAll(async () => {
    await run(process.execPath, [script, archive]);
    await run("mkdir", [empty]);
    await run("tar", ["-C", empty, "-xzf", archive]);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has less than 60 MB, and of Dawn what is for such machines alone", () => {
    expect(statSync(archive).size).toBeLessThan(60e6);
    const modules = join(empty, "gradbook-gpu", "node_modules");
    expect(readdirSync(join(modules, "webgpu", "dist"))).toEqual(["linux-x64"]);
  });

  it("computes in an empty folder what the CPU computes", async () => {
    const { stdout } = await bare("test");
    expect(stdout).toMatch(/^adapter: \S/);
    expect(stdout).toMatch(/\nall \d+ operations and LeNet-5 agree\n$/);
  });

  it("says how fast it is, as a table and as JSON", async () => {
    const json = join(folder, "results.json");
    const { stdout } = await bare("bench", "--quick", "--json", json, "--peak", "1000");
    expect(stdout).toMatch(/matmul 128 .* GFLOP\/s, \d+ % of the card's\n/);
    const { adapter, results } = JSON.parse(readFileSync(json, "utf8"));
    expect(stdout).toContain(adapter.name);
    expect(results.map(({ unit }: { unit: string }) => unit)).toEqual(["GFLOP/s", "GB/s", "images/s"]);
    for (const { cpu, gpu, ratio } of results) expect(ratio).toBeCloseTo(cpu / gpu, 6);
  });

  it("refuses what it does not know", async () => {
    await expect(bare("train")).rejects.toThrow(/train is unknown, expected test, bench or options/);
  });
});
