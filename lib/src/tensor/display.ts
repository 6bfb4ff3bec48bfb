import { pictureOf } from "./picture.ts";
import { hasNoValues, printTensor } from "./print.ts";
import { showShape, sizeOf } from "./shapes.ts";
import { binned, type Sample, type Statistics, sampleOf, statisticsOf } from "./statistics.ts";
import type { Tensor } from "./tensor.ts";

/** Fewer values than these are told best by themselves. */
const enough = 12;

/**
 * What a notebook shows of a tensor: as text its values at the edges, their range, mean and spread; as HTML a histogram
 * and, of what looks like an image, a picture too. A few million values are looked at, at most.
 */
export async function displayTensor(tensor: Tensor): Promise<Record<string, string>> {
  const text = printTensor(tensor);
  if (hasNoValues(tensor) || tensor.size < enough) return { "text/plain": text };
  const sample = await sampleOf(tensor);
  const statistics = statisticsOf(sample.values);
  const words = wordsOf(tensor, sample, statistics);
  const picture = await pictureOf(sample, statistics, tensor.dtype);
  const parts = [
    `<div><strong>Tensor</strong> ${tensor.dtype} ${showShape(tensor.shape)}</div>`,
    `<div style="opacity:.75">${words.map((each) => escaped(minus(each))).join(" · ")}</div>`,
    `<div style="display:flex;flex-wrap:wrap;gap:16px;align-items:center;margin:6px 0">${picture}${histogram(tensor, sample, statistics)}</div>`,
    `<details><summary>values</summary><pre style="margin:4px 0">${escaped(text)}</pre></details>`,
  ];
  return {
    "text/plain": words.length === 0 ? text : `${text}\n${words.join(" · ")}`,
    "text/html": `<div style="font-variant-numeric:tabular-nums;line-height:1.5">${parts.join("")}</div>`,
  };
}

function wordsOf({ dtype, size }: Tensor, { values }: Sample, statistics: Statistics): string[] {
  const { low, high, mean, spread, finite, notFinite } = statistics;
  const of = values.length === size ? [] : [`of ${values.length.toLocaleString("en")} values that lie evenly`];
  if (dtype === "bool") return [`${show(100 * mean)} % true`, ...of];
  const words = finite === 0 ? [] : [`${show(low)} … ${show(high)}`, `mean ${show(mean)}`, `std ${show(spread)}`];
  if (notFinite > 0) words.push(`${notFinite.toLocaleString("en")} not finite`);
  return [...words, ...of];
}

/** How often values of each part of the range occur, in the colour of the text around. */
function histogram(tensor: Tensor, { values }: Sample, statistics: Statistics): string {
  const { low, high } = statistics;
  if (tensor.dtype === "bool" || !(high > low) || !Number.isFinite(high - low)) return "";
  const counts = binned(values, statistics, tensor.dtype === "int32");
  const [width, height] = [200, 64];
  const [bar, highest] = [width / counts.length, Math.max(...counts)];
  const bars = counts.map((count, i) => {
    // What occurs at all can be seen.
    const tall = count === 0 ? 0 : Math.max(1, (count / highest) * height);
    return tall === 0 ? "" : `M${tidy(i * bar)} ${height}v${tidy(-tall)}h${tidy(bar * 0.9)}v${tidy(tall)}z`;
  });
  const zero = low < 0 && high > 0 ? (-low / (high - low)) * width : undefined;
  const mark =
    zero === undefined
      ? ""
      : `<path d="M${tidy(zero)} 0V${height}" stroke="currentColor" stroke-opacity=".4" stroke-dasharray="2 2"/>`;
  const label = (x: number, anchor: string, value: number) =>
    `<text x="${tidy(x)}" y="${height + 13}" text-anchor="${anchor}">${minus(show(value))}</text>`;
  const middle = zero !== undefined && zero > 0.3 * width && zero < 0.7 * width ? label(zero, "middle", 0) : "";
  const words = minus(
    `Histogram of ${sizeOf(tensor.shape).toLocaleString("en")} values from ${show(low)} to ${show(high)}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + 18}" viewBox="0 0 ${width} ${height + 18}" role="img" aria-label="${words}" fill="currentColor" font-size="11"><path fill-opacity=".6" d="${bars.join("")}"/><path d="M0 ${height + 0.5}H${width}" stroke="currentColor" stroke-opacity=".5"/>${mark}${label(0, "start", low)}${middle}${label(width, "end", high)}</svg>`;
}

const show = (value: number) => String(Number(value.toPrecision(4)));
/** With the sign that is as wide as a digit, not a hyphen. */
const minus = (text: string) => text.replaceAll("-", "−");
const tidy = (value: number) => Math.round(value * 100) / 100;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
