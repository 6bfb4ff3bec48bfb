import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { readCsv } from "../files/csv.ts";

export interface TimeSeries {
  /** As in the file: `1949-01`, `1981-01-01`. */
  readonly dates: readonly string[];
  readonly values: Float64Array;
  readonly about: About;
}

async function series(
  who: string,
  about: About,
  { file, sha256, columns }: { readonly file: string; readonly sha256: string; readonly columns: [string, string] },
  options: SourceOptions,
): Promise<TimeSeries> {
  const published: PublishedFile = {
    place: `timeseries/${file}`,
    urls: [`https://raw.githubusercontent.com/jbrownlee/Datasets/master/${file}`],
    digest: `sha256:${sha256}`,
  };
  const text = new TextDecoder().decode(await bytesOf(who, about, published, options));
  const table = readCsv(text, { columns: { [columns[0]]: "text", [columns[1]]: "number" } });
  return { dates: table[columns[0]] as readonly string[], values: table[columns[1]] as Float64Array, about };
}

/** Passengers of airlines in thousands, each of the 144 months from 1949 to 1960. */
export function airlinePassengers(options: SourceOptions = {}): Promise<TimeSeries> {
  const about: About = {
    name: "Airline passengers",
    description: "International airline passengers in thousands, monthly, 1949–1960",
    citation: "G. E. P. Box and G. M. Jenkins, Time series analysis: forecasting and control, 1976",
    licence: "public",
    homepage: "https://github.com/jbrownlee/Datasets",
  };
  const sha256 = "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621";
  const columns: [string, string] = ["Month", "Passengers"];
  return series("airlinePassengers", about, { file: "airline-passengers.csv", sha256, columns }, options);
}

/** The lowest temperature of 3,650 days in Melbourne, in °C, from 1981 to 1990. */
export function dailyTemperatures(options: SourceOptions = {}): Promise<TimeSeries> {
  const about: About = {
    name: "Daily minimum temperatures",
    description: "Daily minimum temperatures in Melbourne, in °C, 1981–1990",
    citation: "Australian Bureau of Meteorology",
    licence: "public",
    homepage: "https://github.com/jbrownlee/Datasets",
  };
  const sha256 = "8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da";
  const columns: [string, string] = ["Date", "Temp"];
  return series("dailyTemperatures", about, { file: "daily-min-temperatures.csv", sha256, columns }, options);
}

/** The mean number of sunspots in each of the 2,820 months from 1749 to 1983. */
export function sunspots(options: SourceOptions = {}): Promise<TimeSeries> {
  const about: About = {
    name: "Sunspots",
    description: "Monthly mean numbers of sunspots, 1749–1983",
    citation: "D. F. Andrews and A. M. Herzberg, Data: a collection of problems, 1985",
    licence: "public",
    homepage: "https://github.com/jbrownlee/Datasets",
  };
  const sha256 = "c4ec8cc57d9f6fb6ecdb3e1f37f25b6f4badd5124c55931052b0cd2fc3bc71f3";
  const columns: [string, string] = ["Month", "Sunspots"];
  return series("sunspots", about, { file: "monthly-sunspots.csv", sha256, columns }, options);
}
