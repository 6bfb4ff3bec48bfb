import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { plain, TestKernel } from "../client.ts";
import { partOf } from "./processes.ts";
import { Chance, seed, thorough } from "./random.ts";

const kills = thorough ? 100 : 20;

const cells = [
  "let sum = 0; for (let i = 0; i < 1e6; i++) sum += i; sum",
  'for (let i = 0; i < 20_000; i++) console.log("line", i);',
  "for (let i = 0; i < 300; i++) display({ i, text: 'x'.repeat(1000) });",
  "await new Promise((resolve) => setTimeout(resolve, 300));",
  "while (true) {}",
  "while (true) console.log(Math.random());",
  "for (;;) await new Promise((resolve) => setImmediate(resolve));",
  "interface Point { x: number } const points: Point[] = [{ x: 1 }]; points.map(({ x }) => x * 2)",
  "throw new Error('planned');",
  "const partly = 1; throw new Error('planned'); const never = 2;",
  'import { createHash } from "node:crypto"; createHash("sha256").update("x").digest("hex")',
  "const wrong: number = 'text';",
];

test(`a runtime killed at ${kills} random moments costs its cell, and nothing else`, async () => {
  const chance = new Chance("runtime");
  const kernel = await TestKernel.start();
  const counts: Record<string, number> = {};
  let slowest = 0;
  for (let round = 0; round < kills; round++) {
    const runtime = await partOf(kernel.process.pid!, "runtime");
    const ids = Array.from({ length: 1 + chance.below(3) }, () =>
      kernel.begin(chance.pick(cells), { stop_on_error: false }),
    );
    await sleep(chance.below(400));
    process.kill(runtime, "SIGKILL");
    for (const id of ids) {
      const reply = kernel.reply(id);
      // What never ends by itself, and comes after the one that was killed, is interrupted.
      const impatience = setInterval(() => void kernel.interrupt(), 1000);
      const { content } = await reply.finally(() => clearInterval(impatience));
      const how = content.ename ?? "ended well";
      counts[how] = (counts[how] ?? 0) + 1;
    }
    const asked = performance.now();
    let run = await kernel.run("20 + 22");
    // The kill may have come so late that it met this one.
    if (run.reply.content.ename === "RuntimeDied") run = await kernel.run("20 + 22");
    slowest = Math.max(slowest, performance.now() - asked);
    expect(run.reply.content.status, plain(run.reply.content.traceback ?? [])).toBe("ok");
    expect(run.result).toBe("42");
  }
  console.log(`Seed ${seed}: ${kills} rounds of kills`, counts, `slowest next cell ${slowest.toFixed(0)} ms`);
  await kernel.stop();
}, 900_000);

test("a fresh runtime answers soon after the old one was killed", async () => {
  const kernel = await TestKernel.start();
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    await kernel.run("const x = 1;");
    const id = kernel.begin('console.log("begun"); while (true) {}');
    // A runtime that is killed before the cell has come to it costs the cell nothing.
    await kernel.message(id, "stream");
    const runtime = await partOf(kernel.process.pid!, "runtime");
    const killed = performance.now();
    process.kill(runtime, "SIGKILL");
    expect((await kernel.end(id)).reply.content.ename).toBe("RuntimeDied");
    const told = performance.now() - killed;
    expect((await kernel.run("1 + 1")).result).toBe("2");
    times.push(performance.now() - killed);
    expect(told).toBeLessThan(5000);
    expect((await kernel.run("x")).reply.content.ename).toBe("TypeScriptError");
  }
  console.log(`From kill -9 to the next result: ${times.map((time) => time.toFixed(0)).join(", ")} ms.`);
  expect(Math.min(...times)).toBeLessThan(5000);
  await kernel.stop();
});

test(`a language process killed at ${kills} random moments under load costs no reply and no variable`, async () => {
  const chance = new Chance("language");
  const kernel = await TestKernel.start();
  await kernel.run("const kept: number = 41;");
  const counts: Record<string, number> = {};
  for (let round = 0; round < kills; round++) {
    const language = await partOf(kernel.process.pid!, "language");
    const ids = Array.from({ length: 8 }, () => {
      switch (chance.below(5)) {
        case 0:
          return kernel.send("shell", "complete_request", { code: "Math.ma", cursor_pos: 7 });
        case 1:
          return kernel.send("shell", "inspect_request", { code: "parseInt", cursor_pos: 3, detail_level: 0 });
        case 2:
          return kernel.send("shell", "is_complete_request", { code: "for (" });
        default:
          return kernel.begin(
            chance.pick(["const a = [1, 2].map((x) => x + kept); a.length", cells.at(-3)!, cells[8]!]),
            {
              stop_on_error: false,
            },
          );
      }
    });
    await sleep(chance.below(60));
    process.kill(language, "SIGKILL");
    for (const id of ids) {
      const { header, content } = await kernel.reply(id);
      const what = `${header.msg_type} ${content.status}`;
      counts[what] = (counts[what] ?? 0) + 1;
      await kernel.until(() => kernel.publishedUnder(id).at(-1)?.content.execution_state === "idle");
    }
    let run = await kernel.run("kept + 1");
    // The first request after the end starts it again.
    if (run.reply.content.ename === "ConversionFailed") run = await kernel.run("kept + 1");
    expect(run.result).toBe("42");
  }
  console.log(`Seed ${seed}: the language process killed ${kills} times`, counts);
  await kernel.stop();
}, 900_000);
