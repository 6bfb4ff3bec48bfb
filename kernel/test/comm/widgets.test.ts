import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CellRun, type Received, TestKernel } from "../client.ts";
import { CommClient } from "./comm-client.ts";

let kernel: TestKernel;
let page: CommClient;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradbook-widgets-"));
  kernel = await TestKernel.start({ folder });
  page = new CommClient(kernel);
  await kernel.run(`
    import { AnyWidget, comms } from "@gradbook/kernel";
    const esm = "export default { render() {} }";
    class Counter extends AnyWidget<{ value: number; label: string }> {
      constructor(value = 0) { super({ esm, css: ".c { color: red }", state: { value, label: "n" } }); }
      protected picture() { return { "image/svg+xml": \`<svg>\${this.get("value")}</svg>\` }; }
    }`);
});
afterAll(() => kernel.stop());

const view = "application/vnd.jupyter.widget-view+json";
const ofType = (run: CellRun, type: string) => run.published.filter((message) => message.header.msg_type === type);
const updates = (messages: readonly Received[], method = "update") =>
  messages.filter(({ header, content }) => header.msg_type === "comm_msg" && content.data.method === method);
const states = (messages: readonly Received[], method?: string) =>
  updates(messages, method).map(({ content }) => content.data.state);

/** Runs a cell that shows a widget, and joins its comm. */
async function shown(code: string, metadata = {}) {
  const run = await kernel.run(code, {}, metadata);
  expect(run.stderr).toBe("");
  const open = ofType(run, "comm_open").at(-1)!;
  return { run, open, comm: page.joined(open.content.comm_id) };
}

/** What has been published under a message of the page, once it has been handled. */
async function after(id: string): Promise<Received[]> {
  await kernel.until(() => kernel.publishedUnder(id).some(({ content }) => content.execution_state === "idle"));
  return kernel.publishedUnder(id);
}

