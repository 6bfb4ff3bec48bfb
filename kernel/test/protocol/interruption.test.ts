import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plain, TestKernel } from "../client.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

/** Runs endless code, interrupts it, and tells how long the reply took. */
async function interrupted(code: string, wait = 250) {
  const id = kernel.begin(code);
  await kernel.message(id, "execute_input");
  await sleep(wait);
  const start = performance.now();
  void kernel.interrupt();
  const run = await kernel.end(id);
  return { ...run, took: run.reply.at - start };
}

const endless = {
  "a synchronous loop": "while (true) {}",
  "a loop that catches everything": "while (true) { try { while (true) {} } catch {} finally {} }",
  "a loop after an await": "await new Promise((r) => setTimeout(r, 5)); while (true) {}",
  "a loop of microtasks": "await (async () => { for (;;) await null; })();",
  "a loop of microtasks in a library": `const library = new Function("return (async () => { for (;;) await null; })()");
    await library();`,
  "a loop of calls into Node": `import { statSync } from "node:fs"; while (true) statSync("/");`,
  "an await that never ends": "await new Promise(() => {});",
  "a loop of awaits in a function":
    "async function spin() { for (;;) await new Promise((r) => setTimeout(r, 5)); } await spin();",
  "a loop in a timer": "setTimeout(() => { while (true) {} }, 5); await new Promise(() => {});",
  "a loop in setImmediate": "setImmediate(() => { while (true) {} }); await new Promise(() => {});",
  "a loop in queueMicrotask": "queueMicrotask(() => { while (true) {} }); await new Promise(() => {});",
  "a loop in a file callback": `import { stat } from "node:fs";
    stat(process.execPath, () => { while (true) {} }); await new Promise(() => {});`,
  "a loop in an event listener": `import { EventEmitter } from "node:events";
    new EventEmitter().on("x", () => { while (true) {} }).emit("x");`,
  "a catastrophic regular expression": `/^(a+)+$/.test("a".repeat(40) + "b");`,
  "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  "a catastrophic regular expression after an await": `await null; /^(a+)+$/.test("a".repeat(40) + "b");`,
  "Atomics.wait after an await": "await null; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  "a loop that prints": `for (;;) console.log("spam");`,
  "an endless generator": "async function* g() { for (;;) yield 1; } for await (const _ of g()) {}",
};

