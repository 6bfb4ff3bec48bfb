import type { AttentionSettings, AttentionState, Example } from "./attention/example.ts";
import { fittingSettings } from "./attention/example.ts";
import {
  type AttentionExample,
  type AttentionTokens,
  type AttentionWeights,
  checkExample,
  readExample,
} from "./attention/read-example.ts";
import { siftedMap } from "./attention/sifted-map.ts";
import { choiceName, mapText } from "./attention/words.ts";
import type { TensorSource } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import { LiveWidget } from "./live-widget.ts";
import { attentionCard } from "./picture/attention-card.ts";
import { grouped } from "./picture/numbers.ts";

/** How an attention map looks at first, and what its parts are called. */
export interface AttentionMapOptions {
  readonly title?: string;
  /** Tokens that can be left out: their texts, or positions of keys. Default: `<s>`, `</s>`, `[CLS]`, `<pad>` and their like. */
  readonly special?: readonly (string | number)[];
  /** Names of the layers and of the heads, in place of their numbers. */
  readonly layers?: readonly string[];
  readonly heads?: readonly string[];
  /** What queries and keys are, for example `["French", "English"]`. */
  readonly axes?: readonly [queries: string, keys: string];
  /** The layer to begin with, `"mean"` or `"rollout"`. Default: the last one. */
  readonly layer?: number | "mean" | "rollout";
  /** The head to begin with. Default: the mean of all. */
  readonly head?: number | "mean";
  readonly view?: "heat map" | "lines";
}

/** What the reader looks at, to be read and to be changed. */
export interface AttentionChoice {
  /** Which of several sequences. */
  readonly example: number;
  readonly view: "heat map" | "lines";
  readonly layer: number | "mean" | "rollout";
  readonly head: number | "mean";
  /** The token, or the cell, that is pinned. */
  readonly pin: { readonly query: number | null; readonly key: number | null } | null;
  /** Weights below it are not shown. */
  readonly threshold: number;
  /** How many weights of each query are shown; 0 for all. */
  readonly top: number;
  /** Whether special tokens are left out. */
  readonly masked: boolean;
}

/** Values of all the examples together; a notebook holds them, at 4 bytes each. */
const most = 8_000_000;

const who = "attentionMap";

/** A map of who attends to whom, made by {@link attentionMap}. */
export class AttentionMap extends LiveWidget<AttentionState> {
  readonly #options: AttentionMapOptions;
  #sources: readonly AttentionExample[];
  #reading: Promise<readonly Example[]> | undefined;

  constructor(sources: readonly AttentionExample[], options: AttentionMapOptions) {
    const { title = "", axes, layer, head, view = "heat map", special } = options;
    sources.forEach((source, index) => {
      checkExample(source, nameOf(sources, index));
    });
    const state: AttentionState = {
      title,
      axes: axes ?? ["query", sources[0]!.patches ? "patch (row, column)" : "key"],
      layerNames: [],
      headNames: [],
      special: special ?? null,
      examples: [],
      example: 0,
      view,
      // Beyond the last one: put right when it is known how many there are.
      layer: layer ?? most,
      head: head ?? "mean",
      threshold: 0,
      top: 0,
      masked: false,
      pin: null,
      range: "own",
      fit: false,
      blocks: false,
    };
    super("attention-map", { state });
    this.#options = options;
    this.#sources = sources;
  }

  /** What is looked at now. */
  get choice(): AttentionChoice {
    const { example, view, layer, head, pin, threshold, top, masked } = this.#settings();
    return { example, view, layer, head, pin, threshold, top, masked };
  }

  /** Looks at something else, wherever this is shown: `map.choose({ layer: 0, head: 3, pin: { query: 2, key: null } })`. */
  choose(choice: Partial<AttentionChoice>): void {
    this.set(choice);
    this.changed();
  }

