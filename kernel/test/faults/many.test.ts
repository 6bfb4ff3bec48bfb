import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { TestKernel } from "../client.ts";
import { descendants, listProcesses, privateMemory, processorTime, residentMemory } from "./processes.ts";
import { Chance, seed, thorough } from "./random.ts";

const linux = process.platform === "linux";

test("two clients at once: each gets its own replies, and both see everything published", async () => {
  const chance = new Chance("clients");
  const first = await TestKernel.start();
  const second = await TestKernel.attach(first.process, first.connection);
  const ids = await Promise.all(
    [first, second].map(async (client, number) => {
      const sent: string[] = [];
      for (let round = 0; round < (thorough ? 300 : 60); round++) {
        const kind = chance.below(6);
        if (kind === 0) sent.push(client.send("shell", "complete_request", { code: "Math.ma", cursor_pos: 7 }));
        else if (kind === 1) sent.push(client.send("shell", "kernel_info_request", {}));
        else if (kind === 2) sent.push(client.send("control", "kernel_info_request", {}));
        else sent.push(client.begin(`console.log("client ${number}, ${round}"); ${round}`));
        if (chance.next() < 0.3) await client.reply(sent.at(-1)!);
      }
      for (const id of sent) await client.reply(id, 60_000);
      return sent;
    }),
  );
  const all = new Set(ids.flat());
  for (const [number, client] of [first, second].entries()) {
    const own = client.replies.filter(({ parent }) => all.has(parent.msg_id!)).map(({ parent }) => parent.msg_id);
    expect(own.sort()).toEqual([...ids[number]!].sort());
    for (const id of all)
      await client.until(() => client.publishedUnder(id).at(-1)?.content.execution_state === "idle");
  }
  const seen = (client: TestKernel) =>
    client.published
      .filter(({ header, parent }) => header.msg_type !== "iopub_welcome" && all.has(parent.msg_id ?? ""))
      .map(({ header }) => header.msg_id);
  expect(seen(first)).toEqual(seen(second));
  console.log(`Seed ${seed}: two clients, ${all.size} requests and replies, ${seen(first).length} messages to both.`);
  await second.stop();
  await first.stop();
}, 120_000);

const kernels = thorough ? 24 : 6;
/** The language processes of all of them warm up at the same time, on whatever cores there are. */
const patience = 240_000;

test.runIf(linux)(
  `${kernels} kernels at once start, run cells and go`,
  async () => {
    const started = performance.now();
    const all = await Promise.all(Array.from({ length: kernels }, () => TestKernel.start({ patience })));
    const up = performance.now() - started;
    const results = await Promise.all(
      all.map(async (kernel, number) => {
        const first = kernel.begin(`const number: number = ${number}; console.log("kernel", number);`);
        await kernel.reply(first, patience);
        return (await kernel.run("number * 2")).result;
      }),
    );
    const ran = performance.now() - started;
    expect(results).toEqual(all.map((_, number) => String(number * 2)));
    const processes = (
      await Promise.all(
        all.map(async ({ process: { pid } }) => [pid!, ...(await descendants(pid!)).map((part) => part.pid)]),
      )
    ).flat();
    expect(processes).toHaveLength(3 * kernels);
    const memory = (await Promise.all(processes.map(privateMemory))).reduce((sum, part) => sum + part, 0);
    await Promise.all(all.map((kernel) => kernel.stop()));
    await expect
      .poll(async () => (await listProcesses()).filter(({ pid }) => processes.includes(pid)), { timeout: 30_000 })
      .toEqual([]);
    console.log(
      `${kernels} kernels: all answered after ${(up / 1000).toFixed(1)} s, two cells each after ${(ran / 1000).toFixed(1)} s; ${memory.toFixed(0)} MB in all, ${(memory / kernels).toFixed(0)} MB each; ${processes.length} processes gone.`,
    );
  },
  1_200_000,
);

test.runIf(linux)("a kernel at rest uses no processor time", async () => {
  const kernel = await TestKernel.start();
  await kernel.run("1 + 1");
  const pids = [kernel.process.pid!, ...(await descendants(kernel.process.pid!)).map(({ pid }) => pid)];
  const seconds = 5;
  // After the first cell the compiler exercises for a moment, longer on a busy machine: a kernel that never rests
  // is caught in every round.
  let used: number[] = [];
  for (let round = 0; round < 10; round++) {
    const before = await Promise.all(pids.map(processorTime));
    await sleep(seconds * 1000);
    used = (await Promise.all(pids.map(processorTime))).map((time, i) => time - before[i]!);
    if (Math.max(...used) <= 50) break;
  }
  console.log(`At rest for ${seconds} s: ${used.join(", ")} ms of processor time in the three processes.`);
  expect(Math.max(...used)).toBeLessThanOrEqual(50);
  await kernel.stop();
});

const cells = thorough ? 10_000 : 1500;

test.runIf(linux)(
  `${cells} cells do not make the kernel grow`,
  async () => {
    const kernel = await TestKernel.start();
    const pids = [kernel.process.pid!, ...(await descendants(kernel.process.pid!)).map(({ pid }) => pid)];
    const run = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const { result } = await kernel.run(`const value: number = ${i}; console.log(value); value + 1`);
        expect(result).toBe(String(i + 1));
        // What the client holds is not the kernel's.
        kernel.published.length = 0;
        kernel.replies.length = 0;
      }
    };
    await run(500);
    // When nothing is asked for, it tidies up.
    await sleep(4000);
    const before = await Promise.all(pids.map(residentMemory));
    await run(cells);
    await sleep(4000);
    const after = await Promise.all(pids.map(residentMemory));
    const shown = (memory: number[]) => memory.map((part) => part.toFixed(0)).join(" + ");
    console.log(`After 500 cells ${shown(before)} MB, after ${cells} more ${shown(after)} MB.`);
    for (const [i, memory] of after.entries()) expect(memory).toBeLessThan(before[i]! + 150);
    await kernel.stop();
  },
  1_200_000,
);
