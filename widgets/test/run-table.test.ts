import { runCard, sweep, TrainingError } from "gradbook";
import { describe, expect, test } from "vitest";
import { type RunTableOptions, runTable } from "../src/index.ts";
import { guessed } from "../src/runs/columns.ts";
import { csvOf } from "../src/runs/csv.ts";
import { type RunRow, readRun } from "../src/runs/read-run.ts";
import { seenRuns, shareOf } from "../src/runs/seen.ts";
import type { RunTableState } from "../src/runs/state.ts";
import { shown } from "./showing.ts";
import { cards, sweepRows } from "./sweeps.ts";

/** What kernel and page would share. */
function stateOf(rows: readonly RunRow[], options: RunTableOptions = {}, changes: Partial<RunTableState> = {}) {
  const table = runTable(rows, options) as unknown as { get(name: string): never };
  const names = ["title", "columns", "runs", "sort", "hidden", "filter", "differing"];
  const state = Object.fromEntries(names.map((name) => [name, table.get(name)])) as unknown as RunTableState;
  return { ...state, ...changes };
}
const namesOf = (state: RunTableState) => seenRuns(state).runs.map(({ name }) => name);
const kindsOf = (state: RunTableState) =>
  Object.fromEntries(state.columns.map(({ name, kind, better }) => [name, kind === "metric" ? better : kind]));

describe("columns", () => {
  test("of a sweep: what was chosen, what came out, and the rest", async () => {
    const rows: RunRow[] = [];
    const space = { rate: [0.1, 1], score: ["mean", "max"] };
    for await (const row of sweep(space, async ({ rate }) => {
      if (rate === 1) throw new TrainingError("sweep", "the loss is NaN");
      return { error: rate, spread: 2 };
    }))
      rows.push(row);
    const state = stateOf(rows);
    expect(kindsOf(state)).toEqual({
      rate: "setting",
      score: "setting",
      seed: "setting",
      error: "lower",
      spread: "neither",
      seconds: "about",
      failed: "about",
    });
    expect(state.columns.map(({ name }) => name).slice(0, 5)).toEqual(["rate", "score", "seed", "error", "spread"]);
    expect(namesOf(state)).toEqual(["1", "2", "3", "4"]);
  });

  test("of rows with settings and metrics apart, and of the library's run card", () => {
    const card = runCard({ seed: 3 });
    const state = stateOf([{ name: "a", settings: { rate: 1 }, metrics: { rate: 2, loss: 3 }, card, seconds: 4 }]);
    expect(kindsOf(state)).toMatchObject({
      rate: "setting",
      "rate (metric)": "neither",
      loss: "lower",
      seconds: "about",
      gradbook: "about",
      device: "about",
      seed: "setting",
    });
  });

  test("of other rows are told by their names, unless the caller says it", () => {
    const rows = [{ rate: 1, "test error": 2, topAccuracy: 3, lossWeight: 0.5, loss: "hinge", cost: 5 }];
    expect(kindsOf(stateOf(rows))).toEqual({
      rate: "setting",
      "test error": "lower",
      topAccuracy: "higher",
      lossWeight: "setting",
      loss: "setting",
      cost: "setting",
    });
    expect(kindsOf(stateOf(rows, { metrics: ["cost"] }))).toMatchObject({ cost: "neither", "test error": "setting" });
    expect(kindsOf(stateOf(rows, { best: { cost: "lower", topAccuracy: "neither" } }))).toMatchObject({
      cost: "lower",
      topAccuracy: "neither",
    });
  });

  test.each([
    ["loss", "lower"],
    ["valLoss", "lower"],
    ["test_error", "lower"],
    ["perplexity", "lower"],
    ["top5 accuracy", "higher"],
    ["F1", "higher"],
    ["BLEU", "higher"],
    ["gradNorm", "neither"],
    ["glossary", undefined],
    ["entropy coefficient", undefined],
  ])("%s: %s is better", (name, better) => {
    expect(guessed(name)).toBe(better);
  });
});

