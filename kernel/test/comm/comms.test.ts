import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Received, TestKernel } from "../client.ts";
import { CommClient } from "./comm-client.ts";

let kernel: TestKernel;
let page: CommClient;
beforeAll(async () => {
  kernel = await TestKernel.start();
  page = new CommClient(kernel);
  await kernel.run(`
    import { comms } from "@gradbook/kernel";
    comms.register("echo", (comm, { data, metadata, buffers }) => {
      comm.send({ opened: data }, { metadata, buffers });
      comm.onMessage(({ data, metadata, buffers }) => comm.send({ echo: data }, { metadata, buffers }));
      comm.onClose(({ data }) => console.log("closed with", data));
    });`);
});
afterAll(() => kernel.stop());

const bytes = (...values: number[]) => new Uint8Array(values);
const buffersOf = (message: Received) => message.buffers.map((buffer) => [...buffer]);

describe("a comm that the page opens", () => {
  test("carries data, metadata and buffers both ways", async () => {
    const comm = page.open("echo", { a: 1 }, { metadata: { m: "ä" }, buffers: [bytes(1, 2), bytes(), bytes(255)] });
    const [opened] = await comm.received(1);
    expect(opened!.content.data).toEqual({ opened: { a: 1 } });
    expect(opened!.metadata).toEqual({ m: "ä" });
    expect(buffersOf(opened!)).toEqual([[1, 2], [], [255]]);
    const id = comm.send([1, null, "x"], { metadata: { n: [2] }, buffers: [bytes(7)] });
    const answer = (await comm.received(2))[1]!;
    expect(answer.content.data).toEqual({ echo: [1, null, "x"] });
    expect(answer.metadata).toEqual({ n: [2] });
    expect(buffersOf(answer)).toEqual([[7]]);
    expect(answer.parent.msg_id).toBe(id);
  });

  test("carries ten megabytes both ways", async () => {
    const comm = page.open("echo");
    const big = Buffer.alloc(10_000_000, "0123456789abc");
    comm.send({}, { buffers: [big, bytes(1)] });
    const answer = (await comm.received(2))[1]!;
    expect(big.equals(answer.buffers[0]!)).toBe(true);
    expect([...answer.buffers[1]!]).toEqual([1]);
  });

  test("tells the kernel when the page closes it", async () => {
    const comm = page.open("echo");
    const id = comm.close({ bye: 1 });
    expect((await kernel.message(id, "stream")).content.text).toBe("closed with { bye: 1 }\n");
    expect(await page.info()).not.toHaveProperty(comm.id);
  });

  test("is closed by the kernel when nobody knows its target", async () => {
    const comm = page.open("nobody");
    await comm.closed();
    expect(await page.info()).not.toHaveProperty(comm.id);
  });

  test("is closed when the target's handler fails, and the error is shown under the message", async () => {
    await kernel.run(`comms.register("broken", () => {\n  throw new Error("not today");\n});`);
    const comm = page.open("broken");
    await comm.closed();
    const { content } = await kernel.message(comm.openId, "stream");
    expect(content.name).toBe("stderr");
    expect(content.text).toMatch(/line 2[\s\S]*not today/);
  });

  test("may be opened right behind the cell that names its target", async () => {
    kernel.begin(`await new Promise((r) => setTimeout(r, 100)); comms.register("soon", (comm) => comm.send("here"));`);
    const comm = page.open("soon");
    expect((await comm.received(1))[0]!.content.data).toBe("here");
  });

  test("may be opened while the cell that names its target waits for it, with messages behind it", async () => {
    const cell = kernel.begin(`
      await new Promise((r) => setTimeout(r, 300));
      const came = await new Promise<unknown[]>((resolve) => {
        const data: unknown[] = [];
        comms.register("awaited", (comm) => comm.onMessage((message) => {
          if (data.push(message.data) === 3) resolve(data);
        }));
      });
      console.log(came);`);
    const comm = page.open("awaited");
    for (const n of [1, 2, 3]) comm.send(n);
    expect((await kernel.end(cell)).stdout).toBe("[ 1, 2, 3 ]\n");
  });

  test("goes to the latest handler of its target", async () => {
    for (const n of [1, 2]) await kernel.run(`comms.register("again", (comm) => comm.send(${n}));`);
    expect((await page.open("again").received(1)).map(({ content }) => content.data)).toEqual([2]);
  });

  test("finds its target no more when that was taken away", async () => {
    await kernel.run(`const forget = comms.register("fleeting", () => {}); forget();`);
    await page.open("fleeting").closed();
  });
});

