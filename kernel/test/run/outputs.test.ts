import { describe, expect, it } from "vitest";
import type { Output } from "../../src/run/notebook.ts";
import { OutputCollector, overwriteReturns } from "../../src/run/outputs.ts";

const stream = (text: string, name = "stdout") => ["stream", { name, text }] as const;
const display = (text: string, id?: string, type = "display_data") =>
  [
    type,
    { data: { "text/plain": text }, metadata: {}, transient: id === undefined ? {} : { display_id: id } },
  ] as const;
const clear = (wait: boolean) => ["clear_output", { wait }] as const;

function collect(...messages: (readonly [string, Record<string, unknown>])[]): Output[] {
  const collector = new OutputCollector();
  const outputs: Output[] = [];
  for (const [type, content] of messages) collector.apply(outputs, type, content);
  return outputs;
}
const texts = (outputs: Output[]) =>
  outputs.map((output) =>
    output.output_type === "stream" ? output.text : "data" in output ? output.data["text/plain"] : output.ename,
  );

describe("outputs of a cell", () => {
  it("merge text of one stream that arrives in pieces, but not across another stream or a display", () => {
    expect(
      texts(collect(stream("a"), stream("b\n"), stream("!", "stderr"), stream("c"), display("d"), stream("e"))),
    ).toEqual(["ab\n", "!", "c", "d", "e"]);
  });

  it("hold no empty stream", () => {
    expect(collect(stream(""))).toEqual([]);
  });

  it("keep the result with its number and the error with its traceback", () => {
    const result = { execution_count: 3, data: { "text/plain": "42" }, metadata: { a: 1 } };
    const error = { ename: "TypeError", evalue: "no", traceback: ["1", "2"] };
    expect(collect(["execute_result", result], ["error", error])).toEqual([
      { output_type: "execute_result", ...result },
      { output_type: "error", ...error },
    ]);
  });

  it("have no transient part, which nbformat does not allow", () => {
    expect(Object.keys(collect(display("x", "id"))[0]!)).toEqual(["output_type", "data", "metadata"]);
  });

  it("hold text only, except under JSON types, as nbformat demands", () => {
    const data = {
      "text/plain": 3,
      "application/vnd.x": { a: 1 },
      "application/vnd.x+json": { a: 1 },
      "application/json": 3,
    };
    expect(collect(["display_data", { data, metadata: {} }])).toMatchObject([
      { data: { ...data, "text/plain": "3", "application/vnd.x": '{"a":1}' } },
    ]);
  });

  it("are cleared at once, or with wait by the next output", () => {
    expect(texts(collect(stream("a"), clear(false)))).toEqual([]);
    expect(texts(collect(stream("a"), clear(true)))).toEqual(["a"]);
    expect(texts(collect(stream("a"), clear(true), stream("b")))).toEqual(["b"]);
    expect(texts(collect(stream("a"), clear(true), display("b"), display("c")))).toEqual(["b", "c"]);
  });

  it("leave alone what is no output", () => {
    expect(collect(["status", { execution_state: "idle" }], ["comm_msg", { data: {} }])).toEqual([]);
  });
});

describe("the output of a runaway loop", () => {
  it("keeps its beginning and its end, and says that the middle is missing", () => {
    const collector = new OutputCollector();
    const outputs: Output[] = [];
    const line = `${"x".repeat(999)}\n`;
    for (let count = 0; count < 20_000; count++) collector.apply(outputs, ...stream(count === 0 ? "first\n" : line));
    collector.apply(outputs, ...stream("last"));
    const [text] = texts(outputs) as string[];
    expect(text!.length).toBeLessThan(6_000_000);
    expect(text).toMatch(/^first\nxxx/);
    expect(text).toMatch(/xxx\nlast$/);
    expect(text!.match(/the middle of this output was left out/g)).toHaveLength(1);
  });
});

describe("a display with an id", () => {
  it("is updated wherever it stands, in every cell", () => {
    const collector = new OutputCollector();
    const [first, second]: Output[][] = [[], []];
    collector.apply(first!, ...display("old", "curve"));
    collector.apply(second!, ...display("old", "curve"));
    collector.apply(second!, ...display("other", "table"));
    collector.apply(second!, ...display("new", "curve", "update_display_data"));
    expect([...texts(first!), ...texts(second!)]).toEqual(["new", "new", "other"]);
  });

  it("is also updated by a new display with its id", () => {
    expect(texts(collect(display("old", "curve"), display("new", "curve")))).toEqual(["new", "new"]);
  });

  it("shows nothing when the update comes without a display", () => {
    expect(collect(display("new", "curve", "update_display_data"))).toEqual([]);
  });

  it("does not come back by an update after it was cleared", () => {
    expect(collect(display("old", "curve"), clear(false), display("new", "curve", "update_display_data"))).toEqual([]);
  });
});

describe("carriage returns", () => {
  it("overwrite the line as a terminal does", () => {
    expect(overwriteReturns("10 %\r20 %\rdone\nnext")).toBe("done\nnext");
    expect(overwriteReturns("abcdef\rxy")).toBe("xycdef");
    expect(overwriteReturns("windows\r\nlines\r\n")).toBe("windows\nlines\n");
  });

  it("work across messages", () => {
    expect(texts(collect(stream("start\n10 %\r"), stream("20 %"), stream("\r100 %\nend")))).toEqual([
      "start\n100 %\nend",
    ]);
  });
});
