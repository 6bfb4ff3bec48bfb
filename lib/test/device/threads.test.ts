import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { engine, forgetEngine } from "../../src/device/cpu/jit/engine.ts";
import { Assembler, at, rax, rcx, rdi, rsi } from "../../src/device/cpu/x86/assembler.ts";
import { Label } from "../../src/device/cpu/x86/encoder.ts";
import { type Loader, loader } from "../../src/device/cpu/x86/native.ts";
import { Team } from "../../src/device/cpu/x86/team/team.ts";
import * as g from "../../src/index.ts";
import { setThreads, type Tensor, threads } from "../../src/index.ts";

const found = loader();
const hasThreads = engine()?.x86 != null && !("missing" in found) && found.threads !== undefined;
const required = process.env.GRADBOOK_REQUIRE === "all";
if (!hasThreads) console.warn("Skipped: on this machine one thread does all.");

afterEach(() => {
  vi.unstubAllEnvs();
  setThreads();
});

/** Everything that threads share, large enough to be shared. */
const random = g.random.seed(1);
const x = (...shape: number[]) => random.child(shape.join()).normal(shape);
const kinds: Readonly<Record<string, () => Tensor | Tensor[]>> = {
  "products of matrices": () => [x(130, 300).matmul(x(300, 517)), x(517, 90).transpose().matmul(x(517, 200))],
  "many products": () => x(9, 70, 130).matmul(x(9, 130, 90)),
  "a product for one row": () => x(1, 2000).matmul(x(2000, 700)),
  convolutions: () => bothWays(x(5, 7, 40, 41), x(20, 7, 5, 5), { padding: 2 }),
  "one large convolution": () => bothWays(x(1, 3, 150, 160), x(12, 3, 3, 3), { padding: 1 }),
  "convolutions of groups and of two steps": () => bothWays(x(4, 6, 50, 50), x(8, 3, 3, 3), { groups: 2, stride: 2 }),
  "elementwise operations over rows and over one row": () => [x(300, 333).tanh().mul(2), x(100_003).exp().add(1)],
  "softmax and layer norm": () => [g.softmax(x(400, 301), -1), g.grad((y) => g.logSoftmax(y, -1).sum())(x(400, 301))],
  "sums over either axis": () => [
    x(700, 301).sum({ axis: 0 }),
    x(700, 301).sum({ axis: 1 }),
    x(700, 301).max({ axis: 1 }),
    x(700, 301).argmax(1),
  ],
  "folds of very many": () => [
    x(262_144).sum(),
    x(1_000_000).tanh().sum(),
    x(3, 200_000).max({ axis: 1 }),
    x(131_101).sum(),
  ],
  transposition: () => x(300, 500).transpose().add(0),
  "choice of rows": () => g.take(x(500, 200), g.random.seed(3).integers([700], { high: 500 })),
  "max-pooling": () => {
    const image = x(16, 8, 40, 40);
    return [g.maxPool2d(image, { size: 2 }), g.grad((y) => g.maxPool2d(y, { size: 2 }).sum())(image)];
  },
};

function bothWays(image: Tensor, filters: Tensor, options: Parameters<typeof g.conv2d>[2]): Tensor[] {
  const inputs = { image, filters };
  const { value, gradient } = g.valueAndGrad(inputs, (given) =>
    g.conv2d(given.image, given.filters, options).tanh().sum(),
  );
  return [value, gradient.image, gradient.filters];
}

