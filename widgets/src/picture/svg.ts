/** Attributes of an element; those that are `undefined` are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that XML 1.0 allows nowhere, not even escaped: one of them in a caption would spoil the picture. */
const forbidden = /[\p{Cs}\ufffe\uffff]|(?![\t\n\r])\p{Cc}/gu;

/** Text as XML and HTML may hold it. */
export function escapeText(text: string): string {
  return text.replace(forbidden, "\ufffd").replace(/[&<>"']/g, (character) => entities[character]!);
}

/** One element, its children already written. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  let head = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) head += ` ${key}="${typeof value === "number" ? rounded(value) : escapeText(value)}"`;
  }
  return children.length === 0 ? `${head}/>` : `${head}>${children.join("")}</${name}>`;
}

/** Coordinates to a tenth of a pixel: more digits only make the picture bigger. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A path through points in pixels; a `y` of NaN lifts the pen. */
export function linePath(x: readonly number[], y: readonly number[]): string {
  let path = "";
  let penX = 0;
  let penY = 0;
  let down = false;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(y[i]!)) {
      down = false;
      continue;
    }
    const nextX = Math.round(x[i]! * 10);
    const nextY = Math.round(y[i]! * 10);
    if (down) path += `l${(nextX - penX) / 10} ${(nextY - penY) / 10}`;
    else path += `M${nextX / 10} ${nextY / 10}h0`;
    [penX, penY, down] = [nextX, nextY, true];
  }
  return path;
}

/** About how wide a text is in the fonts that pages use, in pixels. */
export function textWidth(text: string, size: number): number {
  return text.length * size * 0.6;
}

/** The text, cut with an ellipsis where it would be wider. */
export function fitted(text: string, size: number, width: number): string {
  const most = Math.floor(width / (size * 0.6));
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1))}…`;
}
