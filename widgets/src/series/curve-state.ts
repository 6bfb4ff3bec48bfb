import type { Scales } from "./arrange.ts";
import type { PackedLog } from "./log.ts";

/** What a value's place along the horizontal axis is. */
export type Horizontal = "step" | "epoch" | "time" | "wall";

/** What the reader has zoomed into: values along the axis, and by unit of the panels. Nothing where all is shown. */
export interface Zoom {
  readonly x: readonly [from: number, to: number] | null;
  readonly y: Readonly<Record<string, readonly [from: number, to: number]>>;
}

/** What the reader can set. */
export interface CurveView {
  readonly x: Horizontal;
  readonly logX: boolean;
  /** The scales of panels that the reader has changed. */
  readonly logY: Readonly<Record<string, boolean>>;
  readonly smoothing: number;
  readonly clip: boolean;
  /** What the second axis shows: `""` for nothing. */
  readonly aside: string;
  /** Lines that are not shown, as `run id/metric`. */
  readonly hidden: readonly string[];
  readonly zoom: Zoom;
}

/** How things stand with what feeds a curve. */
export interface SteeringState {
  readonly state: "idle" | "running" | "paused" | "stopped";
  /** Whether what runs can be held up, and whether it can be ended. */
  readonly canPause: boolean;
  readonly canStop: boolean;
}

/** What page and kernel of a loss curve share. */
export interface CurveState extends CurveView {
  readonly title: string;
  readonly scales: Scales;
  readonly log: PackedLog;
  readonly steering: SteeringState;
}

/** The view before anybody has changed it. */
export function firstView({ x, smoothing }: Pick<CurveView, "x" | "smoothing">): CurveView {
  return { x, smoothing, logX: false, logY: {}, clip: false, aside: "", hidden: [], zoom: { x: null, y: {} } };
}
