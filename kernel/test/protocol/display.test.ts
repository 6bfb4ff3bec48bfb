import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CellRun, plain, TestKernel } from "../client.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  await kernel.run(`
    type View = { changed(when?: "soon" | "at rest"): void };
    class Gauge {
      #views = new Set<View>();
      level = 0;
      asked = 0;
      [Symbol.for("Jupyter.display")](view?: View) {
        if (view) this.#views.add(view);
        this.asked++;
        return { "text/plain": \`level \${this.level}\`, "application/json": { level: this.level } };
      }
      set(level: number, when?: "soon" | "at rest") { this.level = level; for (const view of this.#views) view.changed(when); }
    }`);
});
afterAll(() => kernel.stop());

const ofType = (run: CellRun, type: string) => run.published.filter((message) => message.header.msg_type === type);
const texts = (run: CellRun, type: string) => ofType(run, type).map((message) => message.content.data["text/plain"]);

describe("display", () => {
  test("shows a value by its own bundle: text and JSON as they are, bytes in base64", async () => {
    const run = await kernel.run(`display({
      [Symbol.for("Jupyter.display")]: () => ({
        "text/plain": "a picture", "image/png": new Uint8Array([137, 80, 78, 71]), "application/json": { a: [1] },
      }),
    });`);
    const [shown] = ofType(run, "display_data");
    expect(shown!.content.data).toEqual({
      "text/plain": "a picture",
      "image/png": "iVBORw==",
      "application/json": { a: [1] },
    });
    expect(shown!.content.transient.display_id).toEqual(expect.any(String));
  });

  test("shows anything else as text, and MIME bundles as they are", async () => {
    const run = await kernel.run(`display([1, 2]); display.mime({ "text/html": "<b>x</b>" });`);
    expect(ofType(run, "display_data").map((message) => message.content.data)).toEqual([
      { "text/plain": "[ 1, 2 ]" },
      { "text/html": "<b>x</b>" },
    ]);
  });

  test("waits for a bundle that is a promise before the cell ends", async () => {
    const run = await kernel.run(`display({
      [Symbol.for("Jupyter.display")]: async () => {
        await new Promise((r) => setTimeout(r, 50));
        return { "text/plain": "late" };
      },
    });`);
    expect(texts(run, "display_data")).toEqual(["late"]);
  });

  test("asks a value that says it need be drawn at rest only once, when the cell ends or a second later", async () => {
    const run = await kernel.run(`
      const rare = new Gauge();
      display(rare);
      for (let level = 1; level <= 50; level++) {
        rare.set(level, "at rest");
        await new Promise((r) => setTimeout(r, 10));
      }`);
    expect(texts(run, "update_display_data")).toEqual(["level 50"]);
    await kernel.run(`setTimeout(() => rare.set(51, "at rest"), 10); 0`);
    await kernel.until(() => kernel.published.some(({ content }) => content.data?.["text/plain"] === "level 51"));
  });

  test("gives a handle that updates what it shows, also from a later cell", async () => {
    const first = await kernel.run(`const handle = display("first", { id: "mine" });`);
    const second = await kernel.run(`handle.update("second"); handle.id`);
    expect(ofType(first, "display_data")[0]!.content.transient).toEqual({ display_id: "mine" });
    expect(ofType(second, "update_display_data")[0]!.content).toMatchObject({
      data: { "text/plain": "'second'" },
      transient: { display_id: "mine" },
    });
    expect(second.result).toBe("'mine'");
  });

  test("is not followed by its handle when it ends the cell", async () => {
    const run = await kernel.run(`display("once")`);
    expect(texts(run, "display_data")).toEqual(["'once'"]);
    expect(run.result).toBeUndefined();
  });

  test("shows records as a table, and as text", async () => {
    const run = await kernel.run(`[{ name: "a<b", n: 1 }, { name: "c", n: 2, more: true }]`);
    const { data } = ofType(run, "execute_result")[0]!.content;
    expect(data["text/plain"]).toContain("name: 'a<b'");
    expect(data["text/html"]).toMatch(/<table>[\s\S]*>name<[\s\S]*>a&#60;b</);
  });

  test("shows pictures by their bytes, with their size", async () => {
    const gif = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
    const run = await kernel.run(`const gif = Buffer.from("${gif}", "base64"); display(new Blob([gif])); gif`);
    expect(ofType(run, "display_data")[0]!.content.data["image/gif"]).toBe(gif);
    expect(ofType(run, "execute_result")[0]!.content).toMatchObject({
      data: { "image/gif": gif },
      metadata: { "image/gif": { width: 1, height: 1 } },
    });
  });

  test("shows text by its kind, and the source where the page cannot", async () => {
    const run = await kernel.run(`
      display.html("<i>y</i>"); display.markdown("*y*"); display.latex("$y$"); display.svg("<svg></svg>");
      display.javascript("1"); display.json({ y: [1] });
      const kept = display.html("a", { id: "html" });`);
    expect(ofType(run, "display_data").map((message) => message.content.data)).toEqual([
      { "text/html": "<i>y</i>", "text/plain": "<i>y</i>" },
      { "text/markdown": "*y*", "text/plain": "*y*" },
      { "text/latex": "$y$", "text/plain": "$y$" },
      { "image/svg+xml": "<svg></svg>", "text/plain": "<svg></svg>" },
      { "application/javascript": "1", "text/plain": "1" },
      { "application/json": { y: [1] }, "text/plain": "{ y: [ 1 ] }" },
      { "text/html": "a", "text/plain": "a" },
    ]);
    expect((await kernel.run("display.html(4 as any)")).reply.content.evalue).toMatch(/text\/html is written as text/);
  });

  test("shows a value whose own method fails without it, and says what failed", async () => {
    for (const method of [
      "() { throw new Error('no bundle'); }",
      "async () { throw new Error('no bundle'); }",
      "() { return 'no bundle'; }",
      "() { return { 'a/b': () => 'no bundle' }; }",
    ]) {
      const named = method.replace("() {", "[Symbol.for('Jupyter.display')]() {");
      const run = await kernel.run(`display({ n: 1, ${named} }); ({ n: 2, ${named} })`);
      expect(run.reply.content.status).toBe("ok");
      expect(texts(run, "display_data")[0]).toMatch(/^\{\s+n: 1,/);
      expect(run.result).toMatch(/^\{\s+n: 2,/);
      expect(run.stderr.match(/no bundle/g)!.length).toBeGreaterThanOrEqual(2);
    }
  });

  test("shows an error as a value with its cell and line, and its cause", async () => {
    await kernel.run("const wrong = () => new Error('whole', { cause: new TypeError('why') });");
    const { result } = await kernel.run("\nwrong()");
    expect(result).toMatch(/^Error: whole\n {4}at wrong \(Cell \[\d+\], line 1:21\)\n {4}at Cell \[\d+\], line 2:1 \{/);
    expect(result).toMatch(/\[cause\]: TypeError: why\n\s+at wrong \(Cell \[\d+\], line 1/);
  });

  test("survives values that refuse to be looked at", async () => {
    const run = await kernel.run(`
      const refusing = new Proxy({}, new Proxy({}, { get() { throw new Error("refused"); } }));
      display(refusing); display([refusing, refusing]); refusing`);
    expect(run.reply.content.status).toBe("ok");
    expect(texts(run, "display_data")).toEqual(["{}", "[ {}, {} ]"]);
    expect(run.result).toBe("{}");
  });

  test("survives errors that refuse to be looked at", async () => {
    for (const thrown of [
      "new Proxy({}, new Proxy({}, { get() { throw new Error('refused'); } }))",
      "{ get stack() { throw new Error('refused'); } }",
      "Object.create(null)",
      "Object.assign(new Error('m'), { name: Symbol('n') })",
      "Object.defineProperty(new Error('m'), 'cause', { get() { throw 1; } })",
    ]) {
      const run = await kernel.run(`throw ${thrown};`);
      expect(run.reply.content, thrown).toMatchObject({ status: "error", ename: expect.any(String) });
      expect(run.reply.content.traceback.join("")).not.toBe("");
    }
    const many = await kernel.run(
      "throw new AggregateError([new Error('one'), 2], 'many', { cause: new TypeError('why') });",
    );
    expect(plain(many.reply.content.traceback)).toMatch(
      /AggregateError: many[\s\S]*Error: one[\s\S]*Thrown: 2[\s\S]*Caused by:[\s\S]*TypeError: why/,
    );
  });

  test("clears the output", async () => {
    const run = await kernel.run("display.clear({ wait: true });");
    expect(ofType(run, "clear_output")[0]!.content).toEqual({ wait: true });
  });

  test("is checked and documented like any function", async () => {
    expect((await kernel.run("display()")).reply.content.ename).toBe("TypeScriptError");
    const { content } = await kernel.request("shell", "inspect_request", {
      code: "display",
      cursor_pos: 3,
      detail_level: 0,
    });
    expect(content.data["text/plain"]).toContain("Shows a value below the cell");
  });

  test("can be imported from the kernel's package", async () => {
    const run = await kernel.run(`import { display as show } from "@gradbook/kernel"; show(7);`);
    expect(texts(run, "display_data")).toEqual(["7"]);
  });
});

describe("a value that changes", () => {
  test("is updated during a loop that yields to nothing, seldom, and in its last state", async () => {
    const run = await kernel.run(`
      const gauge = new Gauge();
      display(gauge);
      const stop = Date.now() + 700;
      while (Date.now() < stop) gauge.set(gauge.level + 1);
      console.log(gauge.level);`);
    const updates = ofType(run, "update_display_data");
    expect(updates.length).toBeGreaterThanOrEqual(4);
    expect(updates.length).toBeLessThanOrEqual(7);
    expect(updates.at(-1)!.content.data).toMatchObject({ "text/plain": `level ${run.stdout.trim()}` });
    const { display_id } = ofType(run, "display_data")[0]!.content.transient;
    for (const update of updates) expect(update.content.transient.display_id).toBe(display_id);
    expect(updates[0]!.at).toBeLessThan(run.reply.at - 300);
  });

  test("is updated from later cells, once for a quick change", async () => {
    const run = await kernel.run("gauge.set(-1); gauge.set(-2);");
    expect(texts(run, "update_display_data").at(-1)).toBe("level -2");
    expect(texts(run, "update_display_data").length).toBeLessThanOrEqual(2);
  });

  test("is updated when it is a cell's result, too", async () => {
    const shown = await kernel.run("const other = new Gauge(); other");
    const [result] = ofType(shown, "execute_result");
    expect(result!.content.data["text/plain"]).toBe("level 0");
    const later = await kernel.run("other.set(9);");
    expect(ofType(later, "update_display_data")[0]!.content).toMatchObject({
      data: { "text/plain": "level 9" },
      transient: { display_id: result!.content.transient.display_id },
    });
  });

  test("shows its last state even when the cell fails", async () => {
    const run = await kernel.run("gauge.set(5); gauge.set(6); throw new Error('after');");
    expect(run.reply.content.status).toBe("error");
    expect(texts(run, "update_display_data").at(-1)).toBe("level 6");
  });
});

describe("a value shown in many places", () => {
  const idsOf = (run: CellRun) =>
    new Set(ofType(run, "update_display_data").map((message) => message.content.transient.display_id));

  test("is asked once for all of them when it changes", async () => {
    await kernel.run("const busy = new Gauge(); for (let i = 0; i < 50; i++) display(busy);");
    const run = await kernel.run("busy.set(1);");
    expect(idsOf(run).size).toBe(50);
    expect((await kernel.run("busy.asked")).result).toBe("51");
  });

  test("is updated no more where its cell has been run again", async () => {
    await kernel.run("const again = new Gauge();");
    const elsewhere = await kernel.run("display(again);", {}, { cellId: "elsewhere" });
    await kernel.run("display(again); again", {}, { cellId: "rerun" });
    const last = await kernel.run("display(again); again", {}, { cellId: "rerun" });
    const shown = [elsewhere, last].flatMap((run) => [
      ...ofType(run, "display_data"),
      ...ofType(run, "execute_result"),
    ]);
    expect(idsOf(await kernel.run("again.set(1);"))).toEqual(
      new Set(shown.map((message) => message.content.transient.display_id)),
    );
  });

  test("is updated no more where the output was cleared, until it is shown again", async () => {
    await kernel.run("const gone = new Gauge(); display(gone); display.clear();");
    expect(idsOf(await kernel.run("gone.set(1);")).size).toBe(0);
    const shown = await kernel.run("display(gone);");
    expect(texts(shown, "display_data")).toEqual(["level 1"]);
    expect(texts(await kernel.run("gone.set(2);"), "update_display_data")).toEqual(["level 2"]);
  });

  test("stays live under a name that another cell shows too", async () => {
    await kernel.run("const shared = new Gauge();");
    await kernel.run("display(shared, { id: 'shared' });", {}, { cellId: "one" });
    await kernel.run("display(shared, { id: 'shared' });", {}, { cellId: "two" });
    await kernel.run("0", {}, { cellId: "one" });
    expect(idsOf(await kernel.run("shared.set(1);"))).toEqual(new Set(["shared"]));
  });
});

describe("late output", () => {
  test("goes to the cell that caused it", async () => {
    const first = kernel.begin(`setTimeout(() => { console.log("from the first"); display("also"); }, 150);`);
    await kernel.end(first);
    const second = await kernel.run("await new Promise((r) => setTimeout(r, 400)); console.log('from the second');");
    expect(second.stdout).toBe("from the second\n");
    expect((await kernel.message(first, "stream")).content.text).toBe("from the first\n");
    await kernel.message(first, "display_data");
  });

  test("of child processes and native code is shown, before the cell ends", async () => {
    const run = await kernel.run(`
      import { execSync } from "node:child_process";
      import { writeSync } from "node:fs";
      writeSync(1, "straight to the descriptor\\n");
      execSync("echo from a child; echo oops >&2", { stdio: "inherit" });`);
    expect(run.stdout).toBe("straight to the descriptor\nfrom a child\n");
    expect(run.stderr).toBe("oops\n");
  });

  test("errors that nobody catches are printed with their cell and line, and marked for programs", async () => {
    const id = kernel.begin("\nsetTimeout(() => { throw new Error('astray'); }, 10);");
    await kernel.end(id);
    const { content, metadata } = await kernel.message(id, "stream");
    expect(content).toMatchObject({ name: "stderr" });
    expect(content.text).toMatch(/line 2[\s\S]*astray/);
    expect(metadata).toMatchObject({ uncaught: [{ ename: "Error", evalue: "astray" }] });
    expect((await kernel.run("1")).result).toBe("1");
  });
});
