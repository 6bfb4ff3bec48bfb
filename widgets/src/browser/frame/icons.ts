/** Drawings on a field of 16 × 16, filled with the colour of the text around them. */
const paths = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  stop: "M3 3h10v10H3z",
  step: "M3 2.5v11l7-5.5zM11 2.5h2.2v11H11z",
  restart: "M8 2.2a5.8 5.8 0 1 0 5.8 5.8h-1.9A3.9 3.9 0 1 1 8 4.1v2.3L11.8 3.2 8 0z",
  download: "M7 1.5h2v6.2l2.3-2.3 1.4 1.4L8 11.5 3.3 6.8l1.4-1.4L7 7.7zM2.5 12.5h11v2h-11z",
  home: "M8 1.5 1.5 7.4V14h4.6V9.7h3.8V14h4.6V7.4z",
  close: "M3.6 2.2 8 6.6l4.4-4.4 1.4 1.4L9.4 8l4.4 4.4-1.4 1.4L8 9.4l-4.4 4.4-1.4-1.4L6.6 8 2.2 3.6z",
  left: "M10.5 2.5 5 8l5.5 5.5 1.4-1.4L7.8 8l4.1-4.1z",
  right: "M5.5 2.5 11 8l-5.5 5.5-1.4-1.4L8.2 8 4.1 3.9z",
  lasso:
    "M8 2C4.4 2 1.5 4 1.5 6.6c0 1.6 1.1 3 2.8 3.8-.2 1.4.3 2.6 1.4 3.6l1.2-1.2c-.6-.5-.9-1.1-.9-1.8.6.1 1.3.2 2 .2 3.6 0 6.5-2 6.5-4.6S11.6 2 8 2zm0 1.7c2.7 0 4.8 1.3 4.8 2.9S10.7 9.5 8 9.5 3.2 8.2 3.2 6.6 5.3 3.7 8 3.7z",
  box: "M2 2h4v1.7H3.7V6H2zm8 0h4v4h-1.7V3.7H10zM2 10h1.7v2.3H6V14H2zm10.3 0H14v4h-4v-1.7h2.3z",
  move: "M8 1l2.4 2.6H8.9v3.5h3.5V5.6L15 8l-2.6 2.4V8.9H8.9v3.5h1.5L8 15l-2.4-2.6h1.5V8.9H3.6v1.5L1 8l2.6-2.4v1.5h3.5V3.6H5.6z",
} as const;

/** The name of a drawing. */
export type Icon = keyof typeof paths;

/** Draws an icon; what it means must be said beside it or in a label. */
export function icon(name: Icon): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "gb-icon");
  svg.setAttribute("aria-hidden", "true");
  const path = svg.appendChild(document.createElementNS(svg.namespaceURI, "path"));
  path.setAttribute("d", paths[name]);
  return svg as SVGElement;
}
