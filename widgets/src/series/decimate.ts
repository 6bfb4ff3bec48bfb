/** In a list of positions it stands for a gap: the pen is lifted. */
export const gap = -1;

/**
 * Positions to draw of a line with more points than there is room for: of each group of neighbours the lowest and the
 * highest, in order, and the first and the last point of all. So no peak is lost. Where a value of a group is not
 * finite the line has a {@link gap} before the group.
 *
 * @param endOf the position after the last of the group that begins at a position
 */
export function decimate(
  values: ArrayLike<number>,
  from: number,
  to: number,
  endOf: (position: number) => number,
): number[] {
  const drawn: number[] = [];
  const put = (position: number) => {
    if (drawn.at(-1) !== position) drawn.push(position);
  };
  let [first, last] = [-1, -1];
  for (let start = from; start < to; ) {
    const end = Math.min(to, endOf(start));
    let [low, high, broken] = [-1, -1, false];
    for (let at = start; at < end; at++) {
      const value = values[at]!;
      if (!Number.isFinite(value)) {
        broken = true;
        continue;
      }
      last = at;
      if (low < 0 || value < values[low]!) low = at;
      if (high < 0 || value > values[high]!) high = at;
      if (first < 0) {
        first = at;
        put(at);
      }
    }
    if (broken && drawn.length > 0 && first < start) put(gap);
    start = end;
    if (low < 0) continue;
    put(Math.min(low, high));
    put(Math.max(low, high));
  }
  if (last > Math.max(drawn.at(-1) ?? gap, drawn.at(-2) ?? gap)) put(last);
  return drawn;
}

/** {@link decimate} in groups of equally many points, so that about `limit` are drawn. */
export function decimateTo(limit: number, values: ArrayLike<number>): number[] {
  const group = values.length <= limit ? 1 : Math.ceil((2 * values.length) / limit);
  return decimate(values, 0, values.length, (position) => position + group);
}
