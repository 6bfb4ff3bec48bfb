import { button, relabel } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Setting } from "../frame/model.ts";

/** How long each epoch is to be seen, in milliseconds. */
const pace = 600;

/** Goes through the epochs whose filters were put down; its last place is now. */
export class EpochSlider {
  readonly element: HTMLElement;
  readonly #input = make("input", "gb-slider gb-epochs-slider");
  readonly #words = make("output", "gb-value");
  readonly #play: HTMLButtonElement;
  readonly #setting: Setting<number | string | null>;
  #epochs: readonly (number | string)[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(setting: Setting<number | string | null>) {
    this.#setting = setting;
    this.element = make("div", "gb-epochs");
    this.#play = button({ label: "play", icon: "play" }, () =>
      this.#timer === undefined ? this.#start() : this.end(),
    );
    this.#play.setAttribute("aria-label", "play the epochs");
    const label = make("label", "gb-label");
    const words = make("span", "gb-words");
    words.textContent = "epoch";
    this.#input.type = "range";
    this.#input.min = "0";
    this.#input.addEventListener("input", () => {
      this.end();
      this.#go(this.#input.valueAsNumber);
    });
    label.append(words, this.#input, this.#words);
    this.element.append(this.#play, label);
  }

  show(epochs: readonly (number | string)[]): void {
    this.#epochs = epochs;
    this.element.hidden = epochs.length === 0;
    if (epochs.length === 0) {
      this.end();
      return;
    }
    this.#input.max = String(epochs.length);
    this.#write();
  }

  #write(): void {
    this.#input.valueAsNumber = this.#at();
    const epoch = this.#epochs[this.#at()];
    this.#words.textContent = epoch === undefined ? "now" : String(epoch);
    this.#input.setAttribute("aria-valuetext", epoch === undefined ? "now" : `epoch ${epoch}`);
  }

  /** Stops playing. */
  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    relabel(this.#play, { label: "play the epochs", icon: "play" });
  }

  #at(): number {
    const at = this.#epochs.indexOf(this.#setting.value ?? Number.NaN);
    return at < 0 ? this.#epochs.length : at;
  }

  #go(at: number): void {
    this.#setting.set(this.#epochs[at] ?? null);
    this.#write();
  }

  #start(): void {
    relabel(this.#play, { label: "pause", icon: "pause" });
    // Counted here: the kernel's echo of an earlier place may be on its way.
    let at = this.#at();
    if (at === this.#epochs.length) {
      at = 0;
      this.#go(at);
    }
    this.#timer = setInterval(() => {
      this.#go(++at);
      if (at >= this.#epochs.length) this.end();
    }, pace);
  }
}
