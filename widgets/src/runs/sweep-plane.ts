import { formatNumber } from "../picture/numbers.ts";
import type { Direction, Plane, PlaneLine, PlanePoint } from "../picture/plane-card.ts";
import { type Cell, exactCell, numberOf, writtenCell } from "./cell.ts";
import { columnsOf } from "./columns.ts";
import type { ReadRun } from "./read-run.ts";
import type { Better, RunColumn } from "./state.ts";

/** Which columns are drawn. */
export interface PlaneChoice {
  readonly title: string | undefined;
  readonly x: string | undefined;
  readonly y: string | undefined;
  readonly by: string | undefined;
  readonly better: Better | undefined;
}

/** More lines than this have no colours of their own, and are not chosen unasked. */
const mostLines = 8;

/** Runs as points in the plane: a result over one setting, in the colours of another, with the means of what is left. */
export function sweepPlane(runs: readonly ReadRun[], choice: PlaneChoice): Plane {
  const best = choice.y !== undefined && choice.better !== undefined ? { [choice.y]: choice.better } : {};
  const columns = columnsOf(runs, { best, metrics: undefined });
  for (const role of ["x", "y", "by"] as const) requireColumn(role, choice[role], columns, runs);
  const varied = columns.filter(({ name, kind }) => kind === "setting" && valuesOf(runs, name).length > 1);
  const up = columns.find(({ name }) => name === choice.y) ?? resultOf(columns);
  const across = choice.x ?? acrossOf(varied, runs, choice.by) ?? columns.find(({ kind }) => kind === "setting")?.name;
  const others = varied.map(({ name }) => name).filter((name) => name !== across && name !== up?.name);
  const by = choice.by ?? others.find((name) => name !== "seed" && valuesOf(runs, name).length <= mostLines);
  if (up === undefined || across === undefined) {
    const side = (name: string): Direction => ({ name, scale: "linear" });
    const note = runs.length === 0 ? "No runs yet" : "No run has a result yet";
    return {
      title: choice.title,
      key: "",
      across: side(across ?? "setting"),
      up: side(up?.name ?? "result"),
      lines: [],
      note,
    };
  }
  const x = directionOf(across, runs);
  const groups = by === undefined ? [null] : valuesOf(runs, by);
  const lines = groups.map((group, index) => {
    const own = runs.filter(({ cells }) => by === undefined || exactCell(cells[by]) === exactCell(group!));
    return lineOf(
      own,
      { across, up: up.name, x, name: group === null ? up.name : writtenCell(group) },
      index,
      groups.length,
    );
  });
  const y = {
    name: up.name,
    scale: scaleOf(
      lines.flatMap(({ points }) => points.map((point) => point.y)),
      50,
    ),
  };
  const better = choice.better ?? up.better;
  const found = bestOf(lines, better);
  const averaged = others.filter((name) => name !== by);
  const mean = averaged.length === 0 ? "" : `Lines: means over ${averaged.join(", ")}. `;
  const said =
    found === undefined ? "" : `Best: ${up.name} ${formatNumber(found.y)}, ${settingsOf(runs, found, up.name, varied)}`;
  return {
    title: choice.title,
    key: by ?? "",
    across: x,
    up: y,
    lines,
    ...(found === undefined ? {} : { chosen: { ...found, words: "best", upright: false } }),
    note: `${mean}${said}`.trim(),
  };
}

function requireColumn(
  role: string,
  name: string | undefined,
  columns: readonly RunColumn[],
  runs: readonly ReadRun[],
): void {
  if (name === undefined || runs.length === 0 || columns.some((column) => column.name === name)) return;
  const known = columns.map((column) => column.name).join(", ");
  throw new RangeError(`sweepPlot: ${role} is "${name}", expected a column of the rows: ${known}.`);
}

/** Different values of a column, in the order of appearance; numbers by size. */
function valuesOf(runs: readonly ReadRun[], name: string): Cell[] {
  const found = new Map<string, Cell>();
  for (const { cells } of runs) {
    const cell = cells[name];
    if (cell !== undefined && cell !== null && !found.has(exactCell(cell))) found.set(exactCell(cell), cell);
  }
  const all = [...found.values()];
  return all.every((cell) => numberOf(cell) !== undefined) ? all.sort((a, b) => numberOf(a)! - numberOf(b)!) : all;
}

