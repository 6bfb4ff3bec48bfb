/** The smallest number that still has all its digits; quotients and logarithms of smaller ones go wrong. */
export const smallestNormal = 2 ** -1022;

/** A number for people: four digits that count, thousands in groups, powers of ten only where zeros would pile up. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-4 || size >= 1e9)
    return minus(
      value
        .toExponential(2)
        .replace(/\.?0+e/, "e")
        .replace("e+", "e"),
    );
  if (Number.isInteger(value) || size >= 10_000) return grouped(Math.round(value));
  return minus(String(Number(value.toPrecision(4))));
}

/** A whole number with its thousands in groups: 12,500. */
export function grouped(value: number): string {
  return minus(String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ","));
}

/** Fewer digits for a machine: data of a figure that is sent again and again. */
export function shortened(value: number): number {
  return Number(value.toPrecision(5));
}

/** A percentage: 98.9 %. */
export function percent(fraction: number): string {
  return Number.isFinite(fraction) ? `${Number((100 * fraction).toFixed(1))} %` : "–";
}

/** A time for people: 0.42 s, 12 s, 3:05 min, 2:10 h. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [unit, name] = whole < 3600 ? [60, "min"] : [3600, "h"];
  const rest = whole < 3600 ? whole % 60 : Math.floor((whole % 3600) / 60);
  return `${Math.floor(whole / unit)}:${String(rest).padStart(2, "0")} ${name}`;
}

function minus(text: string): string {
  return text.replace(/^-/, "−").replace("e-", "e−");
}