describe("a widget that is shown", () => {
  test("opens its model as anywidget does, and is followed by its view with a picture and a text", async () => {
    const { run, open } = await shown("display(new Counter(3));");
    expect(open.content.target_name).toBe("jupyter.widget");
    expect(open.metadata).toEqual({ version: "2.1.0" });
    expect(open.content.data).toEqual({
      buffer_paths: [],
      state: {
        value: 3,
        label: "n",
        _model_module: "anywidget",
        _model_module_version: "*",
        _model_name: "AnyModel",
        _view_module: "anywidget",
        _view_module_version: "*",
        _view_name: "AnyView",
        _esm: "export default { render() {} }",
        _css: ".c { color: red }",
        _anywidget_id: expect.stringMatching(/^Counter-\w+$/),
      },
    });
    const types = run.published.map(({ header }) => header.msg_type);
    expect(types.indexOf("comm_open")).toBeLessThan(types.indexOf("display_data"));
    expect(ofType(run, "display_data")[0]!.content.data).toEqual({
      "text/plain": "Counter { value: 3, label: 'n' }",
      "image/svg+xml": "<svg>3</svg>",
      [view]: { version_major: 2, version_minor: 0, model_id: open.content.comm_id },
    });
  });

  test("has one model for several cells, which show it as a result, too", async () => {
    const { comm } = await shown("const twice = new Counter(); display(twice);", { cellId: "first" });
    const again = await kernel.run("twice", {}, { cellId: "second" });
    expect(ofType(again, "comm_open")).toHaveLength(0);
    expect(ofType(again, "execute_result")[0]!.content.data[view].model_id).toBe(comm.id);
  });

  test("brings what is set to the page once for a run of code, and only what has changed", async () => {
    await shown("const c = new Counter(); display(c);");
    const run = await kernel.run(`
      c.set({ value: 1 }); c.set({ value: 2, label: "n" }); c.set({ value: 2 });
      await null;
      c.set({ label: "m" });`);
    expect(states(run.published)).toEqual([{ value: 2 }, { label: "m" }]);
  });

  test("brings changes to the page during a loop that lets nothing else run, and the last state after it", async () => {
    await shown("const busy = new Counter(); display(busy);");
    const run = await kernel.run(`
      for (const end = Date.now() + 500; Date.now() < end; ) busy.set({ value: busy.get("value") + 1 });
      console.log(busy.get("value"));`);
    const values = states(run.published).map(({ value }) => value);
    expect(values.length).toBeGreaterThanOrEqual(3);
    expect(values.length).toBeLessThanOrEqual(11);
    expect(values.at(-1)).toBe(Number(run.stdout));
  });

  test("tells listeners of changes, with what was before and who did it, until they leave", async () => {
    const { comm } = await shown(`
      const told = new Counter();
      const leave = told.on("value", (value, old, origin) => console.log(value, old, origin));
      display(told);
      told.set({ value: 5, label: "x" });
      told.set({ value: 5 });`);
    const heard = await after(comm.send({ method: "update", state: { value: 6, label: "y" } }));
    const silent = await after(comm.send({ method: "update", state: { value: 6 } }));
    const texts = (messages: Received[]) => messages.flatMap(({ content }) => content.text ?? []).join("");
    expect(texts(heard)).toBe("6 5 page\n");
    expect(texts(silent)).toBe("");
    expect((await kernel.run("leave(); told.set({ value: 7 });")).stdout).toBe("");
  });

  test("echoes what the page sets, sends nothing back that the page knows, and what a listener makes of it", async () => {
    const { comm } = await shown(`
      const bounded = new Counter();
      bounded.on("value", (value) => { if (value > 10) bounded.set({ value: 10 }); });
      display(bounded);`);
    const within = await after(comm.send({ method: "update", state: { value: 4, strange: 1 }, buffer_paths: [] }));
    expect(states(within, "echo_update")).toEqual([{ value: 4 }]);
    expect(states(within)).toEqual([]);
    const beyond = await after(comm.send({ method: "update", state: { value: 40 } }));
    expect(states(beyond, "echo_update")).toEqual([{ value: 40 }]);
    expect(states(beyond)).toEqual([{ value: 10 }]);
    expect((await kernel.run("bounded")).result).toBe("Counter { value: 10, label: 'n' }");
  });

  test("tells its whole state when it is asked", async () => {
    const { comm, open } = await shown("display(new Counter(8));");
    const [state] = states(await after(comm.send({ method: "request_state" })));
    expect(state).toEqual(open.content.data.state);
  });

  test("tells what changes too often to be set each time when the page asks for the whole state", async () => {
    const { comm, open } = await shown(`
      class Curve extends AnyWidget<{ title: string; points: Float32Array }> {
        readonly values: number[] = [];
        constructor(values: number[] = []) {
          super({ esm, state: { title: "t", points: new Float32Array(0) }, snapshot: () => ({ points: Float32Array.from(values) }) });
          this.values = values;
        }
      }
      const curve = new Curve([1]);
      display(curve);
      curve.values.push(2, 3);`);
    expect(open.content.data.buffer_paths).toEqual([["points"]]);
    expect([...new Float32Array(Uint8Array.from(open.buffers[0]!).buffer)]).toEqual([1]);
    const [told] = updates(await after(comm.send({ method: "request_state" })));
    expect(told!.content.data.state.title).toBe("t");
    expect([...new Float32Array(Uint8Array.from(told!.buffers[0]!).buffer)]).toEqual([1, 2, 3]);
  });

  test("is made for packages that do not know this kernel by a function that they find under a symbol", async () => {
    const { open } = await shown(`
      const make = (globalThis as any)[Symbol.for("Jupyter.widget")];
      const made = make({ esm, state: { value: 5 } });
      display(made);`);
    expect(open.content.data.state).toMatchObject({ value: 5, _model_module: "anywidget" });
    expect((await kernel.run('made.get("value")')).result).toBe("5");
  });

  test("takes and sends messages of its own with buffers, while a cell awaits, after the changes before them", async () => {
    const { comm } = await shown(`
      const talker = new Counter();
      talker.onMessage((content, buffers) => {
        talker.set({ value: talker.get("value") + 1 });
        talker.send({ heard: content }, buffers.map((buffer) => new Uint8Array(buffer.buffer).map((x) => 2 * x)));
      });
      display(talker);`);
    const cell = kernel.begin(`
      const heard = new Promise<void>((resolve) => talker.onMessage(() => resolve()));
      console.log("waits");
      await heard;`);
    await kernel.message(cell, "stream");
    const id = comm.send({ method: "custom", content: { hi: 1 } }, { buffers: [new Uint8Array([1, 2])] });
    const answers = (await after(id)).filter(({ header }) => header.msg_type === "comm_msg");
    expect(answers.map(({ content }) => content.data)).toEqual([
      { method: "update", state: { value: 1 }, buffer_paths: [] },
      { method: "custom", content: { heard: { hi: 1 } } },
    ]);
    expect([...answers[1]!.buffers[0]!]).toEqual([2, 4]);
    expect((await kernel.end(cell)).reply.content.status).toBe("ok");
  });

  test("validates what the page sets, and tells it what holds instead", async () => {
    const { comm } = await shown(`
      const strict = new AnyWidget({
        esm, state: { rate: 0.1, name: "a" },
        validate: (proposed) => {
          if (typeof (proposed.name ?? "") !== "string") throw new Error("name: expected a text");
          return proposed.rate === undefined ? proposed : { ...proposed, rate: Math.min(1, proposed.rate) };
        },
      });
      strict.on("rate", (rate) => console.log(rate));
      display(strict);`);
    const clamped = await after(comm.send({ method: "update", state: { rate: 3 } }));
    expect(states(clamped)).toEqual([{ rate: 1 }]);
    const refused = await after(comm.send({ method: "update", state: { name: 7, rate: 0.5 } }));
    expect(states(refused)).toEqual([{ name: "a", rate: 1 }]);
    const [{ content }] = refused.filter(({ header }) => header.msg_type === "stream") as [Received];
    expect(content).toMatchObject({ name: "stderr", text: expect.stringContaining("name: expected a text") });
  });
});