  /** Reads the weights anew, or other ones of as many tokens. Views follow at once, also while a cell runs. */
  async update(weights?: AttentionWeights): Promise<void> {
    if (weights !== undefined) {
      if (this.#sources.length > 1)
        throw new TypeError(
          `${who}: update was given weights, and there are ${this.#sources.length} examples; expected none. Make a new map.`,
        );
      const source = { ...this.#sources[0]!, weights };
      checkExample(source, "");
      this.#sources = [source];
    }
    this.#reading = undefined;
    await this.#read();
    this.changed();
  }

  protected override async bundle(): Promise<MimeBundle> {
    await this.#read();
    return super.bundle();
  }

  protected async picture(): Promise<MimeBundle> {
    const state: AttentionState = {
      title: this.get("title"),
      axes: this.get("axes"),
      layerNames: this.get("layerNames"),
      headNames: this.get("headNames"),
      special: this.get("special"),
      examples: await this.#read(),
      ...this.#settings(),
    };
    const example = state.examples[state.example]!;
    const map = siftedMap(example, state, state.special);
    return {
      "text/plain": mapText(map, state.title, choiceName(state, example, state)),
      "image/svg+xml": attentionCard(state, map),
    };
  }

  #settings(): AttentionSettings {
    const settings: AttentionSettings = {
      example: this.get("example"),
      view: this.get("view"),
      layer: this.get("layer"),
      head: this.get("head"),
      threshold: this.get("threshold"),
      top: this.get("top"),
      masked: this.get("masked"),
      pin: this.get("pin"),
      range: this.get("range"),
      fit: this.get("fit"),
      blocks: this.get("blocks"),
    };
    const examples = this.get("examples");
    return examples.length === 0 ? settings : fittingSettings(settings, examples);
  }

  /** Reads once, and puts into the state what the page draws from. */
  #read(): Promise<readonly Example[]> {
    this.#reading ??= (async () => {
      const sources = this.#sources;
      const examples = await Promise.all(sources.map((source, index) => readExample(source, nameOf(sources, index))));
      const [layerNames, headNames] = partNames(examples, this.#options);
      this.set({ examples, layerNames, headNames });
      this.set(this.#settings());
      return examples;
    })();
    return this.#reading;
  }
}

/**
 * Who attends to whom, as a heat map and as lines between tokens: by layer and head, their means, and rollout.
 * ```ts
 * attentionMap(weights, { queries: ["la", "zone"], keys: ["the", "area"], axes: ["French", "English"] });
 * attentionMap(layers, { queries: tokens }); // self-attention: [layers, heads, tokens, tokens]
 * attentionMap(weights, { queries: caption, image, patches: [7, 7] });
 * attentionMap([{ weights, queries, keys, label: "a short one" }, …], { title });
 * ```
 * @param weights [queries, keys], [heads, queries, keys] or [layers, heads, queries, keys], from 0: a tensor, nested
 * lists, or a function that gives one
 * @throws RangeError where tokens and weights do not fit, as soon as it is known
 */
export function attentionMap(weights: AttentionWeights, options: AttentionMapOptions & AttentionTokens): AttentionMap;
export function attentionMap(examples: readonly AttentionExample[], options?: AttentionMapOptions): AttentionMap;
export function attentionMap(
  given: AttentionWeights | readonly AttentionExample[],
  options: AttentionMapOptions & Partial<AttentionTokens> = {},
): AttentionMap {
  if (areExamples(given)) return new AttentionMap(given, options);
  const { queries, keys, image, patches } = options;
  return new AttentionMap(
    [
      {
        weights: given,
        queries: queries as readonly string[],
        ...(keys && { keys }),
        ...(image !== undefined && { image: image as TensorSource }),
        ...(patches && { patches }),
      },
    ],
    options,
  );
}

function areExamples(given: AttentionWeights | readonly AttentionExample[]): given is readonly AttentionExample[] {
  const [first] = Array.isArray(given) ? given : [];
  return typeof first === "object" && first !== null && "weights" in first;
}

/** How messages call an example: not at all where it is the only one. */
function nameOf(sources: readonly AttentionExample[], index: number): string {
  return sources.length > 1 ? `example ${index}: ` : "";
}

function partNames(examples: readonly Example[], options: AttentionMapOptions): [string[], string[]] {
  const { layers, heads } = examples[0]!;
  const other = examples.findIndex((example) => example.layers !== layers || example.heads !== heads);
  if (other >= 0)
    throw new RangeError(
      `${who}: example ${other} has ${examples[other]!.layers} layers of ${examples[other]!.heads} heads, example 0 has ${layers} of ${heads}; expected the same. Give them from one model.`,
    );
  const values = examples.reduce((total, { weights }) => total + weights.length, 0);
  if (values > most)
    throw new RangeError(
      `${who}: ${grouped(values)} weights, expected ${grouped(most)} at most: the notebook holds them all. Give fewer layers, heads or examples.`,
    );
  return [named("layer", layers, options.layers), named("head", heads, options.heads)];
}

function named(part: string, count: number, names: readonly string[] | undefined): string[] {
  if (names !== undefined && names.length !== count)
    throw new RangeError(
      `${who}: ${names.length} names for ${count} ${part}${count === 1 ? "" : "s"}. Give one for each.`,
    );
  return names ? [...names] : Array.from({ length: count }, (_, index) => `${part} ${index}`);
}
