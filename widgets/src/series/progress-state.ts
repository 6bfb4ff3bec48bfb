import { duration, formatNumber, grouped, percent } from "../picture/numbers.ts";

/** What page and kernel share: where it stands. */
export interface ProgressState {
  readonly title: string;
  readonly unit: string;
  readonly done: number;
  /** Unknown where it is null. */
  readonly total: number | null;
  /** Seconds since the first item was asked for. */
  readonly seconds: number;
  readonly state: "waiting" | "running" | "done" | "stopped";
  /** Words beside the bar. */
  readonly note: string;
}

/** Where it stands, in words: "1,200 of 5,000 images · 24 % · 310 images/s · 12 s left". */
export function inWords({ done, total, unit, seconds, state, note }: ProgressState): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const many = (count: number) => `${unit}${count === 1 ? "" : "s"}`;
  const parts = [
    total === null ? `${grouped(done)} ${many(done)}` : `${grouped(done)} of ${grouped(total)} ${many(total)}`,
    ...(total === null || state === "done" ? [] : [percent(total === 0 ? 1 : done / total)]),
    ...(rate > 0 ? [rate >= 1 ? `${formatNumber(rounded(rate))} ${unit}s/s` : `${duration(1 / rate)} each`] : []),
    ...(state === "running" && total !== null && rate > 0 && seconds > 1
      ? [`${duration(Math.max(0, total - done) / rate)} left`]
      : []),
    ...(state === "done" || state === "stopped"
      ? [`${state === "done" ? "" : "stopped after "}${duration(seconds)}`]
      : []),
    ...(note === "" ? [] : [note]),
  ];
  return parts.join(" · ");
}

const rounded = (rate: number) => (rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(2)));
