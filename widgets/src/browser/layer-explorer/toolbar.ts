import type { LayerEntry, Look, Order, Slice } from "../../layers/state.ts";
import type { ColourMap } from "../../picture/colours.ts";
import type { Normalise } from "../../picture/tiles.ts";
import { select, slider, toggle } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Scene } from "./scene.ts";
import type { Settings } from "./settings.ts";

const colourChoices = [
  ["grey", "grey"],
  ["viridis", "viridis"],
  ["diverging", "blue – red"],
] as const satisfies readonly (readonly [ColourMap, string])[];

const rangeChoices = [
  ["each", "each tile"],
  ["all", "all tiles"],
  ["symmetric", "± largest"],
] as const satisfies readonly (readonly [Normalise, string])[];

const orderChoices = [
  ["index", "index"],
  ["norm", "norm"],
  ["mean", "activation"],
] as const satisfies readonly (readonly [Order, string])[];

const orderHint =
  "The largest first: by the norm of the filter or of the map, or by the channel’s mean activation over all inputs seen";

/** Which layer is seen, and how. */
export class Toolbar {
  /** To choose what is seen. */
  readonly what: readonly HTMLElement[];
  /** To choose how it looks. */
  readonly how: HTMLElement;
  readonly #layer: ReturnType<typeof select>;
  readonly #filters: ReturnType<typeof toggle>;
  readonly #maps: ReturnType<typeof toggle>;
  readonly #modes: HTMLElement;
  readonly #colours: ReturnType<typeof select>;
  readonly #range: ReturnType<typeof select>;
  readonly #order: ReturnType<typeof select>;
  readonly #slice: ReturnType<typeof select>;
  readonly #zoom: ReturnType<typeof slider>;
  #scene: Scene | undefined;
  #sliceChoices = -1;

  constructor(settings: Settings, layers: readonly LayerEntry[]) {
    const look = (change: Partial<Look>) => {
      const { mode } = this.#scene!;
      const looks = settings.looks.value;
      settings.looks.set({ ...looks, [mode]: { ...looks[mode], ...change } });
    };
    const see = (change: () => void) => {
      // Another layer or order begins with its first page.
      settings.first.set(0);
      settings.enlarged.set(null);
      change();
    };
    const choices = layers.map(({ name }, index): [string, string] => [String(index), name]);
    this.#layer = select({ label: "layer", choices }, (value) => see(() => settings.layer.set(Number(value))));
    this.#layer.element.hidden = layers.length < 2;
    this.#filters = toggle({ label: "filters" }, () => see(() => settings.mode.set("filters")));
    this.#maps = toggle({ label: "feature maps" }, () => see(() => settings.mode.set("maps")));
    this.#modes = make("div", "gb-group");
    this.#modes.append(this.#filters, this.#maps);
    this.what = [this.#layer.element, this.#modes];
    this.#colours = select({ label: "colours", choices: colourChoices }, (value) =>
      look({ colours: value as ColourMap }),
    );
    this.#range = select(
      { label: "range", hint: "Which values get the ends of the colours", choices: rangeChoices },
      (value) => look({ normalise: value as Normalise }),
    );
    this.#order = select({ label: "sort by", hint: orderHint, choices: orderChoices }, (value) => {
      settings.first.set(0);
      look({ order: value as Order });
    });
    this.#slice = select({ label: "inputs", hint: "Which of the filters' inputs are seen", choices: [] }, (value) =>
      see(() => {
        const slice = (/^\d+$/.test(value) ? Number(value) : value) as Slice;
        settings.slices.set({ ...settings.slices.value, [this.#scene!.layer]: slice });
      }),
    );
    const show = (value: number) => (value === 0 ? "fit" : `${value} px`);
    this.#zoom = slider(
      { label: "zoom", hint: "Screen pixels for one value", min: 0, max: 24, step: 1, show },
      (value) => settings.scale.set(value),
    );
    this.how = make("div", "gb-tools gb-layers-how");
    this.how.append(
      this.#slice.element,
      this.#colours.element,
      this.#range.element,
      this.#order.element,
      this.#zoom.element,
    );
  }

  show(scene: Scene, order: Order, scale: number): void {
    this.#scene = scene;
    const { entry, mode, shading } = scene;
    this.#layer.input.value = String(scene.layer);
    this.#modes.hidden = !(entry.filters && entry.maps);
    this.#filters.show(mode === "filters");
    this.#maps.show(mode === "maps");
    this.#colours.input.value = shading.colours;
    this.#colours.input.disabled = shading.planes === 3;
    this.#range.input.value = shading.normalise;
    this.#order.input.value = order;
    this.#order.input.options[2]!.disabled = !scene.canSortByMean;
    this.#zoom.show(scale);
    this.#slice.element.hidden = scene.inputs === 1;
    if (this.#sliceChoices !== scene.inputs) fill(this.#slice.input, sliceChoices(scene.inputs));
    this.#sliceChoices = scene.inputs;
    this.#slice.input.value = String(scene.slice);
  }
}

function sliceChoices(inputs: number): [string, string][] {
  return [
    ...(inputs === 3 ? [["colour", "red, green, blue"] as [string, string]] : []),
    ["all", "side by side"],
    ["mean", "mean of all"],
    ["norm", "norm of all"],
    ...Array.from({ length: inputs }, (_, input): [string, string] => [String(input), `input ${input}`]),
  ];
}

function fill(input: HTMLSelectElement, choices: readonly (readonly [string, string])[]): void {
  const same =
    input.options.length === choices.length && choices.every(([, text], i) => input.options[i]!.text === text);
  if (!same) input.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
}
