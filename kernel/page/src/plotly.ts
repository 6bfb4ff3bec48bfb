import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";

const mimeType = "application/vnd.plotly.v1+json";

interface Figure {
  data: unknown[];
  layout?: Record<string, unknown>;
  frames?: unknown[];
  config?: Record<string, unknown>;
}

interface Plotly {
  react(place: HTMLElement, data: unknown[], layout: object, config: object): Promise<unknown>;
  addFrames(place: HTMLElement, frames: unknown[]): Promise<unknown>;
  purge(place: HTMLElement): void;
  Plots: { resize(place: HTMLElement): void };
}

/** A figure, which is changed rather than drawn anew when its output is updated: zoom and hidden lines stay. */
class FigureWidget extends Widget implements IRenderMime.IRenderer {
  readonly #place = document.createElement("div");
  #plotly: Plotly | undefined;

  constructor() {
    super();
    this.addClass("gradbook-figure");
    this.node.append(this.#place);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { data, layout, frames, config } = model.data[mimeType] as unknown as Figure;
    const loaded = (await import(/* webpackChunkName: "plotly" */ "plotly.js-dist-min")) as {
      default?: Plotly;
    } & Plotly;
    const plotly = loaded.default ?? loaded;
    if (this.isDisposed) return;
    this.#plotly = plotly;
    const shown = { autosize: true, uirevision: "kept", ...layout };
    await plotly.react(this.#place, data, shown, { responsive: true, displaylogo: false, ...config });
    if (frames) await plotly.addFrames(this.#place, frames);
  }

  protected override onResize(): void {
    if (this.isVisible) this.#plotly?.Plots.resize(this.#place);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#plotly?.purge(this.#place);
    super.dispose();
  }
}

/** Figures in plotly's own format. */
export const plotly: IRenderMime.IExtension = {
  id: "gradbook:plotly",
  description: "Shows plotly figures.",
  rendererFactory: {
    safe: true,
    mimeTypes: [mimeType],
    defaultRank: 40,
    createRenderer: () => new FigureWidget(),
  },
  rank: 0,
  dataType: "json",
  fileTypes: [{ name: "plotly", mimeTypes: [mimeType], extensions: [".plotly", ".plotly.json"] }],
  documentWidgetFactoryOptions: {
    name: "Plotly",
    primaryFileType: "plotly",
    fileTypes: ["plotly", "json"],
    defaultFor: ["plotly"],
  },
};
