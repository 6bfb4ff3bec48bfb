import { describe, expect, it } from "vitest";
import { checkMetrics, parseExpectations } from "../../src/run/expectations.ts";
import { collectMetrics, METRICS_MIME } from "../../src/run/metrics.ts";
import { parseNotebook } from "../../src/run/notebook-file.ts";
import { metricsTable } from "../../src/run/summary.ts";

const parse = (metrics: object, more: object = {}) => parseExpectations(JSON.stringify({ metrics, ...more }));
const ok = (conditions: object, measured: number) =>
  checkMetrics(new Map([["m", measured]]), parse({ m: conditions }))[0]!.ok;

describe("an expectation", () => {
  it.each([
    [{ "at most": 2 }, [1, 2], [2.01, Number.NaN]],
    [{ "at least": 2 }, [2, 3], [1.99, Number.NaN]],
    [{ "at least": 1, "at most": 2 }, [1, 1.5, 2], [0.9, 2.1]],
    [{ equals: 60000 }, [60000], [60000.5, Number.NaN]],
    [{ near: 0.12, tolerance: 0.01 }, [0.111, 0.129], [0.109, 0.131, Number.NaN]],
  ])("%j holds for %j and not for %j", (conditions, good, bad) => {
    for (const value of good) expect(ok(conditions, value)).toBe(true);
    for (const value of bad) expect(ok(conditions, value)).toBe(false);
  });

  it("fails for a metric that the notebook does not state", () => {
    const [check] = checkMetrics(new Map(), parse({ loss: { "at most": 1 } }));
    expect(check).toEqual({ metric: "loss", measured: undefined, expected: "≤ 1", ok: false });
  });
});

describe("a file of expectations", () => {
  it("may give a time, a profile and notes", () => {
    const expectations = parse({ m: { equals: 1, note: "by hand" } }, { seconds: 600, profile: { epochs: 3 } });
    expect(expectations).toMatchObject({ seconds: 600, profile: { epochs: 3 } });
  });

  it.each([
    ["{", /expected\.json: this is not JSON/],
    ["[]", /the file is not an object; expected \{ "metrics"/],
    ['{"metrics": {}}', /"metrics" names no metric/],
    ['{"metric": {"a": {"equals": 1}}}', /"metric" is not known here; expected "metrics", "seconds" or "profile"/],
    ['{"metrics": {"a": {"equals": 1}}, "seconds": -1}', /"seconds" is -1; a positive number/],
    ['{"metrics": {"a": {"equals": 1}}, "profile": 3}', /"profile" is 3; parameters and their values/],
    ['{"metrics": {"a": 3}}', /the metric "a" is 3; conditions were expected, for example \{ "at most": 1.8 \}/],
    ['{"metrics": {"a": {}}}', /the metric "a" has no condition/],
    ['{"metrics": {"a": {"atmost": 3}}}', /the metric "a" has the condition "atmost"; expected "at most"/],
    ['{"metrics": {"a": {"at most": "3"}}}', /the metric "a" has "at most": "3"; a number was expected/],
    ['{"metrics": {"a": {"near": 3}}}', /has "near" or "tolerance" alone; they go together/],
    ['{"metrics": {"a": {"near": 3, "tolerance": -1}}}', /negative tolerance/],
    ['{"metrics": {"a": {"equals": 3, "note": 1}}}', /a "note" that is no text/],
  ])("is refused when it says %s", (text, message) => {
    expect(() => parseExpectations(text)).toThrow(message);
  });
});

describe("the metrics of a notebook", () => {
  const output = (type: string, metrics: object) => ({
    output_type: type,
    data: { "text/plain": "…", [METRICS_MIME]: metrics },
    metadata: {},
    ...(type === "execute_result" && { execution_count: 1 }),
  });
  const cell = (...outputs: object[]) => ({ cell_type: "code", source: "", metadata: {}, outputs });

  it("come from displays and results of all cells; a later value replaces an earlier one", () => {
    const cells = [
      cell(output("display_data", { error: 3, loss: 0.5 }), output("execute_result", { accuracy: 0.9 })),
      { cell_type: "markdown", source: "", metadata: {} },
      cell({ output_type: "stream", name: "stdout", text: "x" }, output("display_data", { error: 2, ratio: null })),
    ];
    const metrics = collectMetrics(
      parseNotebook(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells })),
    );
    expect([...metrics]).toEqual([
      ["error", 2],
      ["loss", 0.5],
      ["accuracy", 0.9],
      ["ratio", Number.NaN],
    ]);
  });

  it("are shown against what was expected", () => {
    const metrics = new Map([
      ["test error, %", 1.23456789],
      ["parameters", 60000],
    ]);
    const expectations = parse({
      "test error, %": { "at most": 1.2 },
      parameters: { equals: 60000 },
      loss: { near: 1, tolerance: 0.5 },
    });
    expect(`\n${metricsTable({ checks: checkMetrics(metrics, expectations), metrics: {} })}\n`).toBe(`
metric         measured  expected
─────────────  ────────  ────────  ─
test error, %   1.23457  ≤ 1.2     ✗
parameters        60000  = 60000   ✓
loss            missing  1 ± 0.5   ✗
`);
  });
});
