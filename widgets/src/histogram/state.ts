import type { RidgeView } from "./ridges.ts";
import type { SpreadSeries } from "./series.ts";

/** What kernel and page share of histograms. */
export interface HistogramState {
  title: string;
  series: readonly SpreadSeries[];
  view: RidgeView;
  logarithmic: boolean;
  /** Part of a name: only those that have it are seen. */
  filter: string;
  /** The name that is seen large; "": none. */
  large: string;
}
