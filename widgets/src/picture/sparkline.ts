const bars = "▁▂▃▄▅▆▇█";

/** A line in Unicode blocks, `width` of them at most; a dot where nothing was finite. */
export function sparkline(values: readonly number[], width = 24): string {
  const columns = Math.min(width, values.length);
  const means = Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const until = Math.floor(((column + 1) * values.length) / columns);
    const finite = values.slice(from, until).filter(Number.isFinite);
    return finite.reduce((sum, value) => sum + value, 0) / finite.length;
  });
  const finite = means.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return means
    .map((mean) => {
      if (!Number.isFinite(mean)) return "·";
      return bars[range === 0 ? 0 : Math.min(7, Math.floor(((mean - low) / range) * 8))]!;
    })
    .join("");
}
