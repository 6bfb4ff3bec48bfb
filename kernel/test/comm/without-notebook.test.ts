import { inspect } from "node:util";
import { expect, test } from "vitest";
import { AnyWidget, comms } from "../../src/index.ts";

class Counter extends AnyWidget<{ value: number }> {
  constructor() {
    super({ esm: "export default {}", state: { value: 0 } });
  }
}

test("outside of a notebook a widget is a plain object with values and listeners", async () => {
  const counter = new Counter();
  const heard: unknown[] = [];
  counter.on("value", (...change) => heard.push(change));
  counter.set({ value: 1 });
  counter.send("nobody");
  expect(heard).toEqual([[1, 0, "kernel"]]);
  expect(counter.modelId).toBeUndefined();
  expect(await counter[Symbol.for("Jupyter.display") as never]).toBeTypeOf("function");
  expect(inspect(counter)).toBe("Counter { value: 1 }");
  counter.close();
  expect(counter.closed).toBe(true);
});

test("a listener that fails keeps no other from hearing, and the one who sets hears of it", () => {
  const counter = new Counter();
  const heard: number[] = [];
  counter.on("value", () => {
    throw new Error("first");
  });
  counter.on("value", (value) => heard.push(value));
  expect(() => counter.set({ value: 1 })).toThrow("first");
  expect(heard).toEqual([1]);
});

test("values count as changed by their content, the same object always", () => {
  const widget = new AnyWidget({ esm: "", state: { list: [1], array: new Float32Array([1]), n: 0 } });
  const heard: string[] = [];
  for (const name of ["list", "array", "n"] as const) widget.on(name, () => heard.push(name));
  widget.set({ list: [1], array: new Float32Array([1]), n: 0 });
  expect(heard).toEqual([]);
  const { list, array } = { list: widget.get("list"), array: widget.get("array") };
  list.push(2);
  widget.set({ list, array });
  expect(heard).toEqual(["list", "array"]);
});

test("outside of a notebook there are no comms, which is said", () => {
  expect(() => comms.open("x")).toThrow(/comms: there is no notebook here/);
  expect(() => comms.register("x", () => undefined)).toThrow(/comms: there is no notebook here/);
});