describe("binary state", () => {
  const buffersOf = (message: Received) => message.buffers.map((buffer) => [...buffer]);

  test("goes to the page as buffers, however deep it lies, with only the part that a view shows", async () => {
    const { open } = await shown(`
      const all = new Float32Array([1, 2, 3]);
      const points = new AnyWidget({ esm, state: {
        xs: all.subarray(1, 2), deep: { list: [1, new Uint8Array([7]), { raw: new Uint16Array([8]).buffer }], text: "t" },
      } });
      display(points);`);
    const { state, buffer_paths } = open.content.data;
    expect(state).toMatchObject({ deep: { list: [1, null, {}], text: "t" } });
    expect(state).not.toHaveProperty("xs");
    expect(buffer_paths).toEqual([["xs"], ["deep", "list", 1], ["deep", "list", 2, "raw"]]);
    expect(buffersOf(open)).toEqual([[0, 0, 0, 64], [7], [8, 0]]);
    const run = await kernel.run("points.set({ xs: new Float32Array([1]) });");
    expect(updates(run.published).map(({ content }) => content.data)).toEqual([
      { method: "update", state: {}, buffer_paths: [["xs"]] },
    ]);
    expect(buffersOf(updates(run.published)[0]!)).toEqual([[0, 0, 128, 63]]);
  });

  test("comes from the page in the kind that is held in its place, and is echoed", async () => {
    const { comm } = await shown(`
      const held = new AnyWidget<any>({ esm, state: {
        floats: new Float32Array(1), bytes: Buffer.alloc(0), raw: new ArrayBuffer(0), view: new DataView(new ArrayBuffer(1)),
        deep: { list: [new Int16Array(1)] }, unknown: null,
      } });
      display(held);`);
    const four = new Uint8Array(new Float32Array([2.5]).buffer);
    const buffer_paths = [
      ["floats"],
      ["bytes"],
      ["raw"],
      ["view"],
      ["deep", "list", 0],
      ["deep", "list", 1],
      ["unknown"],
    ];
    const id = comm.send(
      { method: "update", state: { deep: { list: [null, null] } }, buffer_paths },
      { buffers: [four, four, four, four, four, four, four] },
    );
    const [echo] = updates(await after(id), "echo_update");
    expect(echo!.buffers).toHaveLength(7);
    expect(echo!.content.data.buffer_paths).toHaveLength(7);
    const { stdout } = await kernel.run(`
      const kinds = (value: any) => value.constructor.name + " " + value.byteLength;
      console.log(held.get("floats"), ...["bytes", "raw", "view", "unknown"].map((name) => kinds(held.get(name))), ...held.get("deep").list.map(kinds));`);
    expect(stdout).toBe(
      "Float32Array(1) [ 2.5 ] Buffer 4 ArrayBuffer 4 DataView 4 DataView 4 Int16Array 4 DataView 4\n",
    );
  });

  test("of ten megabytes passes both ways, and a second page gets it after a reload", async () => {
    const { comm, open } = await shown(`
      const big = new AnyWidget({ esm, state: { data: new Float64Array(1_250_000).fill(0.5) } });
      display(big);`);
    expect(open.buffers[0]!.length).toBe(10_000_000);
    const sent = new Float64Array(1_250_000).map((_, index) => index);
    await after(
      comm.send({ method: "update", state: {}, buffer_paths: [["data"]] }, { buffers: [new Uint8Array(sent.buffer)] }),
    );
    expect((await kernel.run("const d = big.get('data'); [d.length, d[1_249_999]]")).result).toBe(
      "[ 1250000, 1249999 ]",
    );
    const control = page.open("jupyter.widget.control", {}, { metadata: { version: "1.0.0" } });
    control.send({ method: "request_states" });
    const [{ content, buffers }] = (await control.received(1)) as [Received];
    const at = content.data.buffer_paths.findIndex(([id]: string[]) => id === comm.id);
    expect(content.data.buffer_paths[at]).toEqual([comm.id, "state", "data"]);
    expect(Buffer.from(sent.buffer).equals(buffers[at]!)).toBe(true);
  });

  const broken: Record<string, [state: unknown, paths: unknown, buffers: number]> = {
    "buffers without paths": [{}, [], 1],
    "paths without buffers": [{}, [["floats"]], 0],
    "paths that are no list": [{}, "floats", 1],
    "an empty path": [{}, [[]], 1],
    "a path that leads nowhere": [{}, [["nowhere", "at", "all"]], 1],
    "a path through a number": [{ n: 1 }, [["n", "x"]], 1],
    "a path to the prototype of objects": [{}, [["__proto__", "polluted"]], 1],
    "a path past the end of a list": [{ n: [1] }, [["n", 5]], 1],
    "a path of objects": [{}, [[{}]], 1],
    "bytes of the wrong length": [{}, [["floats"]], 1],
    "a text for a typed array": [{ floats: "text" }, [], 0],
    "a state that is no object": [[1], [], 0],
    "no state": [undefined, [], 0],
  };
  test("that makes no sense is refused with a reason, and changes and harms nothing", async () => {
    const { comm } = await shown(
      "const safe = new AnyWidget({ esm, state: { floats: new Float32Array([9]), n: 0 } }); display(safe);",
    );
    for (const [what, [state, buffer_paths, count]] of Object.entries(broken)) {
      const buffers = Array.from({ length: count }, () => new Uint8Array(3));
      const published = await after(comm.send({ method: "update", state, buffer_paths }, { buffers }));
      const [error] = published.filter(({ header }) => header.msg_type === "stream");
      expect(error?.content.text, what).toMatch(/expected/);
    }
    for (const data of [null, 7, "x", {}, { method: "explode" }])
      expect(states(await after(comm.send(data)))).toEqual([]);
    const { result } = await kernel.run("[safe.get('floats')[0], safe.get('n'), ({} as any).polluted]");
    expect(result).toBe("[ 9, 0, undefined ]");
  });
});

