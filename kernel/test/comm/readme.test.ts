import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { TestKernel } from "../client.ts";
import { CommClient } from "./comm-client.ts";

/** The first example under a heading of the README. */
async function example(heading: string): Promise<string> {
  const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const section = text.slice(text.indexOf(`## ${heading}\n`));
  return /```ts\n([\s\S]*?)```/.exec(section)![1]!;
}

test("the README's examples of widgets and comms do what they say", async () => {
  const kernel = await TestKernel.start();
  const page = new CommClient(kernel);
  const run = await kernel.run(await example("Widgets"));
  expect(run.reply.content.status).toBe("ok");
  expect(run.stdout).toBe("kernel: 1 → 2\n");
  const shown = run.published.find(({ header }) => header.msg_type === "display_data")!;
  expect(shown.content.data["image/svg+xml"]).toContain(">1</text>");
  const id = shown.content.data["application/vnd.jupyter.widget-view+json"].model_id;
  const click = page.joined(id).send({ method: "update", state: { value: 3 }, buffer_paths: [] });
  expect((await kernel.message(click, "stream")).content.text).toBe("page: 2 → 3\n");

  expect((await kernel.run(await example("Comms"))).reply.content.status).toBe("ok");
  const comm = page.open("doubler");
  comm.send("x", { buffers: [new Uint8Array(new Float64Array([21]).buffer)] });
  const [{ content, buffers }] = (await comm.received(1)) as [Awaited<ReturnType<typeof comm.received>>[number]];
  expect(content.data).toEqual({ answer: "x" });
  expect(Buffer.from(buffers[0]!).readDoubleLE()).toBe(42);
  await kernel.stop();
});
