import { readFileSync, realpathSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import mime from "mime";
import type { JsonObject } from "../run/notebook.ts";
import { escapeHtml } from "./html.ts";
import type { FindPicture } from "./sanitise.ts";

/**
 * Finds the pictures that a notebook names by paths: those beside it or below. Others it cannot mean: the page would
 * carry files of this machine to whoever gets it.
 * @param absent is told of those that cannot be in the page
 */
export function picturesBeside(notebook: string, absent: (address: string) => void): FindPicture {
  const folder = realpathSync(dirname(resolve(notebook)));
  return (address) => {
    const found = /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(address) ? undefined : pictureIn(folder, address);
    if (found === undefined) absent(address);
    return found;
  };
}

function pictureIn(folder: string, address: string): string | undefined {
  try {
    const path = realpathSync(resolve(folder, decodeURIComponent(address.replace(/[?#].*$/s, ""))));
    const type = mime.getType(path);
    if (!path.startsWith(folder + sep) || !type?.startsWith("image/")) return undefined;
    return `data:${type};base64,${readFileSync(path).toString("base64")}`;
  } catch {
    return undefined;
  }
}

/** A picture of an output. Drawings are pictures, too: what is in them neither runs nor meets the page's styles. */
export function pictureHtml(type: string, data: string, metadata: JsonObject, description: string): string {
  const source =
    type === "image/svg+xml"
      ? `data:image/svg+xml;base64,${Buffer.from(standalone(data)).toString("base64")}`
      : `data:${type};base64,${data.replaceAll(/\s/g, "")}`;
  const size = (["width", "height"] as const)
    .filter((name) => typeof metadata[name] === "number" || /^\d+$/.test(String(metadata[name])))
    .map((name) => ` ${name}="${String(metadata[name])}"`)
    .join("");
  return `<img alt="${escapeHtml(description)}" src="${escapeHtml(source)}"${size}>`;
}

/** A file of SVG must name its namespace, an element in a page need not. */
function standalone(svg: string): string {
  return /<svg[^>]*\sxmlns\s*=/.test(svg)
    ? svg
    : svg.replace(/<svg(?=[\s>/])/, '<svg xmlns="http://www.w3.org/2000/svg"');
}