describe("the control comm", () => {
  test("tells a page that was loaded anew the states of all widgets", async () => {
    const { comm } = await shown("const kept = new Counter(1); display(kept); kept.set({ value: 2 });");
    const control = page.open("jupyter.widget.control", {}, { metadata: { version: "1.0.0" } });
    control.send({ method: "request_states" });
    const { data } = (await control.received(1))[0]!.content;
    expect(data.method).toBe("update_states");
    expect(data.states[comm.id]).toMatchObject({
      model_name: "AnyModel",
      model_module: "anywidget",
      model_module_version: "*",
      state: { value: 2, _esm: expect.any(String) },
    });
  });

  test("leaves out a widget whose values have become what JSON cannot hold, and says so", async () => {
    const { comm } = await shown(`
      const numbers = [1]; const broken = new AnyWidget({ esm, state: { numbers } }); display(broken); numbers.push(NaN);`);
    const whole = await shown("display(new Counter());");
    const control = page.open("jupyter.widget.control", {}, { metadata: { version: "1.0.0" } });
    const id = control.send({ method: "request_states" });
    const { states } = (await control.received(1))[0]!.content.data;
    expect(Object.keys(states)).toContain(whole.comm.id);
    expect(Object.keys(states)).not.toContain(comm.id);
    expect((await kernel.message(id, "stream")).content.text).toContain("state.numbers[1] is NaN");
    await kernel.run("broken.close();");
  });

  test("is refused to a page that speaks another version, or asks for something else", async () => {
    const future = page.open("jupyter.widget.control", {}, { metadata: { version: "2.0.0" } });
    await future.closed();
    expect((await kernel.message(future.openId, "stream")).content.text).toContain('version "2.0.0", expected 1.x');
    await page.open("jupyter.widget.control").closed();
    const control = page.open("jupyter.widget.control", {}, { metadata: { version: "1.0.0" } });
    expect((await kernel.message(control.send({ method: "dance" }), "stream")).content.text).toContain('"dance"');
  });

  test("does not let the page make widgets in the kernel", async () => {
    const comm = page.open("jupyter.widget", { state: {} }, { metadata: { version: "2.1.0" } });
    await comm.closed();
    expect((await kernel.message(comm.openId, "stream")).content.text).toContain("Make it in a cell");
  });
});

