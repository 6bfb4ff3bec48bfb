import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { Sources } from "../../src/runtime/sources.ts";
import { Tracebacks } from "../../src/runtime/tracebacks.ts";

const library = createRequire(import.meta.url).resolve("gradbook");

function tracebackOf(...frames: string[]): string {
  const sources = new Sources();
  sources.add("gradbook:cell/1", { name: "Cell [1]", isCell: true, map: "", text: "step();" });
  const error = Object.assign(new RangeError("too far"), { stack: ["RangeError: too far", ...frames].join("\n") });
  return new Tracebacks(sources, "/notebooks").describe(error).traceback.join("\n");
}

test("a traceback leaves out the library's frames, also when none of the user's is below them", () => {
  const own = "    at step (Cell [1], line 1:1)";
  expect(tracebackOf(`    at read (${library}:5:3)`, own)).not.toContain(library);
  expect(tracebackOf(`    at read (${library}:5:3)`, own)).toContain("at step (Cell [1], line 1:1)");
  expect(tracebackOf(`    at read (${library}:5:3)`)).not.toMatch(/^ {4}at /m);
});
