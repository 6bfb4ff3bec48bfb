import type { Observation } from "../data.ts";
import type { Knots } from "./epochs.ts";
import { type Column, columns, type Line, type Thinned } from "./line.ts";
import type { Metrics } from "./metrics.ts";
import { bytesOf, type PackedColumn, packed, unpacked } from "./packed.ts";
import { lineKey, Run } from "./run.ts";

/** Everything that was recorded, as it lies in the shared state and in a saved notebook. */
export interface PackedLog {
  /** Runs with a lower id have been cleared away. */
  readonly first: number;
  readonly runs: readonly PackedRun[];
}

interface RunHead {
  readonly id: number;
  readonly family: string;
  readonly ordinal: number;
  readonly began: number;
  readonly lastStep: number;
  readonly knots: Knots;
}

interface LineHead {
  readonly metric: string;
  readonly aside: boolean;
  readonly higherIsBetter: boolean;
}

interface PackedRun extends RunHead {
  readonly lines: readonly PackedLine[];
}

interface PackedLine extends LineHead {
  readonly total: number;
  readonly notFinite: number;
  /** The line of this run whose points lie at the same places, or its own places. */
  readonly places: number | Readonly<Record<Exclude<Column, "values">, PackedColumn>>;
  readonly values: PackedColumn;
  /** Only of a line that was thinned. */
  readonly thinned?: { readonly group: number; readonly means: PackedColumn; readonly counts?: PackedColumn };
}

/** What has been added since the last news; the numbers of each line are in a buffer of their own. */
export interface News {
  readonly type: "points";
  readonly first: number;
  readonly runs: readonly (RunHead & { readonly lines: readonly (LineHead & { readonly from: number })[] })[];
}

/** How many numbers of a buffer make one point: step, seconds, wall, value. */
const perPoint = 4;

/** All runs of a curve: recorded on one side, followed on the other. */
export class Log {
  runs: Run[] = [];
  #first = 1;
  #next = 1;
  readonly #pending = new Map<Run, Map<Line, number[]>>();
  /** How many knots of each run's epochs have been told. */
  readonly #told = new WeakMap<Run, number>();

