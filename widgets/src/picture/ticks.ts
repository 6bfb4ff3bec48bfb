import { formatNumber, grouped, smallestNormal } from "./numbers.ts";

/** Where an axis has its marks, and what they say. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Rounds a distance between marks up to 1, 2, 2.5 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const ratio = rough / power;
  const nice = [1, 2, 2.5, 5].find((candidate) => ratio <= candidate * (1 + 1e-9)) ?? 10;
  return nice * power;
}

/** The next round distance below one. */
function finer(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step * (1 + 1e-9)));
  const below = [5, 2.5, 2, 1].find((candidate) => candidate * power < step * (1 - 1e-9)) ?? 0.5;
  return below * power;
}

/** Multiples of a step from `low` to `high`, the ends included. */
function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** About `count` round numbers from `low` to `high`; `whole` asks for whole numbers only. */
export function linearTicks(low: number, high: number, count: number, whole = false): Tick[] {
  if (!(high - low >= smallestNormal)) return [{ value: low, label: formatNumber(low) }];
  let step = niceStep((high - low) / count);
  if (whole) step = Math.max(1, step === 2.5 ? 5 : step);
  // One mark alone would not say how long anything is.
  else if (multiples(low, high, step).length < 2) step = finer(step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const digits = Number.isInteger(Number((step * 10 ** decimals).toPrecision(6))) ? decimals : decimals + 1;
  return multiples(low, high, step).map((value) => ({ value, label: tickLabel(value, digits) }));
}

function tickLabel(value: number, digits: number): string {
  if (value === 0) return "0";
  if (digits > 4 || Math.abs(value) >= 1e7) return formatNumber(value);
  if (digits === 0) return grouped(value);
  return value.toFixed(digits).replace("-", "−");
}

/** Powers of ten from `low` to `high`, with 2 and 5 between them where there is room, on an axis of logarithms. */
export function logTicks(low: number, high: number, count: number): Tick[] {
  // As a difference: the quotient of numbers that are far apart overflows.
  const decades = Math.log10(high) - Math.log10(low);
  if (decades < 0.7) return linearTicks(low, high, count);
  const factors = decades > 2.5 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
  const every = Math.max(1, Math.ceil(decades / count));
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    if (power % every !== 0) continue;
    for (const factor of factors) {
      const value = Number(`${factor}e${power}`);
      const inside = value >= low * (1 - 1e-9) && value <= Math.min(high * (1 + 1e-9), Number.MAX_VALUE);
      if (inside) ticks.push({ value, label: formatNumber(value) });
    }
  }
  return ticks;
}

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Round times, in seconds, from `low` to `high`: halves of minutes and quarters of hours rather than tens. */
export function timeTicks(low: number, high: number, count: number): Tick[] {
  const rough = (high - low) / count;
  if (!(rough > 0.5)) return linearTicks(low, high, count).map(({ value, label }) => ({ value, label: `${label} s` }));
  const step = timeSteps.find((candidate) => rough <= candidate) ?? niceStep(rough / 86_400) * 86_400;
  const [unit, name] = step < 60 && high < 600 ? [1, "s"] : step < 3600 ? [60, "min"] : [3600, "h"];
  return multiples(low, high, step).map((value) => ({ value, label: `${formatNumber(value / unit)} ${name}` }));
}

const clockSteps = [...timeSteps, 2 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400, 91 * 86_400, 365 * 86_400];

/** Round times of the reader's day, from `low` to `high` seconds since 1970. */
export function clockTicks(low: number, high: number, count: number): Tick[] {
  const rough = Math.max(1, (high - low) / count);
  const step = clockSteps.find((candidate) => rough <= candidate) ?? clockSteps.at(-1)!;
  // Whole hours and days are those of the place, not of Greenwich.
  const east = -60 * new Date(1000 * low).getTimezoneOffset();
  const two = (value: number) => String(value).padStart(2, "0");
  return multiples(low + east, high + east, step).map((local) => {
    const date = new Date(1000 * (local - east));
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const time = `${two(date.getHours())}:${two(date.getMinutes())}${step < 60 ? `:${two(date.getSeconds())}` : ""}`;
    const label = step >= 86_400 ? day : high - low > 86_400 ? `${day.slice(5)} ${time}` : time;
    return { value: local - east, label };
  });
}