describe("the life of a widget", () => {
  test("ends in the page when it is closed, and it goes on as a plain object", async () => {
    const { comm } = await shown("const closing = new Counter(); display(closing);");
    const run = await kernel.run(`
      closing.set({ value: 1 }); closing.close(); closing.close();
      closing.set({ value: 2 }); closing.send("nobody hears");
      display(closing);
      [closing.closed, closing.get("value"), closing.modelId]`);
    expect(
      run.published.flatMap(({ header, content }) => (header.msg_type.startsWith("comm_") ? content.data : [])),
    ).toEqual([{ method: "update", state: { value: 1 }, buffer_paths: [] }, {}]);
    expect(run.result).toBe("[ true, 2, undefined ]");
    expect(Object.keys(ofType(run, "display_data")[0]!.content.data)).toEqual(["text/plain", "image/svg+xml"]);
    expect(await page.info("jupyter.widget")).not.toHaveProperty(comm.id);
  });

  test("ends when the page closes it", async () => {
    const { comm } = await shown("const dropped = new Counter(); display(dropped);");
    await after(comm.close());
    expect((await kernel.run("[dropped.closed, dropped.modelId]")).result).toBe("[ true, undefined ]");
  });

  test("lasts while a cell shows it, and ends some time after no cell does and no variable holds it", async () => {
    const own = await TestKernel.start({ env: { NODE_OPTIONS: "--expose-gc" } });
    const client = new CommClient(own);
    await own.run(`import { AnyWidget } from "@gradbook/kernel"; const esm = "export default {}";`);
    const cell = { cellId: "the cell" };
    const make = "for (let i = 0; i < 50; i++) display(new AnyWidget({ esm, state: { data: new Uint8Array(1e6) } }));";
    const collect =
      "for (let i = 0; i < 5; i++) { (globalThis as any).gc(); await new Promise((r) => setTimeout(r, 20)); }";
    await own.run(make, {}, cell);
    await own.run(collect);
    expect(Object.keys(await client.info("jupyter.widget"))).toHaveLength(50);
    await own.run("const held = new AnyWidget({ esm, state: {} }); display(held);", {}, cell);
    await own.run(collect);
    expect(Object.keys(await client.info("jupyter.widget"))).toHaveLength(1);
    await own.run("0", {}, cell);
    await own.run(collect);
    expect(Object.keys(await client.info("jupyter.widget"))).toHaveLength(1);
    await own.stop();
  });
});