describe("a comm that a cell opens", () => {
  test("reaches the page under the cell, with all it carries, and hears from the page", async () => {
    const run = await kernel.run(`
      const heard: unknown[] = [];
      const mine = comms.open("in the page", { x: 1 }, { metadata: { version: "1" }, buffers: [new Float32Array([1, 2])] });
      mine.onMessage(({ data, buffers }) => heard.push(data, new Float32Array(buffers[0].buffer)));
      mine.onClose(() => heard.push("closed", mine.closed));
      mine.id`);
    const opened = run.published.find(({ header }) => header.msg_type === "comm_open")!;
    expect(opened.content).toEqual({ comm_id: expect.any(String), target_name: "in the page", data: { x: 1 } });
    expect(opened.metadata).toEqual({ version: "1" });
    expect(buffersOf(opened)).toEqual([[0, 0, 128, 63, 0, 0, 0, 64]]);
    const comm = page.joined(opened.content.comm_id);
    comm.send({ y: 2 }, { buffers: [new Uint8Array(new Float32Array([3]).buffer)] });
    comm.close();
    expect((await kernel.run("heard")).result).toBe("[ { y: 2 }, Float32Array(1) [ 3 ], 'closed', true ]");
  });

  test("is closed in the page once, and refuses to send afterwards", async () => {
    const run = await kernel.run(`
      const gone = comms.open("in the page");
      gone.close({ why: "done" });
      gone.close();
      gone.send(1);`);
    const closes = run.published.filter(({ header }) => header.msg_type === "comm_close");
    expect(closes.map(({ content }) => content.data)).toEqual([{ why: "done" }]);
    expect(run.reply.content.evalue).toMatch(/comm at in the page is closed/);
  });

  const refused = {
    "NaN at data.loss[1]": ["{ loss: [1, NaN] }", /data\.loss\[1\] is NaN/],
    "an undefined element": ["[undefined]", /data\[0\] is undefined/],
    "a bigint": ["{ n: 1n }", /data\.n is the bigint 1n/],
    "a cycle": [
      "(() => { const a: any = {}; a.b = [a]; return a; })()",
      /data\.b\[0\] is an object that contains itself/,
    ],
    "a function": ["{ 'a b': () => 1 }", /data\["a b"\] is a function/],
    "a Map": ["new Map()", /data is a Map.*Object\.fromEntries/],
    "a typed array": ["{ w: new Uint8Array(1) }", /data\.w is a Uint8Array.*buffers/],
  } as const;
  for (const [what, [data, message]] of Object.entries(refused))
    test(`does not send ${what}, and says where it is`, async () => {
      const { reply } = await kernel.run(`comms.open("in the page", ${data});`);
      expect(reply.content).toMatchObject({ status: "error", ename: "TypeError" });
      expect(reply.content.evalue).toMatch(message);
    });

  test("sends dates as text, leaves out what is undefined, and any name of a property", async () => {
    const run = await kernel.run(
      `comms.open("in the page", JSON.parse('{ "__proto__": 1 }')).send({ at: new Date(0), no: undefined });`,
    );
    const data = run.published
      .filter(({ header }) => header.msg_type.startsWith("comm_"))
      .map(({ content }) => content.data);
    expect(JSON.stringify(data)).toBe('[{"__proto__":1},{"at":"1970-01-01T00:00:00.000Z"}]');
  });
});