/** The result to look at: one of which it is known what is better, else the first. */
function resultOf(columns: readonly RunColumn[]): RunColumn | undefined {
  const metrics = columns.filter(({ kind }) => kind === "metric");
  return metrics.find(({ better }) => better !== "neither") ?? metrics[0];
}

/** The setting with most values that are numbers; a seed is none. */
function acrossOf(varied: readonly RunColumn[], runs: readonly ReadRun[], by: string | undefined): string | undefined {
  const free = varied.map(({ name }) => name).filter((name) => name !== by && name !== "seed");
  const isNumeric = (name: string) => valuesOf(runs, name).every((cell) => numberOf(cell) !== undefined);
  const numeric = free.filter(isNumeric).sort((a, b) => valuesOf(runs, b).length - valuesOf(runs, a).length);
  return numeric[0] ?? free[0] ?? varied.find(({ name }) => name !== by)?.name;
}

function directionOf(name: string, runs: readonly ReadRun[]): Direction {
  const values = valuesOf(runs, name);
  const numbers = values.map(numberOf);
  if (values.length === 0 || numbers.some((number) => number === undefined || !Number.isFinite(number)))
    return { name, scale: "linear", names: values.map(writtenCell) };
  return { name, scale: scaleOf(numbers as number[], 20) };
}

function scaleOf(all: readonly number[], range: number): "linear" | "log" {
  const values = all.filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low > 0 && high / low >= range ? "log" : "linear";
}

interface Drawn {
  readonly across: string;
  readonly up: string;
  readonly x: Direction;
  readonly name: string;
}

function lineOf(runs: readonly ReadRun[], { across, up, x, name }: Drawn, index: number, count: number): PlaneLine {
  // Names are places side by side; the colours stand next to one another in each.
  const aside = x.names === undefined || count === 1 ? 0 : (index / (count - 1) - 0.5) * 0.4;
  const placeOf = (cell: Cell | undefined) =>
    x.names === undefined ? (numberOf(cell) ?? Number.NaN) : x.names.indexOf(writtenCell(cell)) + aside;
  const points = runs
    .filter(({ cells }) => (cells[across] ?? null) !== null)
    .map(
      (run): PlanePoint => ({
        x: placeOf(run.cells[across]),
        y: numberOf(run.cells[up]) ?? Number.NaN,
        words: wordsOf(run),
      }),
    );
  const sums = new Map<number, number[]>();
  for (const { x, y } of points) if (Number.isFinite(y)) sums.set(x, [...(sums.get(x) ?? []), y]);
  const means = [...sums]
    .map(([x, values]) => ({ x, y: values.reduce((a, b) => a + b, 0) / values.length }))
    .sort((a, b) => a.x - b.x);
  // Nothing lies between names: a short stroke each.
  const strokes = means.flatMap(({ x, y }) => [
    { x: x - 0.08, y },
    { x: x + 0.08, y },
    { x, y: Number.NaN },
  ]);
  return { name, colour: index, points, path: x.names === undefined ? means : strokes };
}

function wordsOf({ name, cells }: ReadRun): string {
  const all = Object.entries(cells).filter(([, cell]) => cell !== null);
  return [name === undefined ? [] : `run ${name}`, all.map(([key, cell]) => `${key} ${writtenCell(cell)}`)]
    .flat(2)
    .join("\n");
}

function bestOf(lines: readonly PlaneLine[], better: Better): PlanePoint | undefined {
  if (better === "neither") return undefined;
  const sign = better === "higher" ? -1 : 1;
  const all = lines.flatMap(({ points }) => points).filter(({ y }) => Number.isFinite(y));
  return all.length === 0 ? undefined : all.reduce((best, one) => (sign * one.y < sign * best.y ? one : best));
}

function settingsOf(runs: readonly ReadRun[], point: PlanePoint, up: string, varied: readonly RunColumn[]): string {
  const run = runs.find((one) => numberOf(one.cells[up]) === point.y && wordsOf(one) === point.words)!;
  return varied.map(({ name }) => `${name} ${writtenCell(run.cells[name])}`).join(", ");
}
