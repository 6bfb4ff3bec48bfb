import { type Figure, figureInColours } from "../../display/figure-colours.ts";
import { isLight } from "./theme.ts";

/** What is used of plotly.js. */
export interface Plotly {
  react(place: HTMLElement, data: readonly unknown[], layout: object, config: object): Promise<unknown>;
  addFrames(place: HTMLElement, frames: unknown[]): Promise<unknown>;
  purge(place: HTMLElement): void;
  readonly Plots: { resize(place: HTMLElement): void };
}

/** Draws a figure as wide as its place and in the page's colours; what the reader has zoomed or hidden stays so. */
export async function drawFigure(plotly: Plotly, place: HTMLElement, figure: Figure): Promise<void> {
  const { data, layout, config } = figureInColours(figure, isLight());
  // Drawn again, a figure without a height would take that of its place, which is none.
  place.style.height = layout!.height === undefined ? "450px" : "";
  const filling = { autosize: true, uirevision: "kept", ...layout };
  await plotly.react(place, data!, filling, { responsive: true, displaylogo: false, ...config });
}