describe.skipIf(!hasThreads && !required)("threads", () => {
  for (const [what, compute] of Object.entries(kinds))
    it(`change no bit of ${what}`, async () => {
      const results = async (count: number) => {
        setThreads(count);
        return Promise.all([compute()].flat().map((tensor) => tensor.data()));
      };
      const alone = await results(1);
      for (const count of [2, 3, 7]) {
        const shared = await results(count);
        for (const [i, values] of shared.entries())
          expect(values.findIndex((value, j) => !Object.is(value, alone[i]![j]))).toBe(-1);
      }
    });

  it("do each task of each job once, in whatever numbers they come, also after pauses", async () => {
    const [work, load] = [add(found as Loader), found as Loader];
    const team = new Team(load);
    const jobs = fc.record({ tasks: fc.integer({ min: 1, max: 300 }), each: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(jobs, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        async (list, size) => {
          setThreads(size);
          const counts = new Int32Array(1500);
          const expected = new Int32Array(1500);
          for (const [i, { tasks, each }] of list.entries()) {
            const frames = new Int32Array(tasks * each * 2);
            for (let call = 0; call < tasks * each; call++) {
              frames.set([call * 4, i + 1], call * 2);
              expected[call]! += i + 1;
            }
            team.run(work, frames, 2, { tasks, each }, [counts]);
            // Long enough for them to fall asleep.
            if (i % 13 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
          }
          expect(counts).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  }, 120_000);

  it("call after call of one task come in order", () => {
    const team = new Team(found as Loader);
    const work = shiftAndAdd(found as Loader);
    for (const together of [true, false]) {
      const values = new Int32Array(64);
      const frames = Int32Array.from({ length: 64 * 5 * 2 }, (_, i) =>
        i % 2 === 0 ? Math.floor(i / 10) * 4 : ((i >> 1) % 5) + 1,
      );
      team.run(work, frames, 2, { tasks: 64, each: 5, together }, [values]);
      // ((((1·2 + 2)·2 + 3)·2 + 4)·2 + 5)
      expect([...new Set(values)]).toEqual([57]);
    }
  });

  it("are done without where the system starts none", () => {
    const load = found as Loader;
    const refusing = Object.assign((code: Uint8Array, parameters: number) => load(code, parameters), {
      threads: {
        waiting: load.threads!.waiting,
        memory: load.threads!.memory,
        start() {
          throw new Error("the system starts no thread");
        },
      },
    });
    setThreads(4);
    const team = new Team(refusing);
    const counts = new Int32Array(10);
    team.run(
      add(load),
      Int32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? i * 2 : 3)),
      2,
      { tasks: 10 },
      [counts],
    );
    expect([...counts]).toEqual(Array(10).fill(3));
    expect(team.size).toBe(1);
  });

  it("do more tasks than fit a ticket", () => {
    const team = new Team(found as Loader);
    for (const size of [1, 3]) {
      setThreads(size);
      const tasks = 140_000;
      const frames = Int32Array.from({ length: tasks * 2 }, (_, i) => (i % 2 === 0 ? ((i / 2) % 100) * 4 : 1));
      // Tasks that add to the same place are done by one thread.
      const counts = new Int32Array(100);
      team.run(add(found as Loader), frames, 2, { tasks, together: false }, [counts]);
      expect([...counts]).toEqual(Array(100).fill(1400));
      const apart = new Int32Array(tasks);
      for (let i = 0; i < tasks; i++) frames[2 * i] = i * 4;
      team.run(add(found as Loader), frames, 2, { tasks }, [apart]);
      expect(apart.every((count) => count === 1)).toBe(true);
    }
  });

  it("end when there is nothing to do for long, and are there again when there is", async () => {
    const team = new Team(found as Loader, 1);
    setThreads(5);
    const count = () => readdirSync("/proc/self/task").length;
    const before = count();
    const work = () => {
      const counts = new Int32Array(40);
      team.run(
        add(found as Loader),
        Int32Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? i * 2 : 1)),
        2,
        { tasks: 40 },
        [counts],
      );
      expect(counts.every((n) => n === 1)).toBe(true);
    };
    for (let round = 0; round < 2; round++) {
      work();
      expect(count()).toBeGreaterThanOrEqual(before + 4);
      await expect.poll(count, { timeout: 20_000 }).toBeLessThanOrEqual(before);
      // One job finds that they have gone, the next has others.
      work();
      await expect.poll(count, { timeout: 20_000 }).toBeLessThanOrEqual(before + 4);
    }
  }, 60_000);

  it("are no more where the engine starts anew", () => {
    setThreads(4);
    const use = () => x(300, 300).matmul(x(300, 300));
    use();
    const before = readdirSync("/proc/self/task").length;
    for (let i = 0; i < 20; i++) {
      forgetEngine();
      use();
    }
    expect(readdirSync("/proc/self/task").length).toBeLessThan(before + 4);
  });

  it("that wait keep no process from ending, nor a worker", () => {
    const library = JSON.stringify(new URL("../../dist/index.js", import.meta.url).href);
    const work = `import(${library}).then(async ({ random, setThreads }) => {
      setThreads(4);
      const a = random.seed(1).normal([400, 400]);
      console.log((await a.matmul(a).sum().item()).toFixed(2));
    })`;
    const script = `const { Worker } = require("node:worker_threads");
      ${work}.then(() => new Worker(${JSON.stringify(work)}, { eval: true }));`;
    const lines = execFileSync(process.execPath, ["-e", script], { timeout: 60_000, encoding: "utf8" })
      .trim()
      .split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(lines[1]);
  }, 120_000);
});

describe("the number of threads", () => {
  it("is that of the cores, or what is asked for", () => {
    expect(threads()).toBeGreaterThanOrEqual(1);
    expect(threads()).toBeLessThanOrEqual(availableParallelism());
    setThreads(3);
    expect(threads()).toBe(3);
  });

  it.each([
    ["150000 100000", "0", 1],
    ["300000 100000", "1", 3],
    ["max 100000", "1", 4],
    ["max 100000", "0", 8],
  ])("respects what a container may use: %s", async (quota, twoThreads, expected) => {
    vi.resetModules();
    const texts: Record<string, string> = {
      "/sys/fs/cgroup/cpu.max": `${quota}\n`,
      "/sys/devices/system/cpu/smt/active": `${twoThreads}\n`,
    };
    const modules: Record<string, object> = {
      "node:os": { availableParallelism: () => 8 },
      "node:fs": { readFileSync: (path: string) => texts[path] },
    };
    vi.stubGlobal("process", { env: {}, getBuiltinModule: (id: string) => modules[id] });
    const fresh = await import("../../src/device/cpu/threads.ts");
    const count = fresh.threads();
    vi.unstubAllGlobals();
    expect(count).toBe(expected);
  });

  it("is refused where it is none, with what is expected", () => {
    for (const count of [0, -1, 1.5, Number.NaN, 257])
      expect(() => setThreads(count)).toThrow(
        `setThreads: the number of threads is ${count}, expected a whole number from 1 to 256`,
      );
  });

  it.each(["0", "two", "1.5"])("is refused where GRADBOOK_THREADS is %s", async (text) => {
    vi.resetModules();
    vi.stubEnv("GRADBOOK_THREADS", text);
    const fresh = await import("../../src/device/cpu/threads.ts");
    expect(() => fresh.threads()).toThrow(`GRADBOOK_THREADS is "${text}", expected a whole number from 1 to 256`);
  });

  it("is what GRADBOOK_THREADS says from the beginning", async () => {
    vi.resetModules();
    vi.stubEnv("GRADBOOK_THREADS", "5");
    expect((await import("../../src/device/cpu/threads.ts")).threads()).toBe(5);
  });
});

/** A kernel that adds its second parameter to what lies as many bytes after the array's beginning as its first one says. */
function add(load: Loader) {
  const code = new Assembler(8);
  code.loadSigned(rax, at(rdi, 0));
  code.add(rsi, rax);
  code.load(rax, at(rdi, 4));
  code.addAt(at(rsi), rax);
  code.return();
  return load(code.finish(), 2);
}

/** A kernel that doubles before it adds. */
function shiftAndAdd(load: Loader) {
  const code = new Assembler(8);
  const wait = new Label();
  code.loadSigned(rax, at(rdi, 0));
  code.add(rsi, rax);
  code.load(rax, at(rsi));
  code.add(rax, rax);
  code.load(rcx, at(rdi, 4));
  code.add(rax, rcx);
  // Some time, so that another thread could come between.
  code.set(rcx, 2000);
  code.place(wait);
  code.decrement(rcx);
  code.jumpIfNotZero(wait);
  code.store(at(rsi), rax);
  code.return();
  return load(code.finish(), 2);
}
