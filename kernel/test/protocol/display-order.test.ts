import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CellRun, TestKernel } from "../client.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const texts = (run: CellRun, type: string) =>
  run.published.filter(({ header }) => header.msg_type === type).map(({ content }) => content.data["text/plain"]);

describe("display", () => {
  test("keeps the order of the calls where some bundles take longer, the result's too, and shows what has changed meanwhile", async () => {
    const run = await kernel.run(`
      const after = (milliseconds: number, text: string) => ({
        [Symbol.for("Jupyter.display")]: async () => {
          if (milliseconds > 0) await new Promise((r) => setTimeout(r, milliseconds));
          return { "text/plain": text };
        },
      });
      display(after(60, "first"));
      display(after(0, "second"));
      const third = display.mime({ "text/plain": "none yet" });
      third.update(after(0, "third"));
      after(0, "result")`);
    expect(texts(run, "display_data")).toEqual(["first", "second", "third"]);
    expect(texts(run, "execute_result")).toEqual(["result"]);
    const order = run.published.map(({ header }) => header.msg_type);
    expect(order.indexOf("execute_result")).toBeGreaterThan(order.lastIndexOf("display_data"));
  });

  test("does not hold up what comes after a bundle that does not come", async () => {
    const run = await kernel.run(`
      let come!: (bundle: object) => void;
      display({ [Symbol.for("Jupyter.display")]: () => new Promise((resolve) => { come = resolve; }) });
      display.mime({ "text/plain": "second" });
      setTimeout(() => come({ "text/plain": "first" }), 600);`);
    expect(texts(run, "display_data")).toEqual(["second", "first"]);
  });
});
