type Numbers = ArrayLike<number | bigint> & { readonly constructor: { readonly name: string } };

/** Arrays up to this length are printed whole. */
const whole = 24;
const shownAtEnds = 8;
/** Longer arrays are not read through. */
const longestRead = 50_000_000;

/** A long typed array as text: both its ends, and what lies between in numbers. Others print well as they are. */
export function numbersText(view: ArrayBufferView): string | undefined {
  if (view instanceof DataView || Buffer.isBuffer(view)) return undefined;
  const numbers = view as unknown as Numbers;
  if (numbers.length <= whole) return undefined;
  const { length } = numbers;
  const text = (from: number) => Array.from({ length: shownAtEnds }, (_, i) => element(numbers[from + i]!)).join(", ");
  const ends = `${numbers.constructor.name}(${length}) [ ${text(0)}, …, ${text(length - shownAtEnds)} ]`;
  return length > longestRead ? ends : `${ends}\n${summaryOf(numbers)}`;
}

function element(number: number | bigint): string {
  return typeof number === "bigint" ? `${number}n` : short(number);
}

function summaryOf(numbers: Numbers): string {
  let [least, greatest] = [numbers[0]!, numbers[0]!];
  let sum = 0;
  let missing = 0;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    // Not a number: equal to nothing, itself included.
    // biome-ignore lint/suspicious/noSelfCompare: bigints have no isNaN, and this loop is long.
    if (number !== number) {
      missing++;
      continue;
    }
    // biome-ignore lint/suspicious/noSelfCompare: a first element that is not a number gives way to any number.
    if (number < least || least !== least) least = number;
    // biome-ignore lint/suspicious/noSelfCompare: as above.
    if (number > greatest || greatest !== greatest) greatest = number;
    sum += Number(number);
  }
  const count = numbers.length - missing;
  const parts = count === 0 ? [] : [`min ${short(least)}`, `max ${short(greatest)}`, `mean ${short(sum / count)}`];
  if (missing > 0) parts.push(`NaN ${missing} times`);
  return parts.join(", ");
}

/** A number with at most six digits that count. */
export function short(number: number | bigint): string {
  if (typeof number === "bigint" || Number.isInteger(number)) return String(number);
  return String(Number(number.toPrecision(6)));
}