describe("what is seen", () => {
  test("is sorted by any column, with what is missing or not a number below", () => {
    const rows = [{ error: 3 }, { error: Number.NaN }, { error: 1 }, {}, { error: 20 }];
    const by = (column: string, descending: boolean) => namesOf(stateOf(rows, {}, { sort: { column, descending } }));
    expect(by("error", false)).toEqual(["3", "1", "5", "2", "4"]);
    expect(by("error", true)).toEqual(["5", "1", "3", "2", "4"]);
    expect(by("", true)).toEqual(["5", "4", "3", "2", "1"]);
    const words = [{ kind: "b10" }, { kind: "b9" }, { kind: "a" }];
    expect(namesOf(stateOf(words, {}, { sort: { column: "kind", descending: false } }))).toEqual(["3", "2", "1"]);
  });

  test("has text among numbers below them, whichever way is up", () => {
    const rows = [{ error: "diverged" }, { error: 2 }, {}, { error: Number.POSITIVE_INFINITY }, { error: 1 }];
    const by = (descending: boolean) => namesOf(stateOf(rows, {}, { sort: { column: "error", descending } }));
    expect(by(false)).toEqual(["5", "2", "4", "1", "3"]);
    expect(by(true)).toEqual(["4", "2", "5", "1", "3"]);
  });

  test("begins with the best where a metric is asked for, also one that comes later", () => {
    expect(namesOf(stateOf([{ accuracy: 1 }, { accuracy: 3 }, { accuracy: 2 }], { sort: "accuracy" }))).toEqual([
      "2",
      "3",
      "1",
    ]);
    expect(stateOf([], { sort: "accuracy" }).sort).toEqual({ column: "accuracy", descending: true });
    expect(stateOf([], { sort: "cost", best: { cost: "lower" } }).sort?.descending).toBe(false);
  });

  test.each([
    ["tanh", ["7", "8", "9", "10", "11", "12"]],
    ["TANH rate=0.1", ["9", "10"]],
    ['"test error"<0.04', ["3", "4"]],
    ["rate>=1 rate!=1", []],
    ["rate>0.05 seed=2 activation=relu", ["4", "6"]],
    ["run=3", ["3"]],
    ["run<=2", ["1", "2"]],
    ["loss=NaN", ["11", "12"]],
    ["rate<", "all"],
    ["is NaN at", ["5", "6"]],
    ["nothing=3", []],
  ])("is filtered by %s", (filter, expected) => {
    const all = Array.from({ length: 12 }, (_, i) => String(i + 1));
    expect(namesOf(stateOf(sweepRows(), {}, { filter }))).toEqual(expected === "all" ? all : expected);
  });

  test("has the best value of each metric, and bars that tell values apart", () => {
    const { columns } = seenRuns(stateOf(sweepRows()));
    const column = (name: string) => columns.find((one) => one.name === name)!;
    const errors = sweepRows().flatMap((row) => ("test error" in row ? [row["test error"] as number] : []));
    expect(column("test error").best).toBe(Math.min(...errors));
    expect(column("test accuracy").best).toBe(1 - Math.min(...errors));
    expect(column("loss").best).toBe(4 * Math.min(...errors.slice(0, 8)));
    // Errors from zero; accuracies close to one another from near the lowest.
    expect(column("test error").scale[0]).toBe(0);
    const [low, high] = column("test accuracy").scale;
    expect(low).toBeGreaterThan(0.8);
    expect(shareOf(high, [low, high])).toBe(1);
    // One run is not the best of anything.
    expect(seenRuns(stateOf([{ error: 1 }])).columns[0]!.best).toBeUndefined();
  });

  test("can leave out settings that are the same, and columns by name", () => {
    const names = (changes: Partial<RunTableState>) =>
      seenRuns(stateOf(sweepRows(), {}, changes)).columns.map(({ name }) => name);
    expect(names({})).toContain("width");
    expect(names({ differing: true })).not.toContain("width");
    expect(names({ differing: true, hidden: ["loss"] })).toEqual(
      names({}).filter((name) => name !== "width" && name !== "loss"),
    );
  });
});

test("saved as CSV, fields with commas, quotes and lines are quoted, and numbers have all digits", () => {
  const rows = [
    { name: 'a "b", c', note: "two\nlines", loss: 1 / 3, ok: true },
    { name: "d", note: " ", loss: Number.NEGATIVE_INFINITY },
  ];
  expect(csvOf(seenRuns(stateOf(rows)))).toBe(
    ["run,note,ok,loss", '"a ""b"", c","two\nlines",true,0.3333333333333333', 'd," ",,-Infinity', ""].join("\r\n"),
  );
});

test("saved as CSV, text that a spreadsheet would calculate is kept text, and numbers stay numbers", () => {
  const rows = [
    { name: '=HYPERLINK("x")', "@note": "+cmd", shift: -0.5, low: Number.NEGATIVE_INFINITY, code: "-1", dash: "-a" },
  ];
  expect(csvOf(seenRuns(stateOf(rows)))).toBe(
    `run,'@note,shift,low,code,dash\r\n"'=HYPERLINK(""x"")",'+cmd,-0.5,-Infinity,-1,'-a\r\n`,
  );
});

