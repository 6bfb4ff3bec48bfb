import type { Figure } from "../../display/figure-colours.ts";
import { drawFigure, type Plotly } from "./draw-figure.ts";
import { whenSeen } from "./seen.ts";
import { onTheme } from "./theme.ts";

/** Draws plotly's figures where they come into sight. */
export function showFigures(): void {
  whenSeen(document.querySelectorAll<HTMLElement>("div.nb-figure"), draw);
}

async function draw(figure: HTMLElement): Promise<void> {
  const place = document.createElement("div");
  try {
    const given = JSON.parse(figure.querySelector("script")!.textContent) as Figure;
    loaded ??= load();
    const plotly = await loaded;
    figure.append(place);
    figure.classList.add("nb-live");
    await drawFigure(plotly, place, given);
    if (given.frames) await plotly.addFrames(place, given.frames);
    onTheme(() => void drawFigure(plotly, place, given));
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
