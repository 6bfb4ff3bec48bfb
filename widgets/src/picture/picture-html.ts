import type { MimeBundle } from "../display.ts";
import { escapeText } from "./svg.ts";

/**
 * A bundle whose drawing is a picture of an HTML page. Notebooks are read in many places: JupyterLab shows an SVG only
 * of a notebook that it trusts, nbconvert before 7.7 cleans all of it away; the same drawing as an image is shown by
 * these, by Notebook 6 and by GitHub, and looks the same, because no style of the page reaches into it.
 */
export function withHtmlPicture({ "image/svg+xml": svg, ...rest }: MimeBundle): MimeBundle {
  return typeof svg === "string" ? { ...rest, "text/html": pictureHtml(svg) } : rest;
}

function pictureHtml(svg: string): string {
  const [head = ""] = /^<svg[^>]*>/.exec(svg) ?? [];
  // Attributes of the drawing are escaped already, but not for a second time in HTML.
  const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(head)?.[1] ?? "";
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  return `<img alt="${attribute("aria-label")}" width="${escapeText(attribute("width"))}" style="max-width:100%" src="${source}">`;
}