describe("the static table", () => {
  test("marks the best values, and follows the rows", async () => {
    const runs = runTable([{ rate: 0.1, error: 0.5 }], { title: "Rates" });
    const first = runs.add({ rate: 0.2 });
    first.update({ error: 0.25 });
    runs.add({ rate: 0.3, error: 1 });
    const bundle = await shown(runs);
    expect(bundle["text/plain"]).toBe(
      [
        "Rates",
        "run  rate   error",
        "───  ────  ──────",
        "1     0.1     0.5",
        "2     0.2  ★ 0.25",
        "3     0.3       1",
      ].join("\n"),
    );
    expect(bundle["text/html"]).toContain('<td style="text-align:right"><b>★ 0.25</b></td>');
    runs.update(new Set([{ loss: 2 }]));
    first.update({ error: 7 });
    expect((await shown(runs))["text/plain"]).toBe("Rates\nrun  loss\n───  ────\n1       2");
  });

  test("shows text as text", async () => {
    const { "text/html": html } = await shown(runTable([{ name: "<b>", note: "<script>" }]));
    expect(html).not.toMatch(/<script|<b>/);
  });
});

test("values of every kind have a cell", () => {
  const { cells } = readRun(
    {
      big: 12n,
      shape: [1, 2],
      date: new Date(0),
      activation: Math.tanh,
      nothing: undefined,
      deep: { a: 1 },
      bad: Number.POSITIVE_INFINITY,
    },
    "run 1",
  );
  expect(cells).toEqual({
    big: 12,
    shape: "[1, 2]",
    date: "1970-01-01T00:00:00.000Z",
    activation: "tanh",
    nothing: null,
    deep: '{"a":1}',
    bad: { number: "Infinity" },
  });
});

describe("what a cell cannot hold", () => {
  const cellsOf = (row: object) => readRun(row, "run 1").cells;

  test("is written out all the same: circles, big integers, dates that are none, what fails when it is read", () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle.self = circle;
    const broken = {
      get value() {
        throw new Error("no");
      },
    };
    const bare = Object.assign(Object.create(null), { a: 1n });
    expect(cellsOf({ circle, seed: 2n ** 64n, bare, date: new Date(Number.NaN), broken, symbol: Symbol("s") })).toEqual(
      {
        circle: '{"a":1,"self":(circular)}',
        seed: "18446744073709551616",
        bare: '{"a":1}',
        date: "no date",
        broken: "cannot be written",
        symbol: "Symbol(s)",
      },
    );
    expect(cellsOf({ seed: 10n ** 400n }).seed).toMatch(/^10{198}…$/);
    expect(readRun({ name: bare, rate: 1 }, "run 1").name).toBe('{"a":1}');
    expect(readRun({ name: null, rate: 1 }, "run 1").name).toBeUndefined();
  });

  test("is cut where it is long", () => {
    const deep = { list: [[[[[[1]]]]]], bytes: new DataView(new ArrayBuffer(1000)) };
    const cells = cellsOf({
      weights: new Float32Array(1e6).fill(0.1),
      names: Array.from({ length: 1000 }, (_, i) => `name ${i}`),
      widths: [784, 256, 10],
      matrix: [
        [1, 2],
        [3, 4],
      ],
      text: "😀".repeat(1000),
      deep,
      wide: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key${i}`, { value: i }])),
    });
    expect(cells).toMatchObject({
      weights: "[0.1, 0.1, 0.1, … 1,000,000 numbers]",
      names: "[name 0, name 1, name 2, … 1,000 values]",
      widths: "[784, 256, 10]",
      matrix: "[[1, 2], [3, 4]]",
      deep: '{"list":[[[…]]],"bytes":a DataView of 1,000 bytes}',
    });
    expect(cells.text).toBe(`${"😀".repeat(99)}…`);
    expect(cells.wide).toMatch(/^\{"key0":\{"value":0\},.*…$/);
    for (const cell of Object.values(cells)) expect(String(cell).length).toBeLessThanOrEqual(200);
  });
});

test("what is no run is refused with a way out", () => {
  expect(() => runTable(3 as never)).toThrow(/runTable: the rows are a number, expected a list of objects/);
  expect(() => runTable([cards[0]!, null as never])).toThrow(
    /runTable: run 2 is null, expected an object, for example/,
  );
  expect(() => runTable().add([1] as never)).toThrow(/runTable: run 1 is an Array, expected an object/);
});
