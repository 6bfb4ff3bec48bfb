import type { Horizontal } from "../../series/curve-state.ts";
import { asides } from "../../series/metrics.ts";
import type { Run } from "../../series/run.ts";
import { button, checkbox, select, slider, toggle } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import { icon } from "../frame/icons.ts";
import { horizontalNames, usable } from "./along.ts";
import type { FileKind } from "./files.ts";
import type { Settings } from "./settings.ts";
import { whole } from "./zoom.ts";

const asideNames = { rate: "rate", gradNorm: "gradient norm" } as const;

/** How far the slider goes: 0 is no average, 100 an average over thousands of values. */
const sliderEnd = 100;
const slides = (beta: number) => (beta <= 0 ? 0 : (-sliderEnd / 3) * Math.log10(1 - beta));
const betaOf = (place: number) => (place === 0 ? 0 : 1 - 10 ** ((-3 * place) / sliderEnd));

/** The controls of a loss curve; what they set is shared with every view of it. */
export class Toolbar {
  readonly element = make("div", "gb-curve-settings");
  readonly #settings: Settings;
  readonly #x: ReturnType<typeof select>;
  readonly #logX: ReturnType<typeof toggle>;
  readonly #smoothing: ReturnType<typeof slider>;
  readonly #clip: ReturnType<typeof checkbox>;
  readonly #aside: ReturnType<typeof select>;
  #smoothed: number | undefined;

  constructor(settings: Settings, save: (kind: FileKind) => void) {
    this.#settings = settings;
    this.#x = select({ label: "x", choices: Object.entries(horizontalNames) }, (x) => {
      settings.x.set(x as Horizontal);
      // A stretch of steps is no stretch of time.
      settings.zoom.set({ ...settings.zoom.value, x: null });
    });
    this.#x.input.setAttribute("aria-label", "horizontal axis");
    this.#logX = toggle({ label: "log x", hint: "a horizontal axis of logarithms" }, (on) => {
      settings.logX.set(on);
      settings.zoom.set({ ...settings.zoom.value, x: null });
    });
    this.#logX.classList.add("gb-curve-small");
    this.#smoothing = slider(
      {
        label: "smoothing",
        hint: "How much of the moving average stays at each value; all values are the faint line behind it",
        min: 0,
        max: sliderEnd,
        step: 1,
        show: (place) => (place === 0 ? "none" : this.#betaAt(place).toFixed(3)),
      },
      (place) => settings.smoothing.set(this.#betaAt(place)),
    );
    this.#clip = checkbox(
      { label: "clip outliers", hint: "The vertical axes show the middle 98 % of the values" },
      (on) => settings.clip.set(on),
    );
    this.#aside = select(
      { label: "right axis", choices: [["", "none"], ...asides.map((name) => [name, asideNames[name]] as const)] },
      (name) => settings.aside.set(name),
    );
    const home = button(
      { label: "show everything", hint: "Show everything: double click, or key Home", icon: "home" },
      () => settings.zoom.set(whole),
    );
    const axis = make("span", "gb-group");
    axis.append(this.#x.element, this.#logX, home);
    const files = make("span", "gb-group gb-curve-files");
    files.setAttribute("role", "group");
    files.setAttribute("aria-label", "download");
    files.append(icon("download"));
    for (const kind of ["csv", "json", "png", "svg"] as const) {
      const words = kind.toUpperCase();
      const one = button({ label: words, hint: `Download ${words}` }, () => save(kind));
      one.classList.add("gb-curve-small");
      files.append(one);
    }
    this.element.append(axis, this.#smoothing.element, this.#clip.element, this.#aside.element, files);
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", "axes and lines");
  }

  /** What the slider means at a place: just what is set where that is it. */
  #betaAt(place: number): number {
    const set = this.#settings.smoothing.value;
    return Math.round(slides(set)) === place ? set : betaOf(place);
  }

  /** Shows what is set, and offers what there is. */
  show(runs: readonly Run[]): void {
    const { x, logX, smoothing, clip, aside } = this.#settings.all;
    const shown = usable(x, runs);
    const epochs = [...this.#x.input.options].find(({ value }) => value === "epoch")!;
    epochs.disabled = usable("epoch", runs) !== "epoch";
    if (this.#x.input.value !== shown) this.#x.input.value = shown;
    this.#logX.show(logX);
    this.#logX.disabled = shown === "wall";
    if (smoothing !== this.#smoothed) this.#smoothing.show(Math.round(slides(smoothing)));
    this.#smoothed = smoothing;
    this.#clip.input.checked = clip;
    const known = new Set(
      runs.flatMap(({ lines }) => [...lines.values()].flatMap((line) => (line.aside ? [line.metric] : []))),
    );
    for (const option of this.#aside.input.options) option.disabled = option.value !== "" && !known.has(option.value);
    this.#aside.element.hidden = known.size === 0;
    if (this.#aside.input.value !== aside) this.#aside.input.value = aside;
  }
}
