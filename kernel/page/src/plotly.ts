import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import type { Figure } from "../../src/display/figure-colours.ts";
import { drawFigure, type Plotly } from "../../src/export/browser/draw-figure.ts";
import { onTheme } from "../../src/export/browser/theme.ts";

const mimeType = "application/vnd.plotly.v1+json";

/** A figure, which is changed rather than drawn anew when its output or the theme changes: zoom and hidden lines stay. */
class FigureWidget extends Widget implements IRenderMime.IRenderer {
  readonly #place = document.createElement("div");
  #figure: Figure = {};
  #plotly: Plotly | undefined;
  readonly #forgetTheme = onTheme(() => void this.#show());

  constructor() {
    super();
    this.addClass("gradbook-figure");
    this.node.append(this.#place);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#figure = model.data[mimeType] as unknown as Figure;
    const loaded = (await import(/* webpackChunkName: "plotly" */ "plotly.js-dist-min")) as {
      default?: Plotly;
    } & Plotly;
    this.#plotly = loaded.default ?? loaded;
    await this.#show();
    const { frames } = this.#figure;
    if (frames && !this.isDisposed) await this.#plotly.addFrames(this.#place, frames);
  }

  async #show(): Promise<void> {
    if (this.isDisposed || !this.#plotly) return;
    await drawFigure(this.#plotly, this.#place, this.#figure);
  }

  protected override onResize(): void {
    if (this.isVisible) this.#plotly?.Plots.resize(this.#place);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#forgetTheme();
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
