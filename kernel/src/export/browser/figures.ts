import { whenSeen } from "./seen.ts";
import { isLight, onTheme } from "./theme.ts";

interface Plotly {
  newPlot(place: HTMLElement, data: unknown[], layout: object, config: object): Promise<unknown>;
  addFrames(place: HTMLElement, frames: unknown[]): Promise<unknown>;
  relayout(place: HTMLElement, layout: object): Promise<unknown>;
}

interface Figure {
  readonly data?: unknown[];
  readonly layout?: Record<string, unknown>;
  readonly frames?: unknown[];
  readonly config?: Record<string, unknown>;
}

/** Draws plotly's figures where they come into sight. */
export function showFigures(): void {
  whenSeen(document.querySelectorAll<HTMLElement>("div.nb-figure"), draw);
}

async function draw(figure: HTMLElement): Promise<void> {
  const place = document.createElement("div");
  try {
    const { data, layout, frames, config } = JSON.parse(figure.querySelector("script")!.textContent) as Figure;
    loaded ??= load();
    const plotly = await loaded;
    figure.append(place);
    figure.classList.add("nb-live");
    const own = layout?.template === undefined;
    const shown = { autosize: true, ...(own && { template: template() }), ...layout };
    await plotly.newPlot(place, data ?? [], shown, { responsive: true, displaylogo: false, ...config });
    if (frames) await plotly.addFrames(place, frames);
    if (own) onTheme(() => void plotly.relayout(place, { template: template() }));
  } catch (error) {
    place.remove();
    figure.classList.remove("nb-live");
    figure.append(Object.assign(document.createElement("p"), { className: "nb-failed", textContent: String(error) }));
  }
}

let loaded: Promise<Plotly> | undefined;

/** The library is in the page once, compressed. */
async function load(): Promise<Plotly> {
  const packed = atob(document.querySelector("script#gradbook-plotly")!.textContent);
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const url = URL.createObjectURL(new Blob([await new Response(unpacked).blob()], { type: "text/javascript" }));
  await new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: url, onload: resolve, onerror: reject });
    document.head.append(script);
  });
  URL.revokeObjectURL(url);
  return (globalThis as unknown as { Plotly: Plotly }).Plotly;
}

/** What a figure is drawn with where it does not say: the page's own colours. */
function template(): object {
  const [ink, line] = isLight() ? ["#333", "#ddd"] : ["#ddd", "#444"];
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
