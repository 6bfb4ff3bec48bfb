import { ink, ownPaints, paper, quiet, rule } from "../picture/card.ts";

/** The MIME type under which front ends draw plotly figures. */
export const plotlyType = "application/vnd.plotly.v1+json";

/** A plotly figure as JSON. */
export interface Figure {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

export type Trace = Figure["data"][number];

/** The counterparts of our colours, for front ends that draw figures on a dark page. */
const dark = Object.fromEntries(ownPaints.map((paint) => [paint.light, paint.dark]));

/** A figure in our colours that fills its place and keeps the reader's zoom while it is replaced again and again. */
export function figure(
  title: string | undefined,
  data: readonly Trace[],
  layout: Figure["layout"],
  notes: readonly string[] = [],
): Figure {
  const heading = {
    text: escaped(title ?? ""),
    x: 0,
    xref: "container",
    xanchor: "left",
    pad: { l: 20 },
    font: { size: 16 },
    subtitle: { text: escaped(notes.join(" ")), font: { size: 12, color: quiet.light } },
  };
  const headed = title !== undefined || notes.length > 0;
  return {
    data,
    layout: {
      ...(headed ? { title: heading } : {}),
      paper_bgcolor: paper.light,
      plot_bgcolor: paper.light,
      font: { family: "system-ui, sans-serif", size: 12, color: ink.light },
      margin: { l: 62, r: 20, t: headed ? 56 + (notes.length > 0 ? 14 : 0) : 24, b: 48 },
      autosize: true,
      uirevision: "kept",
      meta: { dark },
      ...layout,
    },
    config: { responsive: true, displaylogo: false },
  };
}

/** Settings of an axis in our colours. */
export function axisStyle(title?: string): Readonly<Record<string, unknown>> {
  return {
    ...(title === undefined ? {} : { title: { text: escaped(title), standoff: 12, font: { color: quiet.light } } }),
    gridcolor: rule.light,
    ticks: "",
    zeroline: false,
    automargin: true,
    tickfont: { color: quiet.light },
  };
}

/** Text as plotly shows it literally: it reads a small dialect of HTML. */
export function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
