/** A function along a line: its value and slope at a step. */
export interface OnLine {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

export interface Wolfe {
  /** Enough descent: the value falls by this part of what the slope promises. */
  readonly descent: number;
  /** Enough flattening: the slope is at most this part of the first. */
  readonly curvature: number;
  readonly most?: number;
}

/**
 * A step that meets the strong Wolfe conditions, by bracketing and cubic interpolation (Nocedal and Wright, Numerical
 * Optimization, 2006, algorithms 3.5 and 3.6); the best one seen if none is found within `most` evaluations, or `null` if
 * none is better than the start.
 */
export async function strongWolfe<P extends OnLine>(
  start: OnLine,
  first: number,
  at: (step: number) => Promise<P>,
  { descent, curvature, most = 25 }: Wolfe,
): Promise<P | null> {
  let best: P | null = null;
  let evaluations = 0;
  const probe = async (step: number) => {
    evaluations++;
    const point = await at(step);
    if (point.value < (best?.value ?? start.value)) best = point;
    return point;
  };
  // A value that is not finite counts as too high.
  const tooHigh = (point: OnLine) => !(point.value <= start.value + descent * point.step * start.slope);
  const flat = (point: OnLine) => Math.abs(point.slope) <= -curvature * start.slope;
  let [low, step]: [OnLine, number] = [start, first];
  let high: OnLine | null = null;
  while (high === null && evaluations < most) {
    const point = await probe(step);
    if (tooHigh(point) || (low !== start && point.value >= low.value)) high = point;
    else if (flat(point)) return point;
    else if (point.slope >= 0) [low, high] = [point, low];
    else [low, step] = [point, 2 * step];
  }
  while (high !== null && evaluations < most) {
    const middle = interpolated(low, high);
    if (middle === low.step || middle === high.step) break;
    const point = await probe(middle);
    if (tooHigh(point) || point.value >= low.value) high = point;
    else if (flat(point)) return point;
    else {
      if (point.slope * (high.step - low.step) >= 0) high = low;
      low = point;
    }
  }
  return best;
}

/** Where the cubic through two points is least, kept away from both ends; their middle where there is none. */
function interpolated(a: OnLine, b: OnLine): number {
  const [left, right] = [Math.min(a.step, b.step), Math.max(a.step, b.step)];
  const margin = 0.1 * (right - left);
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const inside = d1 * d1 - a.slope * b.slope;
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(inside);
  const step = b.step - ((b.step - a.step) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  if (!Number.isFinite(step)) return (left + right) / 2;
  return Math.min(right - margin, Math.max(left + margin, step));
}