describe("the class AnyWidget", () => {
  test("is typed by its state", async () => {
    const wrong = {
      "typed.set({ value: 'x' })": /not assignable to type 'number'/,
      "typed.set({ valeu: 1 })": /valeu/,
      "typed.get('valeu')": /valeu/,
      "typed.on('value', (value: string) => value)": /number/,
      "new AnyWidget({ esm, state: { a: 1 } }).set({ a: '' })": /number/,
    };
    await kernel.run("const typed = new Counter();");
    for (const [code, message] of Object.entries(wrong)) {
      const { content } = (await kernel.run(code)).reply;
      expect([content.ename, content.evalue], code).toEqual(["TypeScriptError", expect.stringMatching(message)]);
    }
  });

  test("comes alone, without the kernel, for packages of widgets", async () => {
    const { open } = await shown(`
      import { AnyWidget as Base } from "@gradbook/kernel/widget";
      class Dial extends Base<{ angle: number }> { constructor() { super({ esm, state: { angle: 90 } }); } }
      display(new Dial());`);
    expect(open.content.data.state).toMatchObject({ angle: 90 });
    expect((await kernel.run("const s: string = new Dial().get('angle');")).reply.content.evalue).toMatch(/number/);
  });

  test("refuses names it does not have and values that JSON cannot hold, where they are given", async () => {
    const wrong = {
      "typed.set({ valeu: 1 } as any)": /Counter\.set: there is no "valeu", expected one of value, label/,
      "typed.get('x' as any)": /Counter\.get: there is no "x"/,
      "typed.set({ value: NaN })": /Counter\.set: state\.value is NaN/,
      "typed.set({ value: undefined } as any)": /Counter\.set: value is undefined/,
      "new AnyWidget({ esm, state: { big: 1n } })": /new AnyWidget: state\.big is the bigint 1n/,
      "new AnyWidget({ esm, state: { _esm: '' } })": /the state has "_esm"/,
      "new AnyWidget({ esm: 'nowhere/x.js', state: {} })": /esm is .*nowhere\/x\.js, which cannot be read \(ENOENT\)/,
    };
    for (const [code, message] of Object.entries(wrong))
      expect((await kernel.run(code)).reply.content.evalue, code).toMatch(message);
  });

  test("reads its module and style sheet from files", async () => {
    await writeFile(join(folder, "draw.js"), "export default { file: 1 }");
    await writeFile(join(folder, "draw.css"), ".file {}");
    const { open } = await shown(
      `display(new AnyWidget({ esm: "draw.js", css: new URL("draw.css", import.meta.url), state: {} }));`,
    );
    expect(open.content.data.state).toMatchObject({ _esm: "export default { file: 1 }", _css: ".file {}" });
    const web = await shown(`display(new AnyWidget({ esm: "https://example.org/draw.js", state: {} }));`);
    expect(web.open.content.data.state._esm).toBe("https://example.org/draw.js");
  });

  test("has its picture drawn anew when asked to", async () => {
    await shown(`
      class Curve extends AnyWidget<{ n: number }> {
        constructor() { super({ esm, state: { n: 0 } }); }
        protected async picture() { return { "image/png": new Uint8Array([this.get("n")]) }; }
        finish() { this.pictureChanged(); }
      }
      const curve = new Curve(); display(curve);`);
    const run = await kernel.run("curve.set({ n: 9 }); curve.finish();");
    expect(ofType(run, "update_display_data")[0]!.content.data).toMatchObject({ "image/png": "CQ==", [view]: {} });
  });

  test("echoes nothing where JUPYTER_WIDGETS_ECHO is 0", async () => {
    const own = await TestKernel.start({ env: { JUPYTER_WIDGETS_ECHO: "0" } });
    const run = await own.run(
      `import { AnyWidget } from "@gradbook/kernel"; display(new AnyWidget({ esm: "", state: { n: 0 } }));`,
    );
    const comm = new CommClient(own).joined(ofType(run, "comm_open")[0]!.content.comm_id);
    const id = comm.send({ method: "update", state: { n: 1 } });
    await own.until(() => own.publishedUnder(id).some(({ content }) => content.execution_state === "idle"));
    expect(own.publishedUnder(id).filter(({ header }) => header.msg_type === "comm_msg")).toEqual([]);
    await own.stop();
  });
});
