/** A figure in plotly's own format. */
export interface Figure {
  readonly data?: readonly unknown[];
  readonly layout?: Readonly<Record<string, unknown>>;
  readonly frames?: unknown[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What a figure may say in its layout's `meta`: its light colours, and what each of them is on a dark page. */
interface Meta {
  readonly dark?: Readonly<Record<string, string>>;
}

/**
 * A figure in the colours of a light or a dark page. One that names dark colours gets them, except in traces whose own
 * `meta` is `"fixed"`; one that says nothing of colours gets the page's; one with a template of its own stays as it is.
 */
export function figureInColours({ data = [], layout = {}, ...rest }: Figure, light: boolean): Figure {
  const { dark } = (layout.meta ?? {}) as Meta;
  if (dark) {
    if (light) return { data, layout, ...rest };
    const traces = data.map((trace) =>
      (trace as { meta?: unknown } | null)?.meta === "fixed" ? trace : repainted(trace, dark),
    );
    return { data: traces, layout: repainted(layout, dark) as typeof layout, ...rest };
  }
  const template = layout.template ?? pageTemplate(light);
  return { data, layout: { ...layout, template }, ...rest };
}

/** The value with each string that is one of these colours replaced by its counterpart. */
function repainted(value: unknown, colours: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string") return Object.hasOwn(colours, value) ? colours[value] : value;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((each) => repainted(each, colours));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, repainted(each, colours)]));
}

/** What a figure is drawn with where it does not say. */
function pageTemplate(light: boolean): object {
  const [ink, line] = light ? ["#333", "#ddd"] : ["#ddd", "#444"];
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true };
  const clear = "rgba(0,0,0,0)";
  return {
    layout: {
      paper_bgcolor: clear,
      plot_bgcolor: clear,
      font: { color: ink },
      xaxis: axis,
      yaxis: axis,
      polar: { bgcolor: clear, angularaxis: axis, radialaxis: axis },
      scene: { xaxis: axis, yaxis: axis, zaxis: axis },
    },
  };
}