  /** Starts another run of this name. */
  start(family: string, now: number): Run {
    const ordinal = 1 + this.runs.filter((run) => run.family === family).length;
    const run = new Run(this.#next++, family, ordinal, now);
    this.runs.push(run);
    return run;
  }

  /** Adds an observation to a run, and where somebody follows to the next news. */
  add(run: Run, observation: Observation, metrics: Metrics, now: number, followed: boolean): void {
    if (!followed) {
      run.add(observation, metrics, now);
      return;
    }
    const lines = this.#pending.get(run) ?? new Map<Line, number[]>();
    this.#pending.set(run, lines);
    run.add(observation, metrics, now, (line, ...point) => {
      const numbers = lines.get(line);
      if (numbers) numbers.push(...point);
      else lines.set(line, point as unknown as number[]);
    });
  }

  clear(): void {
    this.runs = [];
    this.#first = this.#next;
    this.#pending.clear();
  }

  /** What has been added since the last time. */
  news(): { readonly content: News; readonly buffers: Float64Array[] } | undefined {
    if (this.#pending.size === 0) return undefined;
    const buffers: Float64Array[] = [];
    const runs = [...this.#pending].map(([run, lines]) => ({
      ...headOf(run, this.#told.get(run)),
      lines: [...lines].map(([line, numbers]) => {
        buffers.push(Float64Array.from(numbers));
        return { ...lineHeadOf(line), from: line.total - numbers.length / perPoint };
      }),
    }));
    for (const run of this.#pending.keys()) this.#told.set(run, run.epochs.count);
    this.#pending.clear();
    return { content: { type: "points", first: this.#first, runs }, buffers };
  }

  packed(): PackedLog {
    return { first: this.#first, runs: this.runs.map(packedRun) };
  }

  /** Takes over what the other side has recorded, where that is more than what is here. */
  restore({ first, runs }: PackedLog): void {
    this.#forget(first);
    for (const kept of runs) {
      const run = this.#runOf(kept);
      const known: Float64Array[][] = [];
      for (const { places, values, total, notFinite, thinned, ...head } of kept.lines) {
        const own = (column: Exclude<Column, "values">, index: number) =>
          typeof places === "number" ? known[places]![index]! : unpacked(places[column]);
        const [ordinals, steps, seconds, walls] = placing.map(own) as [never, never, never, never];
        known.push([ordinals, steps, seconds, walls]);
        const line = run.line(head.metric, head);
        if (total <= line.total) continue;
        // Each line grows in arrays of its own.
        const copy = (column: Float64Array) => (typeof places === "number" ? column.slice() : column);
        line.restore(
          { total, notFinite, thinned: thinned && unpackedThinned(thinned) },
          {
            ordinals: copy(ordinals),
            steps: copy(steps),
            seconds: copy(seconds),
            walls: copy(walls),
            values: unpacked(values),
          },
        );
      }
    }
  }

  /**
   * Adds what the other side tells. What is here already is passed over.
   * @returns whether nothing is missing before it; where something is, it adds nothing.
   */
  follow({ first, runs }: News, buffers: readonly DataView[]): boolean {
    const complete = runs.every(({ id, knots, lines }) => {
      const run = this.runs.find((known) => known.id === id);
      return (
        knots.from <= (run?.epochs.count ?? 0) &&
        lines.every(({ metric, aside, from }) => from <= (run?.lines.get(lineKey(metric, aside))?.total ?? 0))
      );
    });
    if (!complete) return false;
    this.#forget(first);
    let next = 0;
    for (const { lines, ...head } of runs) {
      const run = head.id < this.#first ? undefined : this.#runOf(head);
      for (const { from, ...lineHead } of lines) {
        const numbers = buffers[next++]!;
        if (run) append(run.line(lineHead.metric, lineHead), numbers, from);
      }
    }
    return true;
  }

  #forget(first: number): void {
    this.#first = Math.max(this.#first, first);
    if (this.runs.some(({ id }) => id < this.#first)) this.runs = this.runs.filter(({ id }) => id >= this.#first);
  }

  /** The run of this id, brought up to date. */
  #runOf({ id, family, ordinal, began, lastStep, knots }: RunHead): Run {
    let run = this.runs.find((known) => known.id === id);
    if (!run) {
      run = new Run(id, family, ordinal, began);
      this.runs.push(run);
    }
    if (lastStep >= run.lastStep) {
      run.lastStep = lastStep;
      run.epochs.restore(knots);
    }
    return run;
  }
}

const placing = columns.filter((column) => column !== "values");

function headOf({ id, family, ordinal, began, lastStep, epochs }: Run, toldKnots = 0): RunHead {
  return { id, family, ordinal, began, lastStep, knots: epochs.knots(toldKnots) };
}

function lineHeadOf({ metric, aside, higherIsBetter }: Line): LineHead {
  return { metric, aside, higherIsBetter };
}

function packedRun(run: Run): PackedRun {
  const lines = [...run.lines.values()];
  return {
    ...headOf(run),
    lines: lines.map((line, index): PackedLine => {
      const same = lines.slice(0, index).findIndex((other) => placing.every((column) => equal(line, other, column)));
      const places = same >= 0 ? same : Object.fromEntries(placing.map((name) => [name, packed(line.column(name))]));
      return {
        ...lineHeadOf(line),
        total: line.total,
        notFinite: line.notFinite,
        places: places as PackedLine["places"],
        values: packed(line.column("values")),
        ...(line.thinned && { thinned: packedThinned(line.thinned) }),
      };
    }),
  };
}

function packedThinned({ group, means, counts }: Thinned): NonNullable<PackedLine["thinned"]> {
  return { group, means: packed(means), ...(counts && { counts: packed(counts) }) };
}

function unpackedThinned({ group, means, counts }: NonNullable<PackedLine["thinned"]>): Thinned {
  return { group, means: unpacked(means), counts: counts && unpacked(counts) };
}

function equal(a: Line, b: Line, column: Column): boolean {
  if (a.length !== b.length) return false;
  const [x, y] = [a[column], b[column]];
  for (let at = a.length - 1; at >= 0; at--) if (x[at] !== y[at]) return false;
  return true;
}

function append(line: Line, bytes: DataView, from: number): void {
  const numbers = new Float64Array(bytesOf(bytes));
  for (let at = perPoint * (line.total - from); at < numbers.length; at += perPoint) {
    line.push({
      step: numbers[at]!,
      seconds: numbers[at + 1]!,
      wall: numbers[at + 2]!,
      value: numbers[at + 3]!,
    });
  }
}