describe("messages of comms", () => {
  test("are handled while a cell awaits", async () => {
    const cell = kernel.begin(
      `await new Promise((resolve) => comms.register("ends the cell", (comm) => comm.onMessage(resolve)));`,
    );
    page.open("ends the cell").send({});
    expect((await kernel.end(cell)).reply.content.status).toBe("ok");
  });

  test("wait in order for a loop that lets nothing else run", async () => {
    const comm = page.open("echo");
    await comm.received(1);
    const cell = kernel.begin("for (const end = Date.now() + 500; Date.now() < end; ); console.log('end');");
    await kernel.message(cell, "execute_input");
    for (let i = 0; i < 20; i++) comm.send(i, { buffers: [bytes(i)] });
    const answers = (await comm.received(21)).slice(1);
    expect(answers.map(({ content }) => content.data.echo)).toEqual([...Array(20).keys()]);
    expect(answers.flatMap(buffersOf).flat()).toEqual([...Array(20).keys()]);
  });

  test("own what their handlers print and show, also later, between busy and idle", async () => {
    await kernel.run(`comms.register("talks", (comm) => comm.onMessage(async ({ data }) => {
      console.log("at once", data);
      display(data);
      await new Promise((r) => setTimeout(r, 100));
      console.log("later", data);
    }));`);
    const comm = page.open("talks");
    const [one, two] = [comm.send(1), comm.send(2)];
    const texts = (id: string) =>
      kernel.publishedUnder(id).flatMap(({ header, content }) => (header.msg_type === "stream" ? content.text : []));
    await kernel.until(() => texts(one).length === 2 && texts(two).length === 2);
    expect([texts(one), texts(two)]).toEqual([
      ["at once 1\n", "later 1\n"],
      ["at once 2\n", "later 2\n"],
    ]);
    const under = kernel.publishedUnder(one).map(({ header, content }) => content.execution_state ?? header.msg_type);
    expect(under).toEqual(["busy", "stream", "display_data", "idle", "stream"]);
  });

  test("whose handlers fail are told with the line, and harm neither the comm nor the kernel", async () => {
    await kernel.run(`comms.register("fails", (comm) => {
      comm.onMessage(() => { throw new Error("thrown"); });
      comm.onMessage(async () => { throw new Error("rejected"); });
      comm.onMessage(() => comm.send("still here"));
    });`);
    const comm = page.open("fails");
    const id = comm.send(1);
    await comm.received(1);
    const texts = () => kernel.publishedUnder(id).filter(({ header }) => header.msg_type === "stream");
    await kernel.until(() =>
      /thrown[\s\S]*rejected/.test(
        texts()
          .map(({ content }) => content.text)
          .join(""),
      ),
    );
    expect(texts()[0]!.content.text).toMatch(/line 2/);
    expect(texts().flatMap(({ metadata }) => metadata.uncaught)).toHaveLength(2);
  });

  test("of several clients reach the same comm, and all see the answers", async () => {
    const comm = page.open("echo");
    await comm.received(1);
    const other = await kernel.anotherClient();
    const same = new CommClient(other).joined(comm.id);
    same.send("from the other");
    expect((await comm.received(2))[1]!.content.data).toEqual({ echo: "from the other" });
    expect((await same.received(1)).at(-1)!.content.data).toEqual({ echo: "from the other" });
    other.disconnect();
  });

  test("may come on the control channel", async () => {
    const comm = page.open("echo", {}, { channel: "control" });
    comm.send("x", { channel: "control" });
    expect((await comm.received(2))[1]!.content.data).toEqual({ echo: "x" });
  });

  test("that make no sense are refused or passed over, and harm nothing", async () => {
    const broken = [
      kernel.send("shell", "comm_open", {}),
      kernel.send("shell", "comm_open", { comm_id: 7, target_name: "echo" }),
      kernel.send("shell", "comm_open", { comm_id: "x", target_name: null }),
      kernel.send("shell", "comm_msg", { data: {} }),
      kernel.send("shell", "comm_close", { comm_id: ["x"] }),
    ];
    for (const id of broken) expect((await kernel.message(id, "stream")).content.text).toMatch(/expected a string/);
    const unknown = kernel.send("shell", "comm_msg", { comm_id: "unknown", data: {} });
    await kernel.until(() => kernel.publishedUnder(unknown).some(({ content }) => content.execution_state === "idle"));
    const comm = page.open("echo");
    const again = kernel.send("shell", "comm_open", { comm_id: comm.id, target_name: "echo" });
    expect((await kernel.message(again, "stream")).content.text).toMatch(/not in use/);
    comm.send(1);
    expect((await comm.received(2))[1]!.content.data).toEqual({ echo: 1 });
    expect((await kernel.run("1")).result).toBe("1");
  });

  test("stop when the kernel is interrupted, in a loop and after an await, and cells go on", async () => {
    await kernel.run(`
      let turns = 0;
      const pause = () => new Promise((r) => setTimeout(r, 20));
      async function turn() { for (;;) { turns++; await pause(); } }
      comms.register("spins", (comm) => comm.onMessage(({ data }) => { console.log("begins"); if (data === "sync") for (;;) turns++; return turn(); }));`);
    const comm = page.open("spins");
    const text = (id: string) =>
      kernel
        .publishedUnder(id)
        .map(({ content }) => content.text ?? "")
        .join("");
    const spinning = comm.send("sync");
    await kernel.message(spinning, "stream");
    await kernel.interrupt();
    await kernel.until(() => text(spinning).includes("KeyboardInterrupt"));
    await kernel.until(() => kernel.publishedUnder(spinning).some(({ content }) => content.execution_state === "idle"));
    const turning = comm.send("async");
    await kernel.until(() => kernel.publishedUnder(turning).some(({ content }) => content.execution_state === "idle"));
    await kernel.interrupt();
    await kernel.until(() => text(turning).includes("KeyboardInterrupt"));
    const before = Number((await kernel.run("turns")).result);
    await new Promise((r) => setTimeout(r, 200));
    expect(Number((await kernel.run("turns")).result)).toBe(before);
  });
});

