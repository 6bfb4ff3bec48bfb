import type { TensorLike } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import { InTurn } from "./in-turn.ts";
import {
  keptFilters,
  keptInputs,
  keptMaps,
  keptOverlay,
  type MapsPlan,
  mapsPlan,
  withinBudget,
  withSnapshot,
} from "./layers/kept.ts";
import { layerPicture } from "./layers/layer-picture.ts";
import { LayerReader } from "./layers/layer-reader.ts";
import type { ExplorerOptions, ExplorerParts } from "./layers/parts.ts";
import {
  firstState,
  type LayerMessage,
  type LayerState,
  type MapsOfInput,
  type Overlay,
  withFilters,
  withMaps,
} from "./layers/state.ts";
import { LiveWidget } from "./live-widget.ts";

/** Layers of a network to look into. Made by {@link layerExplorer}. */
export class LayerExplorer<Input = TensorLike> extends LiveWidget<LayerState, LayerMessage> {
  readonly #reader: LayerReader<Input>;
  readonly #atFirst: number;
  readonly #labels: readonly string[] | null;
  readonly #work = new InTurn();
  #gathered: Promise<void> | undefined;
  #plan: MapsPlan | undefined;
  #shown = false;

  constructor(parts: ExplorerParts<Input>, { atFirst = 16, ...options }: ExplorerOptions) {
    if (!Number.isInteger(atFirst) || atFirst < 1)
      throw new RangeError(`layerExplorer: atFirst is ${atFirst}, expected how many inputs: a whole number from 1.`);
    const reader = new LayerReader(parts);
    const layers = reader.names.map((name) => {
      const { filters, maps, labels = null } = parts.layers[name]!;
      return { name, filters: filters !== undefined, maps: maps !== undefined, labels };
    });
    super("layer-explorer", { state: firstState(layers, { ...options, overlayNames: reader.overlayNames }) });
    this.#reader = reader;
    this.#atFirst = atFirst;
    this.#labels = parts.inputLabels ?? null;
    this.onMessage((message) => this.#answer(message));
  }

  /**
   * Reads the filters and computes maps and overlays anew, wherever this is shown. Wait for it where the model goes on
   * changing: `await layers.update()`.
   */
  async update(): Promise<void> {
    this.#gathered = undefined;
    // What nobody looks at is computed when somebody does.
    if (this.#shown && this.isLive) await this.#gather();
    this.changed();
  }

  /** Puts down the filters as they are now, for the slider of epochs. One of the same epoch replaces the earlier one. */
  async snapshot(epoch: number | string): Promise<void> {
    const read = this.#reader.filters();
    await this.#work.next(async () => {
      for (const [layer, values] of (await read).entries()) {
        if (!values) continue;
        const snapshots = withSnapshot(this.get(`filters${layer}`)?.snapshots ?? [], epoch, values);
        this.set(withFilters(layer, { ...keptFilters(values), snapshots }));
      }
    });
    this.changed();
  }

  protected override async bundle(): Promise<MimeBundle> {
    this.#shown = true;
    await this.#gather();
    return super.bundle();
  }

  protected picture(): MimeBundle {
    return layerPicture((name) => this.get(name));
  }

  /** Reads and computes what is saved with the notebook, once until the next update. */
  #gather(): Promise<void> {
    if (this.#gathered) return this.#gathered;
    // Asked for now: what comes after this call may replace them.
    const filters = this.#reader.filters();
    const gathered = this.#work.next(async () => {
      for (const [layer, values] of (await filters).entries()) {
        if (!values) continue;
        const snapshots = this.get(`filters${layer}`)?.snapshots ?? [];
        this.set(withFilters(layer, { ...keptFilters(values), snapshots }));
      }
      if (this.#reader.inputCount > 0) await this.#gatherInputs();
    });
    this.#gathered = gathered;
    // One that failed is no reason not to try again.
    gathered.catch(() => {
      if (this.#gathered === gathered) this.#gathered = undefined;
    });
    return gathered;
  }

