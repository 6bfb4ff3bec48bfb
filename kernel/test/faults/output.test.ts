import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Subscriber } from "zeromq";
import { addressOf } from "../../src/wire/connection.ts";
import { Codec } from "../../src/wire/frames.ts";
import { TestKernel } from "../client.ts";
import { residentMemory } from "./processes.ts";
import { thorough } from "./random.ts";

const megabyte = 1e6;

/** Prints this many megabytes, in lines of a thousand characters. */
const printing = (megabytes: number) =>
  `for (let i = 0; i < ${megabytes * 1000}; i++) console.log(String(i).padStart(999, "."));`;

/** The greatest memory of a process while something lasts, in MB. */
async function peakDuring<T>(pid: number, work: Promise<T>): Promise<{ value: T; peak: number }> {
  let peak = 0;
  let over = false;
  const watch = async () => {
    while (!over) {
      peak = Math.max(peak, await residentMemory(pid));
      await sleep(20);
    }
  };
  const watching = watch();
  const value = await work.finally(() => {
    over = true;
  });
  await watching;
  return { value, peak };
}

const linux = process.platform === "linux";

test.runIf(linux)("a burst of 50 MB arrives whole and in order, and the supervisor stays small", async () => {
  const kernel = await TestKernel.start();
  // Many small messages before must not make a difference.
  for (let i = 0; i < 100; i++) await kernel.run("0");
  const before = await residentMemory(kernel.process.pid!);
  const started = performance.now();
  const { value, peak } = await peakDuring(kernel.process.pid!, kernel.run(printing(50)));
  const seconds = (performance.now() - started) / 1000;
  const lines = value.stdout.split("\n");
  expect(value.stdout.length).toBe(50 * megabyte);
  expect(lines.every((line, i) => i === 50_000 || Number(line.replace(/^\.+/, "")) === i)).toBe(true);
  console.log(`50 MB in ${seconds.toFixed(1)} s; supervisor ${before.toFixed(0)} → at most ${peak.toFixed(0)} MB.`);
  expect(peak).toBeLessThan(before + 250);
  await kernel.stop();
});

test.runIf(linux)(
  "a burst of 200 MB waits for a client that reads slowly, in little memory and without loss",
  async () => {
    const kernel = await TestKernel.start();
    await kernel.run("0");
    const slow = new Subscriber({ receiveHighWaterMark: 100, linger: 0 });
    slow.connect(addressOf(kernel.connection, "iopub"));
    slow.subscribe("");
    const codec = new Codec(kernel.connection);
    await slow.receive(); // iopub_welcome
    const before = await residentMemory(kernel.process.pid!);
    let bytes = 0;
    const id = kernel.begin(printing(200));
    const reading = (async () => {
      for await (const frames of slow) {
        const message = codec.decode(frames);
        if (message?.parent.msg_id !== id) continue;
        if (message.header.msg_type === "stream") bytes += (message.content.text as string).length;
        if (message.content.execution_state === "idle") return;
        await sleep(4);
      }
    })();
    const started = performance.now();
    const { peak } = await peakDuring(kernel.process.pid!, reading);
    const seconds = (performance.now() - started) / 1000;
    expect(bytes).toBe(200 * megabyte);
    console.log(
      `200 MB read slowly in ${seconds.toFixed(1)} s; supervisor ${before.toFixed(0)} → at most ${peak.toFixed(0)} MB.`,
    );
    expect(peak).toBeLessThan(before + 350);
    slow.close();
    await kernel.stop();
  },
  120_000,
);

test.runIf(linux && thorough)(
  "a client that has stopped reading delays the others for a while, and costs little memory",
  async () => {
    const kernel = await TestKernel.start();
    await kernel.run("0");
    const stuck = new Subscriber({ receiveHighWaterMark: 100, linger: 0 });
    stuck.connect(addressOf(kernel.connection, "iopub"));
    stuck.subscribe("");
    await stuck.receive();
    const before = await residentMemory(kernel.process.pid!);
    const started = performance.now();
    const id = kernel.begin(printing(300));
    const reply = kernel.reply(id, 100_000);
    await sleep(3000);
    const asked = performance.now();
    await kernel.request("shell", "kernel_info_request", {});
    const answered = performance.now() - asked;
    const { peak } = await peakDuring(kernel.process.pid!, reply);
    const seconds = (performance.now() - started) / 1000;
    await kernel.until(() => kernel.publishedUnder(id).some(({ content }) => content.execution_state === "idle"));
    const bytes = kernel
      .publishedUnder(id)
      .reduce((sum, { content }) => sum + (typeof content.text === "string" ? content.text.length : 0), 0);
    expect(bytes).toBe(300 * megabyte);
    console.log(
      `300 MB beside a stuck client in ${seconds.toFixed(1)} s; supervisor ${before.toFixed(0)} → at most ${peak.toFixed(0)} MB; kernel_info meanwhile in ${answered.toFixed(0)} ms.`,
    );
    expect(peak).toBeLessThan(before + 350);
    stuck.close();
    await kernel.stop();
  },
  120_000,
);

test("a cell that waits for a client to read can be interrupted", async () => {
  const kernel = await TestKernel.start();
  await kernel.run("let kept = 5;");
  const stuck = new Subscriber({ receiveHighWaterMark: 100, linger: 0 });
  stuck.connect(addressOf(kernel.connection, "iopub"));
  stuck.subscribe("");
  await stuck.receive();
  const id = kernel.begin(`kept = 6; while (true) console.log("x".repeat(999));`);
  await sleep(3000);
  const started = performance.now();
  await kernel.interrupt();
  const reply = await kernel.reply(id);
  console.log(`Interrupted in ${(performance.now() - started).toFixed(0)} ms.`);
  expect(reply.content.ename).toBe("KeyboardInterrupt");
  stuck.close();
  expect((await kernel.run("kept")).result).toBe("6");
  await kernel.stop();
}, 60_000);