test("an interrupt that finds nothing to stop does not stop the cell that comes next", async () => {
  for (let i = 0; i < 5; i++) {
    await kernel.interrupt();
    expect((await kernel.run("await new Promise((r) => setTimeout(r, 150)); 5")).result).toBe("5");
  }
});

describe("comm_info", () => {
  test("tells all comms, or those of one target, while a cell runs", async () => {
    await kernel.run(`const known = comms.open("other target");`);
    const comm = page.open("echo");
    const cell = kernel.begin("console.log('begins'); for (;;);");
    await kernel.message(cell, "stream");
    const all = await page.info();
    const some = await page.info("echo");
    expect(all[comm.id]).toEqual({ target_name: "echo" });
    expect(Object.values(all)).toContainEqual({ target_name: "other target" });
    expect(some[comm.id]).toEqual({ target_name: "echo" });
    expect(Object.values(some)).not.toContainEqual({ target_name: "other target" });
    await kernel.interrupt();
    expect((await kernel.end(cell)).reply.content.ename).toBe("KeyboardInterrupt");
  });

  test("and all else goes on when a handler ends the process: its message becomes idle, and cells run", async () => {
    await kernel.run(`comms.register("kills", (comm) => comm.onMessage(() => process.exit(4)));`);
    const comm = page.open("kills");
    const id = comm.send(1);
    await comm.closed();
    const control = page.open("jupyter.widget.control", {}, { metadata: { version: "1.0.0" } });
    control.send({ method: "request_states" });
    expect((await control.received(1))[0]!.content.data).toMatchObject({ method: "update_states", states: {} });
    await kernel.until(() => kernel.publishedUnder(id).some(({ content }) => content.execution_state === "idle"));
    expect((await kernel.run("1 + 1")).result).toBe("2");
    await kernel.run(`
      import { comms } from "@gradbook/kernel";
      comms.register("echo", (comm) => comm.send("new"));`);
    expect((await page.open("echo").received(1))[0]!.content.data).toBe("new");
  });

  test("is empty when the runtime has died, and its comms are closed in the page", async () => {
    const comm = page.open("echo");
    await comm.received(1);
    await kernel.run("process.exit(1);");
    await comm.closed();
    expect(await page.info()).toEqual({});
    await page.open("echo").closed();
  });
});
