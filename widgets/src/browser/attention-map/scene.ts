import {
  type AttentionSettings,
  type AttentionState,
  type Example,
  type Focus,
  fittingSettings,
  type PatchedImage,
} from "../../attention/example.ts";
import { type SiftedMap, siftedMap } from "../../attention/sifted-map.ts";
import { floats, type PageModel, Setting } from "../frame/model.ts";

/** An example as it arrives: what is bytes in the kernel is a view of bytes here. */
type Sent = Omit<Example, "weights" | "image"> & {
  readonly weights: DataView;
  readonly image: (Omit<PatchedImage, "pixels"> & { readonly pixels: DataView }) | null;
};

const sieve = ["example", "layer", "head", "threshold", "top", "masked", "range"] as const;
const others = ["view", "pin", "fit", "blocks"] as const;
const given = ["title", "axes", "layerNames", "headNames", "special", "examples"] as const;

type Change = "map" | "focus" | "data" | "look";

/** What one view shows: the shared values, the map that follows from them, and where the reader points. */
export class Scene {
  readonly #model: PageModel;
  readonly #settings: { readonly [Name in keyof AttentionSettings]: Setting<AttentionSettings[Name]> };
  readonly #listeners: (readonly [Change, () => void])[] = [];
  readonly #undo: (() => void)[] = [];
  #sent: readonly Sent[] | undefined;
  #examples: readonly Example[] = [];
  #state: AttentionState | undefined;
  #map: SiftedMap | undefined;
  /** Where the pointer is, or the keyboard. */
  cursor: Focus | null = null;

  constructor(model: PageModel) {
    this.#model = model;
    const names = [...sieve, ...others];
    this.#settings = Object.fromEntries(names.map((name) => [name, new Setting(model, name)])) as never;
    for (const name of names) this.#undo.push(this.#settings[name].onChange(() => this.#changed(name)));
    for (const name of given) {
      const changed = () => this.#changed(name);
      model.on(`change:${name}`, changed);
      this.#undo.push(() => model.off(`change:${name}`, changed));
    }
  }

  get state(): AttentionState {
    if (this.#state) return this.#state;
    const names = [...given, ...sieve, ...others];
    const state = Object.fromEntries(names.map((name) => [name, this.#model.get(name)])) as unknown as AttentionState;
    const sent = state.examples as unknown as readonly Sent[];
    if (sent !== this.#sent) {
      this.#examples = sent.map(read);
      this.#sent = sent;
    }
    this.#state = fittingSettings({ ...state, examples: this.#examples }, this.#examples);
    return this.#state;
  }

  get map(): SiftedMap {
    const { state } = this;
    this.#map ??= siftedMap(state.examples[state.example]!, state, state.special);
    return this.#map;
  }

  /** What is emphasised: what is pinned, or else what is pointed at. */
  get focus(): Focus | null {
    return this.state.pin ?? this.cursor;
  }

  set<Name extends keyof AttentionSettings>(name: Name, value: AttentionSettings[Name]): void {
    this.#settings[name].set(value);
  }

  point(cursor: Focus | null): void {
    if (cursor?.query === this.cursor?.query && cursor?.key === this.cursor?.key) return;
    this.cursor = cursor;
    this.#tell("focus");
  }

  /** Pins, or releases what is pinned already. */
  pin(focus: Focus | null): void {
    const { pin } = this.state;
    const again = pin !== null && focus?.query === pin.query && focus?.key === pin.key;
    this.set("pin", again ? null : focus);
  }

  /** Calls back when the map is another one, its tokens are emphasised otherwise, or it is drawn in another way. */
  on(change: Change, listener: () => void): void {
    this.#listeners.push([change, listener]);
  }

  end(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#listeners.length = 0;
  }

  #changed(name: string): void {
    this.#state = undefined;
    const data = name === "example" || (given as readonly string[]).includes(name);
    if (data || (sieve as readonly string[]).includes(name)) this.#map = undefined;
    if (data) this.cursor = null;
    this.#tell(name === "pin" ? "focus" : data ? "data" : this.#map === undefined ? "map" : "look");
  }

  #tell(change: Change): void {
    for (const [wanted, listener] of this.#listeners) if (wanted === change) listener();
  }
}

function read(sent: Sent): Example {
  const image = sent.image && { ...sent.image, pixels: bytes(sent.image.pixels) };
  return { ...sent, weights: floats(sent.weights), image };
}

function bytes({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
