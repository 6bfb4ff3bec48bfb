/** The page follows the reader's system until the button is used; views see the theme as they do in JupyterLab. */
export function followTheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen: boolean | undefined;
  const apply = () => {
    document.body.dataset.jpThemeLight = String(chosen ?? !dark.matches);
  };
  apply();
  dark.addEventListener("change", apply);
  document.querySelector("button.nb-theme-switch")?.addEventListener("click", () => {
    chosen = !isLight();
    apply();
  });
  document.querySelector("button.nb-code-switch")?.addEventListener("click", () => {
    document.body.classList.toggle("nb-without-code");
  });
}

export function isLight(): boolean {
  return document.body.dataset.jpThemeLight !== "false";
}

/** Calls back after the theme has changed, until the function that it gives is called. */
export function onTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  return () => observer.disconnect();
}
