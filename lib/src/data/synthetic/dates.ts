import type { Key } from "../../random/key.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { Draws, requireWhole } from "../draws.ts";

/** A date as people write it, and as ISO 8601 has it. */
export interface DatePair {
  readonly human: string;
  readonly iso: string;
}

export interface DatesOptions {
  readonly key: Key;
  readonly count: number;
  /** First and last year; 1970 … 2029 if not said. */
  readonly years?: readonly [number, number];
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

interface Parts {
  readonly day: number;
  readonly month: number;
  readonly year: number;
  readonly weekday: number;
}

const two = (n: number) => String(n).padStart(2, "0");

function ordinal(n: number): string {
  const teen = n >= 11 && n <= 13;
  return `${n}${teen ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th")}`;
}

const forms: readonly ((date: Parts) => string)[] = [
  ({ day, month, year }) => `${day} ${months[month]} ${year}`,
  ({ day, month, year }) => `${months[month]} ${day}, ${year}`,
  ({ day, month, year }) => `${day} ${months[month]!.slice(0, 3)} ${year}`,
  ({ day, month, year }) => `${months[month]!.slice(0, 3)} ${ordinal(day)}, ${year}`,
  ({ day, month, year }) => `the ${ordinal(day)} of ${months[month]} ${year}`,
  ({ day, month, year, weekday }) => `${weekdays[weekday]}, ${day} ${months[month]} ${year}`,
  ({ day, month, year, weekday }) => `${weekdays[weekday]!.slice(0, 3)} ${months[month]} ${day} ${year}`,
  ({ day, month, year }) => `${day}.${month + 1}.${year}`,
  ({ day, month, year }) => `${two(day)}/${two(month + 1)}/${year}`,
  ({ day, month, year }) => `${year}/${two(month + 1)}/${two(day)}`,
  ({ day, month, year }) => `${day}-${months[month]!.slice(0, 3).toUpperCase()}-${two(year % 100)}`,
];

/**
 * Dates written in eleven ways, and the same as `2007-03-09`, to be translated; the day comes before the month where both
 * are numbers.
 *
 * @example
 * ```ts
 * import { data, random } from "gradbook";
 *
 * for (const { human, iso } of data.dates({ key: random.seed(1), count: 3 })) console.log(human, "→", iso);
 * ```
 */
export function dates({ key, count, years: [first, last] = [1970, 2029] }: DatesOptions): DatePair[] {
  requireWhole("dates", "count", count);
  if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 1000 && last >= first && last <= 9999))
    throw new ArgumentError("dates", `years are ${first} … ${last}, expected a range within 1000 … 9999.`);
  const draws = new Draws(key);
  const start = Date.UTC(first, 0, 1) / 86_400_000;
  const days = Date.UTC(last + 1, 0, 1) / 86_400_000 - start;
  return Array.from({ length: count }, () => {
    const date = new Date((start + draws.below(days)) * 86_400_000);
    const parts = {
      day: date.getUTCDate(),
      month: date.getUTCMonth(),
      year: date.getUTCFullYear(),
      weekday: date.getUTCDay(),
    };
    return { human: draws.of(forms)(parts), iso: date.toISOString().slice(0, 10) };
  });
}
