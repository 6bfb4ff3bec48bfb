import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkMetrics, parseExpectations } from "../../kernel/src/run/expectations.ts";
import { collectMetrics } from "../../kernel/src/run/metrics.ts";
import { parseNotebook } from "../../kernel/src/run/notebook-file.ts";

const folder = fileURLToPath(new URL("../", import.meta.url));
const names = readdirSync(folder).filter((name) => /^\d\d-/.test(name));

describe.each(names)("%s as it is committed", (name) => {
  const text = readFileSync(`${folder}${name}/notebook.ipynb`, "utf8");
  const notebook = parseNotebook(text);
  const code = notebook.cells.filter((cell) => cell.cell_type === "code");
  const outputs = code.flatMap((cell) => cell.outputs ?? []);

  it("was run from top to bottom without an error", () => {
    expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, i) => i + 1));
    expect(outputs.filter((output) => output.output_type === "error")).toEqual([]);
  });

  it("found what is expected of it", () => {
    const expectations = parseExpectations(readFileSync(`${folder}${name}/expected.json`, "utf8"));
    const checks = checkMetrics(collectMetrics(notebook), expectations);
    expect(checks.length).toBeGreaterThan(2);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  it("keeps every live view, with a picture beside it for those who cannot show it", () => {
    const saved = notebook.metadata.widgets as { [type: string]: { state: object } } | undefined;
    const states = saved?.["application/vnd.jupyter.widget-state+json"]?.state ?? {};
    const views = outputs.flatMap((output) => ("data" in output ? [output.data as Record<string, unknown>] : []));
    const live = views.filter((data) => data["application/vnd.jupyter.widget-view+json"] !== undefined);
    expect(live.length).toBeGreaterThan(0);
    for (const data of live) {
      const { model_id } = data["application/vnd.jupyter.widget-view+json"] as { model_id: string };
      expect(Object.keys(states)).toContain(model_id);
      expect(Object.keys(data).some((type) => type.startsWith("image/") || type === "text/html")).toBe(true);
    }
  });

  it("is small enough to be read on the web", () => {
    expect(text.length).toBeLessThan(10_000_000);
    // Nothing of the machine it was run on.
    expect(text).not.toMatch(/"[^"]*\/(?:home|root|work|Users|tmp)\/[^"]*"/);
  });
});
