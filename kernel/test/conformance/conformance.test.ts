import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, pythonHas } from "../run/debian-python.ts";

// Our own checks of the protocol, in Python with Jupyter's own client, which knows nothing of our code.
const suite = fileURLToPath(new URL(".", import.meta.url));
const available = pythonHas("jupyter_client", "python3-jupyter-client") && pythonHas("pygments", "python3-pygments");

interface CheckResult {
  readonly check: string;
  readonly state: "ok" | "fail" | "skip";
  readonly detail: string;
  readonly ms: number;
}

interface Total {
  readonly kernel: string;
  readonly ok: number;
  readonly fail: number;
  readonly skip: number;
  readonly seconds: number;
}

/** A run of all checks against one kernel; results come while it goes on. */
class SuiteRun {
  readonly #process: ChildProcess;
  readonly #results = new Map<string, CheckResult>();
  readonly #wanted = new Map<string, (result: CheckResult) => void>();
  readonly total: Promise<Total | undefined>;
  #ended = "";

  constructor(kernel: string, ...options: string[]) {
    const child = spawn(python, [suite, "--kernel", kernel, ...options], { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    let complaints = "";
    child.stderr.on("data", (text: Buffer) => {
      complaints += text.toString();
    });
    let total: Total | undefined;
    createInterface(child.stdout).on("line", (line) => {
      const said = JSON.parse(line) as CheckResult | Total;
      if ("check" in said) this.#take(said);
      else total = said;
    });
    this.total = once(child, "close").then(([status]) => {
      this.#ended = `the checks of ${kernel} ended with ${status} before this one. ${complaints}`;
      for (const check of this.#wanted.keys()) this.#take({ check, state: "fail", detail: this.#ended, ms: 0 });
      return total;
    });
  }

  #take(result: CheckResult): void {
    this.#results.set(result.check, result);
    this.#wanted.get(result.check)?.(result);
    this.#wanted.delete(result.check);
  }

  result(check: string): Promise<CheckResult> {
    const known = this.#results.get(check);
    if (known) return Promise.resolve(known);
    if (this.#ended) return Promise.resolve({ check, state: "fail", detail: this.#ended, ms: 0 });
    return new Promise((resolve) => this.#wanted.set(check, resolve));
  }

  stop(): void {
    this.#process.kill();
  }
}

function listChecks(): string[] {
  const { status, stdout, stderr } = spawnSync(python, [suite, "--list"], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as string);
}

const areas = new Map<string, string[]>();
for (const check of available ? listChecks() : []) {
  const area = check.slice(0, check.indexOf(": "));
  areas.set(area, [...(areas.get(area) ?? []), check]);
}

describe.skipIf(!available)("conformance", () => {
  const others = pythonHas("ipykernel", "python3-ipykernel") ? ["ipykernel"] : [];
  // tslab hangs in many checks: it is asked only on request.
  if (process.env.GRADBOOK_COMPARE === "all") others.push("tslab");

  let run: SuiteRun;
  let comparisons: SuiteRun[];
  beforeAll(() => {
    run = new SuiteRun("gradbook");
    // Most of their time is waiting for what does not come.
    comparisons = others.map((name) => new SuiteRun(name, "--patience", "3", "--jobs", "1"));
  });
  afterAll(() => {
    for (const each of [run, ...(comparisons ?? [])]) each?.stop();
  });

  for (const [area, checks] of areas)
    describe(area, () => {
      for (const check of checks)
        test(check.slice(area.length + 2), async () => {
          const { state, detail } = await run.result(check);
          expect(state, detail).toBe("ok");
        }, 600_000);
    });

  test("is compared with other kernels, by the same checks", async () => {
    const totals = await Promise.all([run, ...comparisons].map(({ total }) => total));
    const line = (total: Total | undefined) =>
      total && `  ${total.kernel.padEnd(10)} ${total.ok} of ${total.ok + total.fail}  (${total.seconds} s)`;
    console.log(`Checks passed of those that apply:\n${totals.map(line).join("\n")}`);
    expect(totals.map((total) => total?.kernel)).toEqual(["gradbook", ...others]);
  }, 1_200_000);
});
