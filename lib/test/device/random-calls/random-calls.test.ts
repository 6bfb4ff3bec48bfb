import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { engine } from "../../../src/device/cpu/jit/engine.ts";

const CALLS = 100_000;
/** The same calls each time, unless asked for others. */
const seed = Number(process.env.GRADBOOK_SEED ?? 1998);
const required = process.env.GRADBOOK_REQUIRE === "all";
const hasMachineCode = engine()?.x86 != null;
const { fused = false } = engine() ?? {};

const folder = mkdtempSync(join(tmpdir(), "gradbook-calls-"));
afterAll(() => rmSync(folder, { recursive: true }));
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

type Path = "plain" | "wasm" | "x86";
interface Report {
  readonly faults: readonly { readonly call: number; readonly what: string }[];
  readonly [tally: string]: unknown;
}

/** Has a program make calls on a path, in a process of its own: one that crashes takes nobody along. */
function made(program: string, path: Path, calls: number, results: string): Report {
  const progress = join(folder, `${program}-${path}`);
  const given = (first: number, count: number) => [
    ...["--enable-source-maps", "--import", here("start.mjs"), here(program)],
    ...[seed, first, count].map(String),
  ];
  const { signal, status, stdout, stderr } = spawnSync(process.execPath, [...given(0, calls), progress, results], {
    env: { ...process.env, GRADBOOK_CPU: path },
    encoding: "utf8",
    maxBuffer: 1 << 26,
    timeout: 900_000,
  });
  const alone = (call: number) => `alone: GRADBOOK_CPU=${path} node ${given(call, 1).join(" ")}`;
  if (signal !== null || status !== 0) {
    const [call = 0] = new Int32Array(new Uint8Array(readFileSync(progress)).buffer);
    throw new Error(`Call ${call} ended the process with ${signal ?? status}; ${alone(call)}\n${stderr}`);
  }
  const report = JSON.parse(stdout) as Report;
  if (report.faults.length > 0)
    throw new Error(report.faults.map(({ call, what }) => `Call ${call} ${what}\n  ${alone(call)}`).join("\n"));
  console.log(`${calls} calls by ${program} with GRADBOOK_CPU=${path}, seed ${seed}: ${stdout.trim()}`);
  return report;
}

const resultsOf = (path: Path) => join(folder, `results-${path}`);
const numbers = (path: Path) => new Uint32Array(new Uint8Array(readFileSync(resultsOf(path))).buffer);

/** Calls that give other bits on one path than on the other, of those that give something on both. */
function different(one: Path, other: Path, isAsked: (number: number) => boolean): { both: number; differ: number[] } {
  const [a, b] = [numbers(one), numbers(other)];
  const both = [...a.keys()].filter((i) => a[i] !== 0 && b[i] !== 0 && isAsked(a[i]!));
  return { both: both.length, differ: both.filter((i) => a[i] !== b[i]) };
}

describe(`a hundred thousand random calls of the device, one in five with something wrong (seed ${seed})`, () => {
  it.each(["plain", "wasm", "x86"] as const)(
    "on the path %s give results or are refused, agree with the reference, and touch nothing else",
    (path) => {
      if (path === "x86" && !hasMachineCode && !required) {
        console.warn("Skipped: there are no kernels in machine code on this machine.");
        return;
      }
      const { results, refused, compared } = made("make-calls.ts", path, CALLS, resultsOf(path));
      expect(results).toBeGreaterThan(0.8 * CALLS);
      expect(compared).toBeGreaterThan(0.5 * CALLS);
      expect(refused).toBeGreaterThan(path === "plain" ? 0.004 * CALLS : 0.015 * CALLS);
    },
    1_000_000,
  );

  it.skipIf(!hasMachineCode || !fused)("give the same bits in WebAssembly and in machine code", () => {
    const { both, differ } = different("wasm", "x86", () => true);
    expect(both).toBeGreaterThan(0.6 * CALLS);
    expect(differ).toEqual([]);
  });

  it("give the bits of the loops wherever no function is approximated and no float32 summed", () => {
    for (const path of hasMachineCode ? (["wasm", "x86"] as const) : (["wasm"] as const)) {
      const { both, differ } = different("plain", path, (number) => number % 2 === 1);
      expect(both).toBeGreaterThan(0.4 * CALLS);
      expect(differ).toEqual([]);
    }
  });
});

describe(`random calls of public functions, with senseless arguments (seed ${seed})`, () => {
  it.each(["plain", "wasm", "x86"] as const)(
    "on the path %s end by a result or one of our errors",
    (path) => {
      if (path === "x86" && !hasMachineCode && !required) return;
      made("make-senseless-calls.ts", path, 20_000, "");
    },
    1_000_000,
  );
});
