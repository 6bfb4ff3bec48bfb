import { escapeHtml } from "./html.ts";

/** Tells the page how high the content is, and takes on its theme. */
const script = `{
addEventListener("message", ({ data, source }) => {
  if (source !== parent || typeof data?.isLight !== "boolean") return;
  document.documentElement.style.colorScheme = data.isLight ? "light" : "dark";
  document.body.dataset.jpThemeLight = String(data.isLight);
  tell();
});
const tell = () => parent.postMessage({ height: document.documentElement.offsetHeight }, "*");
new ResizeObserver(tell).observe(document.documentElement);
}`;

const style = `
html { color-scheme: light dark; background: transparent; font: 14px/1.5 system-ui, sans-serif; }
body { margin: 0; display: flow-root; }
table { border-collapse: collapse; } th, td { padding: 0.25em 0.75em; }`;

/**
 * A frame in which HTML of a notebook may run its scripts. It reaches neither the page around it nor, by the page's
 * policy, the network.
 */
export function frameHtml(html: string): string {
  const inner = `<!DOCTYPE html><meta charset="utf-8"><style>${style}</style><body>${html}<script>${script}</script>`;
  return `<iframe class="nb-frame" title="HTML output" sandbox="allow-scripts" srcdoc="${escapeHtml(inner)}"></iframe>`;
}

/** JavaScript of a notebook in such a frame, with the element that it may fill. */
export function scriptFrameHtml(code: string): string {
  const element = '<div id="output-element"></div>';
  const start = "const element = document.getElementById('output-element');";
  return frameHtml(`${element}<script>${start}\n${code.replaceAll("</script", "<\\/script")}</script>`);
}
