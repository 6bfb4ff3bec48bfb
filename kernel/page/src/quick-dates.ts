import { Time } from "@jupyterlab/coreutils";

/** Has times written by one formatter of the page's language: JupyterLab makes another for each file that it lists. */
export function writeDatesQuickly(): void {
  const formats = new Map<string, Intl.DateTimeFormat>();
  Time.format = (value) => {
    const language = document.documentElement.lang || "en";
    let format = formats.get(language);
    if (!format) {
      format = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" });
      formats.set(language, format);
    }
    return format.format(new Date(value));
  };
}
