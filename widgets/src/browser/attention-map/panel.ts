import type { MapChoice } from "../../attention/example.ts";
import { specialTokens } from "../../attention/tokens.ts";
import { weightText } from "../../attention/words.ts";
import { checkbox, field, select, slider, toggle } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Scene } from "./scene.ts";

/** Small weights are many: a third power gives them most of the slider. */
const asThreshold = (place: number) => (place / 100) ** 3;
const asPlace = (threshold: number) => 100 * Math.cbrt(threshold);

/** The controls of what is shown: example, layer, head, how small weights are left out. */
export class Panel {
  readonly element: HTMLElement;
  readonly #scene: Scene;
  #show: (() => void)[] = [];

  constructor(place: HTMLElement, scene: Scene) {
    this.#scene = scene;
    this.element = make("div", "gb-row");
    place.append(this.element);
    this.build();
  }

  /** Makes the controls anew, as for another example. */
  build(): void {
    const scene = this.#scene;
    const { state } = scene;
    const example = state.examples[state.example]!;
    this.#show = [];
    this.element.replaceChildren();
    if (state.examples.length > 1) {
      const choices = state.examples.map(({ label }, index) => [String(index), label] as const);
      const list = select({ label: "example", choices }, (value) => {
        scene.set("pin", null);
        scene.set("example", Number(value));
      });
      this.#add(list.element, () => {
        list.input.value = String(scene.state.example);
      });
    }
    if (example.layers > 1) this.#addLayers(example.self, example.layers);
    if (example.heads > 1) {
      const choices = state.headNames.map((name, index) => [String(index), name] as const);
      const all = ["mean", `mean of ${example.heads}`] as const;
      const list = select({ label: "head", choices: [...choices, all] }, (value) => scene.set("head", chosen(value)));
      this.#add(list.element, () => {
        list.input.value = String(scene.state.head);
      });
    }
    const threshold = slider(
      {
        label: "threshold",
        hint: "Smaller weights are not shown",
        min: 0,
        max: 100,
        step: 1,
        show: (place) => weightText(asThreshold(place)),
      },
      (place) => scene.set("threshold", asThreshold(place)),
    );
    this.#add(threshold.element, () => threshold.show(asPlace(scene.state.threshold)));
    const top = field(
      {
        label: "top",
        type: "number",
        placeholder: "all",
        hint: "How many weights of each query are shown, its largest",
      },
      (text) => scene.set("top", Math.max(0, Math.trunc(Number(text)) || 0)),
    );
    Object.assign(top.input, { min: 1, max: example.keys.length });
    this.#add(top.element, () => {
      const now = scene.state.top === 0 ? "" : String(scene.state.top);
      if (Math.trunc(Number(top.input.value)) !== scene.state.top) top.input.value = now;
    });
    const tokens = specialTokens(example, state.special);
    const special = [...tokens.queries, ...tokens.keys].some(Boolean);
    const mask = checkbox(
      {
        label: "without special tokens",
        hint: special
          ? "Leaves out <s>, [SEP] and their like, and divides the other weights of each query by their sum"
          : "There are none among these tokens",
      },
      (on) => scene.set("masked", on),
    );
    mask.input.disabled = !special;
    this.#add(mask.element, () => {
      mask.input.checked = special && scene.state.masked;
    });
    if (Math.max(example.queries.length, example.keys.length) > 24) {
      const fit = toggle({ label: "fit", hint: "All of it at once, with smaller cells" }, (on) => scene.set("fit", on));
      this.#add(fit, () => fit.show(scene.state.fit));
    }
    this.show();
  }

  /** Shows the settings as they are. */
  show(): void {
    for (const show of this.#show) show();
  }

  #add(element: HTMLElement, show: () => void): void {
    this.element.append(element);
    this.#show.push(show);
  }

  #addLayers(self: boolean, layers: number): void {
    const scene = this.#scene;
    const reason = "queries and keys are not the same tokens";
    const choices = [
      ...scene.state.layerNames.map((name, index) => [String(index), name] as const),
      ["mean", `mean of ${layers}`] as const,
      ["rollout", self ? "rollout" : `rollout: no, ${reason}`] as const,
    ];
    const hint = self ? {} : { hint: `Rollout follows tokens through self-attention: here ${reason}` };
    const list = select({ label: "layer", choices, ...hint }, (value) =>
      scene.set("layer", chosen<MapChoice["layer"]>(value)),
    );
    list.input.options[list.input.options.length - 1]!.disabled = !self;
    this.#add(list.element, () => {
      list.input.value = String(scene.state.layer);
    });
  }
}

function chosen<Choice extends number | string = number | "mean">(value: string): Choice {
  return (Number.isNaN(Number(value)) ? value : Number(value)) as Choice;
}
