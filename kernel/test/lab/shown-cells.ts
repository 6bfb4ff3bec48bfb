import type { Page } from "playwright-core";

/** What a code cell of the page shows beside text, by kind; a view with nothing on it does not count. */
export interface ShownCell {
  readonly prompt: string;
  readonly errors: number;
  readonly views: number;
  readonly figures: number;
  readonly others: number;
}

/** What the same cell shows in a notebook file. */
export interface SavedCell {
  readonly cell_type: string;
  readonly outputs?: readonly { readonly data?: Readonly<Record<string, unknown>> }[];
}

const [view, figure] = ["application/vnd.jupyter.widget-view+json", "application/vnd.plotly.v1+json"];

/** What a cell of a file shows, each output by the kind that the page prefers. */
export function savedKinds({ outputs = [] }: SavedCell): Pick<ShownCell, "views" | "figures" | "others"> {
  const data = outputs.flatMap((output) => (output.data ? [output.data] : []));
  const views = data.filter((types) => view in types).length;
  const figures = data.filter((types) => figure in types).length;
  return { views, figures, others: data.filter((types) => "text/html" in types).length - views - figures };
}

/** Scrolls to a code cell, so that the page draws it, and looks what is there. */
export async function shownCell(page: Page, index: number): Promise<ShownCell> {
  const cell = page.locator(".jp-Notebook .jp-CodeCell").nth(index);
  // Views far away draw themselves when they come near.
  await cell.locator(".jp-Cell-outputWrapper").evaluate((element) => {
    (element as unknown as { scrollIntoView(options: object): void }).scrollIntoView({ block: "end" });
  });
  return cell.evaluate(lookAt as (cell: unknown) => ShownCell);
}

/** The part that runs in the page. */
const lookAt = new Function(
  "cell",
  `const all = (selector, within = cell) => [...within.querySelectorAll(selector)];
  const painted = (canvas) => {
    const { width, height } = canvas;
    if (width === 0 || height === 0) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    return data.some((value, i) => i % 4 === 3 && value > 0);
  };
  const isFull = (place) => {
    if (place.offsetHeight < 20) return false;
    const canvases = all("canvas", place);
    return canvases.length > 0 ? canvases.some(painted) : all("tbody tr, progress, [role=progressbar], svg, img", place).length > 0;
  };
  const decoded = (picture) => picture.naturalWidth > 0 && picture.offsetHeight > 0;
  return {
    prompt: cell.querySelector(".jp-InputPrompt").textContent,
    errors: all('.jp-RenderedText[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"], .jp-RenderedText .jp-mod-error').length,
    views: all(".gradbook-view").filter(isFull).length,
    figures: all(".js-plotly-plot").filter((plot) => all(".main-svg .trace, .main-svg .hm image, .main-svg image", plot).length > 0).length,
    others: all(".jp-RenderedHTMLCommon.jp-RenderedHTML").filter((place) => all("td", place).length > 0 || all("img", place).some(decoded) || all("svg", place).length > 0).length,
  };`,
);
