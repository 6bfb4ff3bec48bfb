import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestKernel } from "../../client.ts";
import { advice, browserMissing, bundlePage, FrontEnd, startBrowser } from "./front-end.ts";

const patient = { timeout: 60_000 };

if (browserMissing) console.warn(`Skipped: ${advice}`);

describe.skipIf(browserMissing && process.env.GRADBOOK_REQUIRE !== "all")(
  "in a page of Jupyter's widget manager",
  () => {
    let kernel: TestKernel;
    let browser: Browser;
    let script: string;
    let front: FrontEnd;
    let id: string;

    beforeAll(async () => {
      [kernel, browser, script] = await Promise.all([TestKernel.start(), startBrowser(), bundlePage()]);
      front = await FrontEnd.open(browser, kernel, script);
      const run = await kernel.run(`
      import { AnyWidget } from "@gradbook/kernel";
      class Probe extends AnyWidget<{ value: number; bytes: Float32Array; nested: { list: (number | Uint8Array)[] } }> {
        constructor() {
          super({
            state: { value: 1, bytes: new Float32Array([1, 2.5]), nested: { list: [0, new Uint8Array([5, 6])] } },
            css: ".probe { color: rgb(1, 2, 3) }",
            esm: \`export default {
              initialize({ model }) { model.set("value", model.get("value")); },
              render({ model, el }) {
                const add = (name) => Object.assign(el.appendChild(document.createElement("button")), { className: name });
                const value = add("probe"), bytes = add("bytes"), talk = add("talk");
                const show = () => {
                  value.textContent = "value " + model.get("value");
                  const view = model.get("bytes"), inner = model.get("nested").list[1];
                  const floats = new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4);
                  bytes.textContent = "bytes " + [...floats] + " nested " + [...new Uint8Array(inner.buffer, inner.byteOffset, inner.byteLength)];
                };
                model.on("change", show);
                show();
                value.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
                bytes.onclick = () => {
                  model.set({ bytes: new Float32Array([7, 8, 9]), nested: { list: [1, new Uint8Array([4])] } });
                  model.save_changes();
                };
                model.on("msg:custom", (content, buffers) => {
                  talk.textContent = content.text + " " + buffers[0].getFloat64(0, true);
                });
                talk.onclick = () => model.send({ ask: 1 }, undefined, [new Uint8Array([9, 8])]);
              },
            }\`,
          });
        }
      }
      const probe = new Probe();
      probe.on("value", (value, old, origin) => console.log("value", value, old, origin));
      probe.onMessage((content, buffers) => {
        console.log(content, new Uint8Array(buffers[0].buffer));
        probe.send({ text: "heard" }, [new Float64Array([0.25])]);
      });
      display(probe);`);
      const { content } = run.published.find(({ header }) => header.msg_type === "display_data")!;
      id = content.data["application/vnd.jupyter.widget-view+json"].model_id;
    });
    afterAll(async () => {
      await browser?.close();
      await kernel?.stop();
    });

    const text = (at: FrontEnd, selector: string) => expect.poll(() => at.page.textContent(selector), patient);

    test("a widget is drawn by its module, with its style and its binary values", async () => {
      await expect.poll(() => front.knows(id), patient).toBe(true);
      await front.show(id);
      await text(front, ".probe").toBe("value 1");
      await text(front, ".bytes").toBe("bytes 1,2.5 nested 5,6");
      const color = () => front.page.evaluate("getComputedStyle(document.querySelector('.probe')).color");
      await expect.poll(color, patient).toBe("rgb(1, 2, 3)");
    });

    test("the kernel's changes are drawn", async () => {
      await kernel.run(
        "probe.set({ value: 5, bytes: new Float32Array([3]), nested: { list: [0, new Uint8Array([1])] } });",
      );
      await text(front, ".probe").toBe("value 5");
      await text(front, ".bytes").toBe("bytes 3 nested 1");
    });

    test("what is clicked reaches the kernel, and its listeners, while a cell awaits", async () => {
      const cell = kernel.begin(`
        const clicked = new Promise<void>((resolve) => probe.on("value", (v) => { if (v === 7) resolve(); }));
        process.stderr.write("waits");
        await clicked;`);
      await kernel.message(cell, "stream");
      await front.page.click(".probe");
      await front.page.click(".probe");
      await kernel.end(cell);
      expect((await kernel.run("probe.get('value')")).result).toBe("7");
      await text(front, ".probe").toBe("value 7");
    });

    test("typed arrays set in the page arrive in the kernel as what they were there", async () => {
      await front.page.click(".bytes");
      await expect
        .poll(async () => (await kernel.run("[probe.get('bytes'), probe.get('nested').list[1]]")).result, patient)
        .toBe("[ Float32Array(3) [ 7, 8, 9 ], Uint8Array(1) [ 4 ] ]");
    });

    test("messages of the widget's own go both ways with buffers", async () => {
      await front.page.click(".talk");
      await text(front, ".talk").toBe("heard 0.25");
    });

    test("a page that is loaded anew has the widget in its last state, and both pages follow each other", async () => {
      await kernel.run("probe.set({ value: 20 });");
      const second = await FrontEnd.open(browser, kernel, script);
      await second.restore();
      await second.show(id);
      await text(second, ".probe").toBe("value 20");
      await text(second, ".bytes").toBe("bytes 7,8,9 nested 4");
      await second.page.click(".probe");
      await text(front, ".probe").toBe("value 21");
      await front.page.click(".probe");
      await text(second, ".probe").toBe("value 22");
      expect(second.complaints).toEqual([]);
    });

    test("it is gone from the page when the kernel closes it, and nothing was complained of", async () => {
      await kernel.run("probe.close();");
      await expect.poll(() => front.knows(id), patient).toBe(false);
      await expect.poll(() => front.page.$(".probe"), patient).toBeNull();
      expect(front.complaints).toEqual([]);
    });
  },
);
