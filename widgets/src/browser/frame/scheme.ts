import { border, ink, type Paint, palette, paper, quiet, rule, warning } from "../../picture/card.ts";

/** Whether a view is drawn on light or on dark paper. */
export type Scheme = "light" | "dark";

/** What the page around says: JupyterLab's own word, or else the reader's system. */
export function currentScheme(): Scheme {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === "true" ? "light" : "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Calls back when the reader changes the theme. @returns how to stop it. */
export function watchScheme(changed: (scheme: Scheme) => void): () => void {
  const tell = () => changed(currentScheme());
  const media = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(tell);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  media.addEventListener("change", tell);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", tell);
  };
}

/** The colours as variables of a style sheet: `--gb-ink`, `--gb-line0` …, the same as those of the static pictures. */
export function paintsOf(scheme: Scheme): Record<string, string> {
  const paints: readonly Paint[] = [paper, border, ink, quiet, rule, warning, ...palette];
  return Object.fromEntries(paints.map((paint) => [`--gb-${paint.name}`, paint[scheme]]));
}