  async #gatherInputs(): Promise<void> {
    const reader = this.#reader;
    const images = keptInputs(await reader.images());
    const layers = reader.names.flatMap((_, layer) => (reader.hasMaps(layer) ? [layer] : []));
    const found = new Map(layers.map((layer): [number, MapsOfInput[]] => [layer, []]));
    const shapes = new Map<number, readonly number[]>();
    const overlays: Overlay[] = [];
    let inputs = [0];
    for (let at = 0; at < inputs.length; at++) {
      const input = inputs[at]!;
      const made = new Map<number, Awaited<ReturnType<typeof reader.maps>>>();
      for (const layer of layers) made.set(layer, await reader.maps(layer, input));
      if (at === 0) {
        // Of the first one it is known how much room the others will take.
        for (const [layer, { shape }] of made) shapes.set(layer, shape);
        this.#plan = mapsPlan([...shapes.values()], Math.min(this.#atFirst, images.shape[0]!));
        const first = Array.from({ length: this.#plan.inputs }, (_, index) => index);
        inputs = [...new Set([...first, Math.min(this.get("input"), images.shape[0]! - 1)])];
      }
      for (const [layer, values] of made) found.get(layer)!.push(keptMaps(values, input, this.#plan!));
      for (const name of reader.overlayNames)
        overlays.push(keptOverlay(name, input, await reader.overlay(name, input)));
    }
    const maps = [...found].map(([layer, entries]) => withMaps(layer, { channels: shapes.get(layer)![0]!, entries }));
    this.set({
      ...Object.assign({}, ...maps),
      overlays,
      inputs: { images, count: reader.inputCount, labels: this.#labels },
    });
  }

  /** Gives the page what it asks for, or says why not. */
  async #answer(asked: LayerMessage): Promise<void> {
    if (asked?.type !== "maps" && asked?.type !== "overlay") return;
    try {
      await this.#work.next(() => (asked.type === "maps" ? this.#addMaps(asked) : this.#addOverlay(asked)));
    } catch (error) {
      this.send({ type: "failed", asked, because: error instanceof Error ? error.message : String(error) });
    }
  }

  async #addMaps({ layer, input }: LayerMessage & { readonly type: "maps" }): Promise<void> {
    const maps = this.get(`maps${layer}`);
    if (!maps || !this.#isInput(input) || maps.entries.some((other) => other.input === input)) return;
    const plan = this.#plan!;
    const entry = keptMaps(await this.#reader.maps(layer, input), input, plan);
    this.set(withMaps(layer, { ...maps, entries: withinBudget(maps.entries, entry, plan.inputs) }));
  }

  async #addOverlay({ overlay, input }: LayerMessage & { readonly type: "overlay" }): Promise<void> {
    const overlays = this.get("overlays");
    const known = this.#reader.overlayNames.includes(overlay);
    if (!known || !this.#isInput(input) || overlays.some((one) => one.name === overlay && one.input === input)) return;
    this.set({ overlays: [...overlays, keptOverlay(overlay, input, await this.#reader.overlay(overlay, input))] });
  }

  /** A page may ask for anything. */
  #isInput(input: number): boolean {
    return Number.isInteger(input) && input >= 0 && input < this.#reader.inputCount;
  }
}

/**
 * Looks into the layers of a network: its filters, over the epochs of training if `snapshot` puts them down, and what
 * its layers make of inputs, with pictures of what mattered laid over them. The functions are called for the first
 * inputs when this is shown, and for others when the reader chooses them.
 *
 * @example
 * ```ts
 * const layers = layerExplorer({
 *   layers: {
 *     c1: { filters: () => model.c1.weight, maps: (x) => capture(model, x.expandDims(0)).get("c1") },
 *     c3: { filters: () => model.c3.weight, maps: (x) => capture(model, x.expandDims(0)).get("c3") },
 *   },
 *   inputs: images,
 *   overlays: {
 *     saliency: (x) => saliency(model, x.expandDims(0)),
 *     "Grad-CAM": (x) => gradCam(model, x.expandDims(0), { layer: "c3" }),
 *   },
 * });
 * display(layers);
 * for (let epoch = 0; epoch < 10; epoch++) {
 *   // … an epoch of training …
 *   await layers.snapshot(epoch);
 * }
 * await layers.update();
 * ```
 * @throws TypeError or RangeError for parts that do not fit
 */
export function layerExplorer<Input = TensorLike>(
  parts: ExplorerParts<Input>,
  options: ExplorerOptions = {},
): LayerExplorer<Input> {
  return new LayerExplorer(parts, options);
}
