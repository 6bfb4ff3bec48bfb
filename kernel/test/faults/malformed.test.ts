import { connect } from "node:net";
import { expect, test } from "vitest";
import { Dealer } from "zeromq";
import { addressOf } from "../../src/wire/connection.ts";
import { Codec } from "../../src/wire/frames.ts";
import type { Message } from "../../src/wire/message.ts";
import { TestKernel } from "../client.ts";
import { Malformer } from "./malformed.ts";
import { Chance, seed } from "./random.ts";

const messages = 1000;
const batch = 50;
const channels = ["shell", "control", "stdin", "hb"] as const;

test(`${messages} malformed and wrongly signed messages on every channel harm nothing`, async () => {
  const chance = new Chance("malformed");
  const kernel = await TestKernel.start();
  await kernel.run("const kept: number = 7;");
  // Of what the kernel published before, the first may be missing: the subscription may have come in between.
  const before = kernel.published.length;
  const malformer = new Malformer(kernel.connection, chance);
  const codec = new Codec(kernel.connection);
  const replies: Message[] = [];
  const dealers = channels.map((channel) => {
    const dealer = new Dealer({ linger: 0 });
    dealer.connect(addressOf(kernel.connection, channel));
    void (async () => {
      for await (const frames of dealer) {
        const message = codec.decode(frames);
        if (message) replies.push(message);
        if (message) awaited.delete(message.parent.msg_id!);
      }
    })().catch(() => undefined);
    return dealer;
  });
  const awaited = new Set<string>();
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < messages; sent++) {
    const { kind, frames, id } = malformer.next();
    const channel = chance.below(channels.length);
    if (id !== undefined && channel < 2) awaited.add(id);
    counts[kind] = (counts[kind] ?? 0) + 1;
    // A request socket, such as a heartbeat's, begins with an empty frame.
    await dealers[channel]!.send(channels[channel] === "hb" && chance.next() < 0.5 ? ["", ...frames] : frames);
    if (sent % batch !== batch - 1) continue;
    expect((await kernel.request("shell", "kernel_info_request", {})).content.status).toBe("ok");
    expect((await kernel.request("control", "kernel_info_request", {})).content.status).toBe("ok");
    let run = await kernel.run("kept");
    // Of what was sent just before, a failing request takes along those that seem to have been sent with it, and an
    // interrupt may come late.
    while (run.reply.content.status === "aborted" || run.reply.content.ename === "KeyboardInterrupt")
      run = await kernel.run("kept");
    expect(run.result, JSON.stringify(run.reply.content)).toBe("7");
    expect(await kernel.beats()).toBe(true);
  }
  expect((await kernel.run("String([(globalThis as any).forged, ({} as any).polluted])")).result).toBe("','");
  // Each request's first state is busy and its last is idle; while a cell runs, its busy may be said again.
  const states = () => {
    const found = new Map<string, string[]>();
    for (const { header, parent, content } of kernel.published.slice(before)) {
      const id = JSON.stringify([parent.msg_id]);
      if (header.msg_type !== "status" || content.execution_state === "starting") continue;
      found.set(id, [...(found.get(id) ?? []), content.execution_state]);
    }
    return found;
  };
  await kernel.until(() => [...states().values()].every((ofRequest) => ofRequest.at(-1) === "idle"));
  await expect.poll(() => [...awaited], { timeout: 30_000 }).toEqual([]);
  for (const ofRequest of states().values()) expect(ofRequest[0]).toBe("busy");
  for (const dealer of dealers) dealer.close();
  console.log(
    `Seed ${seed}: ${messages} malformed messages, ${replies.length} answers, ${states().size} requests busy and idle.`,
    counts,
  );
  await kernel.stop();
}, 180_000);

test("what is no ZeroMQ at all harms nothing", async () => {
  const chance = new Chance("noise");
  const kernel = await TestKernel.start();
  const ports = (["shell_port", "control_port", "iopub_port", "stdin_port", "hb_port"] as const).map(
    (name) => kernel.connection[name],
  );
  let connections = 0;
  for (let round = 0; round < 40; round++)
    await Promise.all(
      ports.map(async (port) => {
        const socket = connect(port, "127.0.0.1").on("error", () => undefined);
        const noise = chance.pick([Buffer.from("GET / HTTP/1.1\r\n\r\n"), chance.bytes(300), Buffer.alloc(0)]);
        await new Promise((resolve) => socket.write(noise, resolve));
        socket.destroy();
        connections++;
      }),
    );
  expect((await kernel.run("1 + 1")).result).toBe("2");
  expect(await kernel.beats()).toBe(true);
  console.log(`Seed ${seed}: ${connections} connections of noise.`);
  await kernel.stop();
});
