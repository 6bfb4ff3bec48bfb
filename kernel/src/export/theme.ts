/** Colours in the light and in the dark theme. */
type Pair = readonly [light: string, dark: string];

const page: Readonly<Record<string, Pair>> = {
  paper: ["#ffffff", "#14171a"],
  ink: ["#1f2328", "#dfe3e8"],
  quiet: ["#616a73", "#98a2ad"],
  line: ["#dde1e6", "#30363d"],
  shade: ["#f5f6f8", "#1c2126"],
  accent: ["#0b62c4", "#6cb0ff"],
  warning: ["#fff6e5", "#2c2413"],
  danger: ["#fdeeee", "#331a1c"],
  "danger-ink": ["#a4161a", "#ff9b9b"],
  "code-keyword": ["#8a2da5", "#d2a1f7"],
  "code-string": ["#0a6b3d", "#8ddba6"],
  "code-number": ["#a3460b", "#f2b27a"],
  "code-function": ["#0b57b0", "#84bdff"],
  "code-type": ["#00696f", "#6fd3d8"],
};

/** The variables of JupyterLab's themes that widgets use most. */
const jupyter: Readonly<Record<string, Pair>> = {
  "layout-color0": ["#ffffff", "#14171a"],
  "layout-color1": ["#ffffff", "#14171a"],
  "layout-color2": ["#eeeeee", "#2a3037"],
  "layout-color3": ["#bdbdbd", "#4a525b"],
  "layout-color4": ["#757575", "#7b858f"],
  "inverse-layout-color0": ["#111111", "#ffffff"],
  "inverse-layout-color1": ["#212121", "#ffffff"],
  "ui-font-color0": ["#000000", "#ffffff"],
  "ui-font-color1": ["#1f2328", "#dfe3e8"],
  "ui-font-color2": ["#616a73", "#98a2ad"],
  "ui-font-color3": ["#9aa2ab", "#6b757f"],
  "content-font-color0": ["#000000", "#ffffff"],
  "content-font-color1": ["#1f2328", "#dfe3e8"],
  "content-font-color2": ["#616a73", "#98a2ad"],
  "content-font-color3": ["#9aa2ab", "#6b757f"],
  "content-link-color": ["#0b62c4", "#6cb0ff"],
  "border-color0": ["#bdbdbd", "#4a525b"],
  "border-color1": ["#bdbdbd", "#4a525b"],
  "border-color2": ["#e0e0e0", "#30363d"],
  "border-color3": ["#eeeeee", "#242a30"],
  "brand-color0": ["#0a4f9e", "#9ccaff"],
  "brand-color1": ["#0b62c4", "#6cb0ff"],
  "brand-color2": ["#64a6ea", "#3a7cc4"],
  "brand-color3": ["#bbdbfb", "#1c3f66"],
  "accent-color1": ["#388e3c", "#66bb6a"],
  "warn-color1": ["#f57c00", "#ffb74d"],
  "error-color1": ["#d32f2f", "#ef7f7f"],
  "success-color1": ["#388e3c", "#81c784"],
  "info-color1": ["#0097a7", "#4dd0e1"],
  "cell-editor-background": ["#f5f6f8", "#1c2126"],
  "cell-editor-border-color": ["#dde1e6", "#30363d"],
  "rendermime-table-row-background": ["#f5f6f8", "#1c2126"],
  "rendermime-table-row-hover-background": ["#e8f1fb", "#1d3146"],
  "input-background": ["#f5f6f8", "#1c2126"],
  "input-border-color": ["#bdbdbd", "#4a525b"],
};

const fonts: Readonly<Record<string, string>> = {
  "--sans": 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "DejaVu Sans", sans-serif',
  "--mono":
    'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  "--jp-ui-font-family": "var(--sans)",
  "--jp-content-font-family": "var(--sans)",
  "--jp-code-font-family": "var(--mono)",
  "--jp-ui-font-size0": "0.83333em",
  "--jp-ui-font-size1": "13px",
  "--jp-ui-font-size2": "1.2em",
  "--jp-ui-font-size3": "1.44em",
  "--jp-content-font-size1": "14px",
  "--jp-code-font-size": "13px",
  "--jp-border-width": "1px",
  "--jp-border-radius": "2px",
};

/**
 * The page's variables: light, or dark where the reader's system is and no theme has been chosen. They are colours
 * rather than `light-dark(…)`, because widgets read them.
 */
export function themeStyles(): string {
  const rules = (at: 0 | 1) =>
    [
      `color-scheme: ${at === 0 ? "light" : "dark"};`,
      ...Object.entries(page).map(([name, pair]) => `--${name}: ${pair[at]};`),
      ...Object.entries(jupyter).map(([name, pair]) => `--jp-${name}: ${pair[at]};`),
    ].join("\n");
  const shared = Object.entries(fonts).map(([name, value]) => `${name}: ${value};`);
  return `:root { ${shared.join("\n")} }
:root { ${rules(0)} }
@media screen and (prefers-color-scheme: dark) { :root:not(:has(> body[data-jp-theme-light="true"])) { ${rules(1)} } }
@media screen { :root:has(> body[data-jp-theme-light="false"]) { ${rules(1)} } }`;
}
