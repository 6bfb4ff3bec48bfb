import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Kernel } from "../../src/run/kernel.ts";
import { code, newFolder, scripted } from "./scripted.ts";

const kernels: Kernel[] = [];
async function start(env: Record<string, string> = {}): Promise<Kernel> {
  const kernel = await Kernel.start(scripted, { env });
  kernels.push(kernel);
  return kernel;
}
afterEach(async () => {
  await Promise.all(kernels.splice(0).map((kernel) => kernel.shutdown()));
});

async function printed(messages: AsyncIterable<{ header: { msg_type: string }; content: Record<string, unknown> }>) {
  let text = "";
  for await (const { header, content } of messages) if (header.msg_type === "stream") text += content.text;
  return text;
}

describe("a client of a kernel", () => {
  it("is ready only when the kernel's publications arrive, however late they start", async () => {
    const client = await start({ IOPUB_DELAY: "700" });
    expect(client.info.language_info?.name).toBe("steps");
    expect(await printed(client.execute(code(["print", "first words"])))).toBe("first words");
  });

  it("gives the messages of an execution in order and then its reply", async () => {
    const client = await start();
    const execution = client.execute(code(["print", "a"], ["sleep", 20], ["print", "b"]));
    const types: string[] = [];
    for await (const message of execution) types.push(message.header.msg_type);
    expect(types).toEqual(["status", "execute_input", "stream", "stream"]);
    expect((await execution.reply).content).toMatchObject({ status: "ok", execution_count: 1 });
  });

  it("loses nothing of a burst of three thousand messages", async () => {
    const client = await start();
    const lines = Array.from({ length: 3000 }, (_, line) => `${line}\n`);
    const text = await printed(client.execute(code(...lines.map((line): [string, string] => ["print", line]))));
    expect(text).toBe(lines.join(""));
  });

  it("lets timers have their turn while a flood of messages is worked off", async () => {
    const client = await start();
    const busyFor = (time: number) => {
      for (const until = performance.now() + time; performance.now() < until; );
    };
    client.listen(() => busyFor(2));
    const execution = client.execute(code(["flood", 1000]));
    for await (const { header } of execution) if (header.msg_type === "stream") break;
    busyFor(1000); // Meanwhile all messages arrive, and then come in without a pause.
    const turns = [performance.now()];
    const timer = setInterval(() => turns.push(performance.now()), 5);
    await execution.done;
    clearInterval(timer);
    turns.push(performance.now());
    const longest = Math.max(...turns.slice(1).map((turn, index) => turn - turns[index]!));
    expect(longest).toBeLessThan(1500);
  });

  it("keeps the output of executions apart that are asked for together", async () => {
    const client = await start();
    const texts = await Promise.all([1, 2, 3].map((n) => printed(client.execute(code(["print", `${n}`])))));
    expect(texts).toEqual(["1", "2", "3"]);
  });

  it("interrupts", async () => {
    const kernel = await start();
    const execution = kernel.execute(code(["print", "x"], ["sleep", 60_000]));
    for await (const message of execution) if (message.header.msg_type === "stream") await kernel.interrupt();
    expect((await execution.reply).content).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
  });

  it("answers the kernel's questions", async () => {
    const client = await start();
    const answer = (prompt: string) => `${prompt} Ada`;
    expect(await printed(client.execute(code(["ask", "name?"]), { answer }))).toBe("name? Ada");
  });

  it("rejects what is waited for when the kernel dies, and says how it died", async () => {
    const client = await start();
    const execution = client.execute(code(["die", 9]));
    await expect(execution.done).rejects.toThrow("ended with code 9");
    await expect(printed(execution)).rejects.toThrow("ended with code 9");
    await expect(client.request("kernel_info_request")).rejects.toThrow("ended with code 9");
  });

  it("ends the kernel's process at shutdown", async () => {
    const kernel = await start();
    const pidFile = join(newFolder(), "pid");
    await kernel.execute(code(["note pid", pidFile])).done;
    await kernel.shutdown();
    expect(kernel.closed).toBe(true);
    await expect(kernel.ended).resolves.toContain("shut down");
    expect(() => process.kill(Number(readFileSync(pidFile, "utf8")), 0)).toThrow("ESRCH");
  });

  it("reports a kernel that ends before it answers, with its last words", async () => {
    const argv = [process.execPath, "-e", "console.error('no such module'); process.exit(4)"];
    const broken = { name: "broken", spec: { ...scripted.spec, argv } };
    await expect(Kernel.start(broken)).rejects.toThrow(/broken did not start.*code 4.*no such module/s);
  });

  it("reports a program that does not exist", async () => {
    const broken = { name: "broken", spec: { ...scripted.spec, argv: ["/nowhere/kernel"] } };
    await expect(Kernel.start(broken)).rejects.toThrow(/\/nowhere\/kernel could not be started/);
  });
});
