import { type DisplayOutput, isObject, type JsonObject, type Output, type ResultOutput } from "../run/notebook.ts";
import { frameHtml, scriptFrameHtml } from "./frames.ts";
import { escapeHtml, scriptJson } from "./html.ts";
import { jsonTreeHtml } from "./json-tree.ts";
import { pictureHtml } from "./pictures.ts";
import type { Prose } from "./prose.ts";
import { type FindPicture, sanitise } from "./sanitise.ts";
import { terminalHtml } from "./terminal.ts";
import type { NotebookWidgets } from "./widgets.ts";

const viewType = "application/vnd.jupyter.widget-view+json";
const figureType = "application/vnd.plotly.v1+json";
const pictureTypes = ["svg+xml", "png", "jpeg", "gif", "webp", "avif", "bmp"].map((kind) => `image/${kind}`);

/** What one page shows of outputs beyond still content. */
export interface LiveParts {
  views: number;
  /** Plotly's figures. */
  figures: number;
  /** Frames in which scripts of the notebook run. */
  frames: number;
  /** Views that have no state in the notebook, or need a kernel: their pictures are shown. */
  still: number;
}

/** Writes outputs as HTML, each in the richest form that the page can show. */
export class OutputWriter {
  readonly live: LiveParts = { views: 0, figures: 0, frames: 0, still: 0 };
  readonly #prose: Prose;
  readonly #findPicture: FindPicture;
  readonly #widgets: NotebookWidgets | undefined;

  /** @param widgets the notebook's; without them nothing of the notebook runs in the page */
  constructor(prose: Prose, findPicture: FindPicture, widgets: NotebookWidgets | undefined) {
    this.#prose = prose;
    this.#findPicture = findPicture;
    this.#widgets = widgets;
  }

  /** An output; empty when there is nothing in it to show. */
  html(output: Output): string {
    switch (output.output_type) {
      case "stream":
        return box(output.name === "stderr" ? "stderr" : "stdout", `<pre>${terminalHtml(output.text)}</pre>`);
      case "error": {
        const text = output.traceback.join("\n") || `${output.ename}: ${output.evalue}`;
        return box("error", `<pre>${terminalHtml(text)}</pre>`);
      }
      default:
        return this.#display(output);
    }
  }

  #display({ data, metadata }: DisplayOutput | ResultOutput): string {
    const still = this.#still(data, metadata);
    if (viewType in data) {
      const model = this.#widgets?.show(data[viewType]);
      if (model !== undefined) {
        this.live.views++;
        return box(
          "rich",
          `<div class="nb-view" data-model="${escapeHtml(model)}"><div class="nb-still">${still}</div></div>`,
        );
      }
      if (this.#widgets) this.live.still++;
    }
    const figure = data[figureType];
    if (this.#widgets && isObject(figure)) {
      this.live.figures++;
      const json = `<script type="application/json">${scriptJson(figure)}</script>`;
      return box("rich", `<div class="nb-figure">${json}<div class="nb-still">${still}</div></div>`);
    }
    return still && box("rich", still);
  }

  #still(data: JsonObject, metadata: JsonObject): string {
    const text = (type: string) => (typeof data[type] === "string" ? data[type] : undefined);
    const html = text("text/html");
    const shownHtml = html === undefined ? "" : this.#html(html, isIsolated(metadata));
    if (shownHtml !== "") return shownHtml;
    const markdown = text("text/markdown");
    if (markdown !== undefined) return `<div class="nb-prose">${this.#prose.html(markdown)}</div>`;
    const latex = text("text/latex");
    if (latex !== undefined) return `<div class="nb-prose">${this.#prose.latexHtml(latex)}</div>`;
    for (const type of pictureTypes) {
      const picture = text(type);
      const size = isObject(metadata[type]) ? metadata[type] : metadata;
      if (picture !== undefined) return pictureHtml(type, picture, size, text("text/plain") ?? "");
    }
    const pdf = text("application/pdf");
    if (pdf !== undefined)
      return `<a download="output.pdf" href="data:application/pdf;base64,${escapeHtml(pdf.replaceAll(/\s/g, ""))}">PDF</a>`;
    const script = text("application/javascript") ?? text("text/javascript");
    if (script !== undefined && this.#widgets) {
      this.live.frames++;
      return scriptFrameHtml(script);
    }
    const json = data["application/json"] ?? data["application/geo+json"];
    if (json !== undefined) return jsonTreeHtml(json);
    const plain = text("text/plain");
    return plain === undefined ? "" : `<pre>${terminalHtml(plain)}</pre>`;
  }

  /** HTML that only shows something stands in the page; other HTML in a frame where the notebook may run scripts. */
  #html(html: string, isIsolated: boolean): string {
    const clean = sanitise(html, this.#findPicture);
    if (this.#widgets && (clean.isActive || isIsolated)) {
      this.live.frames++;
      return frameHtml(html);
    }
    return clean.html.trim() === "" ? "" : `<div class="nb-html">${clean.html}</div>`;
  }
}

function box(kind: string, inner: string): string {
  return `<div class="nb-output nb-${kind}">${inner}</div>`;
}

/** Jupyter's word for HTML that wants a page of its own. */
function isIsolated(metadata: JsonObject): boolean {
  const own = metadata["text/html"];
  return metadata.isolated === true || (isObject(own) && own.isolated === true);
}