describe("interrupting", () => {
  for (const [what, code] of Object.entries(endless)) {
    test(`${what} ends it and keeps the variables`, async () => {
      await kernel.run("let kept = 41;");
      const { reply } = await interrupted(code);
      expect(reply.content).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
      expect((await kernel.run("++kept")).result).toBe("42");
      expect((await kernel.run("await new Promise<string>((r) => setTimeout(r, 5, 'timers run'))")).result).toBe(
        "'timers run'",
      );
    });
  }

  test("a synchronous loop takes at most 0.3 seconds", async () => {
    await kernel.run("const earlier = 'still here';");
    // The best of three: other work on the machine is not what is tested.
    const times = [];
    for (let i = 0; i < 3; i++) times.push((await interrupted("while (true) {}")).took);
    expect(Math.min(...times)).toBeLessThan(300);
    expect((await kernel.run("earlier")).result).toBe("'still here'");
  });

  test("a cell that has just been sent ends it, too, however short the time between", async () => {
    await kernel.run("let stays = 1;");
    for (const wait of [0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 15, 20]) {
      for (const code of ["while (true) {}", "await new Promise(() => {});"]) {
        const { reply } = await interrupted(code, wait);
        expect(reply.content).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
      }
    }
    expect((await kernel.run("++stays")).result).toBe("2");
  });

  test("says where the loop was", async () => {
    const { reply } = await interrupted("let n = 0;\nfunction spin() {\n  while (true) n++;\n}\nspin();");
    expect(plain(reply.content.traceback)).toMatch(/^Cell \[\d+\], line 3\n[\s\S]*spin \(Cell \[\d+\], line 3/);
  });

  test("lets finally blocks of an awaiting cell run, and nothing after them", async () => {
    const { stdout } = await interrupted(
      `try { for (;;) await new Promise((r) => setTimeout(r, 5)); } finally { console.log("tidy"); }
       console.log("after");`,
    );
    expect(stdout).toBe("tidy\n");
  });

  test("stops what it has interrupted for good, and quietly", async () => {
    const { stderr } = await interrupted(
      `let ticks = 0; async function tick() { for (;;) { await new Promise((r) => setTimeout(r, 5)); ticks++; } } tick(); await tick();`,
    );
    expect(stderr).toBe("");
    const first = Number((await kernel.run("ticks")).result);
    await sleep(100);
    expect(Number((await kernel.run("ticks")).result) - first).toBeLessThan(3);
  });

  test("aborts the cell's signal, and code that heeds it ends by itself", async () => {
    const { reply, result } = await interrupted(`
      const signal = (globalThis as unknown as Record<symbol, AbortSignal>)[Symbol.for("Jupyter.signal")]!;
      let steps = 0;
      while (!signal.aborted) { steps++; await new Promise((r) => setTimeout(r, 20)); }
      \`ended by itself after \${steps > 0}\``);
    expect(reply.content.status).toBe("ok");
    expect(result).toBe("'ended by itself after true'");
  });

  test("aborts the signal of a loop that yields to nothing, which then ends by itself", async () => {
    const { reply, result } = await interrupted(`
      const heeded = (globalThis as unknown as Record<symbol, AbortSignal>)[Symbol.for("Jupyter.signal")]!;
      while (!heeded.aborted) {}
      "done"`);
    expect(reply.content.status).toBe("ok");
    expect(result).toBe("'done'");
  });

  test("gives every cell a fresh signal", async () => {
    const code = `(globalThis as unknown as Record<symbol, AbortSignal>)[Symbol.for("Jupyter.signal")]!.aborted`;
    expect((await kernel.run(code)).result).toBe("false");
  });

  test("works by SIGINT too", async () => {
    const id = kernel.begin("while (true) {}");
    await kernel.message(id, "execute_input");
    await sleep(200);
    kernel.process.kill("SIGINT");
    expect((await kernel.end(id)).reply.content.ename).toBe("KeyboardInterrupt");
  });

  test("does nothing to an idle kernel", async () => {
    expect((await kernel.interrupt()).content.status).toBe("ok");
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });

  test("ends even a chain of process.nextTick, at worst with the runtime, and says so", async () => {
    const { reply } = await interrupted(
      "process.nextTick(function f() { process.nextTick(f); }); await new Promise(() => {});",
    );
    expect(["KeyboardInterrupt", "RuntimeDied"]).toContain(reply.content.ename);
    if (reply.content.ename === "RuntimeDied") expect(reply.content.evalue).toContain("variables are gone");
    expect((await kernel.run("2 + 2")).result).toBe("4");
  });

  const native = {
    "a child process": "execSync('sleep 1.5');",
    "a key derivation": "pbkdf2Sync('password', 'salt', 4e6, 32, 'sha256');",
    "parsing a large text": "JSON.parse('['.concat('1,'.repeat(3e7), '1]'));",
    "sorting a large array": "Float64Array.from({ length: 5e6 }, (_, i) => (i * 7919) % 1000003).sort();",
  };
  for (const [what, code] of Object.entries(native))
    for (const [where, before] of Object.entries({ "at once": "", "after an await": "await null;" }))
      test(`waits for native code to end, and loses nothing: ${what}, ${where}`, async () => {
        await kernel.run(`let patient = 1;
          import { execSync } from "node:child_process"; import { pbkdf2Sync } from "node:crypto";`);
        const last = await interrupted(`${before} ${code}`);
        // Native code that is the last of its cell may bring it to its end first.
        expect(["ok", "KeyboardInterrupt"]).toContain(last.reply.content.ename ?? last.reply.content.status);
        const { reply } = await interrupted(`${before} ${code} while (true) {}`);
        expect(reply.content.ename).toBe("KeyboardInterrupt");
        expect((await kernel.run("await new Promise((r) => setTimeout(r, 5)); patient")).result).toBe("1");
      });
});

describe("while a cell is busy", () => {
  test("a line printed before a two-second loop arrives before the loop ends", async () => {
    const id = kernel.begin(`console.log("at once"); const end = Date.now() + 2000; while (Date.now() < end);`);
    const line = await kernel.message(id, "stream");
    const { reply } = await kernel.end(id);
    expect(line.content.text).toBe("at once\n");
    expect(reply.at - line.at).toBeGreaterThan(1500);
  });

  test("heartbeat, control, completion and inspection answer", async () => {
    await kernel.run("const catalogue = { title: 'x' };");
    const id = kernel.begin("while (true) {}");
    await kernel.message(id, "execute_input");
    expect(await kernel.beats()).toBe(true);
    expect((await kernel.request("control", "kernel_info_request", {})).content.status).toBe("ok");
    const { content } = await kernel.request("shell", "complete_request", { code: "catalogue.", cursor_pos: 10 });
    expect(content.matches).toContain("title");
    await kernel.interrupt();
    await kernel.end(id);
  });
});
