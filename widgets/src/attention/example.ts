/** An image whose patches are attended to. */
export interface PatchedImage {
  readonly width: number;
  readonly height: number;
  /** Bytes red, green, blue, row by row. */
  readonly pixels: Uint8Array;
  /** How many patches there are down and across; the keys are those patches row by row. */
  readonly rows: number;
  readonly columns: number;
}

/** The attention of one sentence, or of one pair of them. */
export interface Example {
  readonly label: string;
  readonly queries: readonly string[];
  readonly keys: readonly string[];
  /** Whether the queries attend to themselves: queries and keys are the same tokens. */
  readonly self: boolean;
  readonly layers: number;
  readonly heads: number;
  /** [layers, heads, queries, keys], row by row. */
  readonly weights: Float32Array;
  readonly image: PatchedImage | null;
}

/** Which of the maps to show. */
export interface MapChoice {
  /** A layer, the mean of all, or attention rollout through all. */
  readonly layer: number | "mean" | "rollout";
  readonly head: number | "mean";
}

/** The token, or the pair of tokens, that is looked at. */
export interface Focus {
  readonly query: number | null;
  readonly key: number | null;
}

/** What the reader has set. */
export interface AttentionSettings extends MapChoice {
  readonly example: number;
  readonly view: "heat map" | "lines";
  /** Smaller weights are left out. */
  readonly threshold: number;
  /** How many weights of each query are shown, its largest; 0 for all. */
  readonly top: number;
  /** Whether special tokens are left out, and the other weights of a query divided by their sum. */
  readonly masked: boolean;
  readonly pin: Focus | null;
  /** Whether the colours end at the largest weight of the map, or at 1. */
  readonly range: "own" | "one";
  /** Whether cells are so small that the whole map fits, or so large that its tokens can be read. */
  readonly fit: boolean;
  /** Whether an image's patches are blocks, or blurred into one another. */
  readonly blocks: boolean;
}

/** What kernel and page share. */
export interface AttentionState extends AttentionSettings {
  readonly title: string;
  /** What queries and keys are called. */
  readonly axes: readonly [queries: string, keys: string];
  readonly layerNames: readonly string[];
  readonly headNames: readonly string[];
  /** Texts of tokens that count as special, or positions of keys; null for the usual ones. */
  readonly special: readonly (string | number)[] | null;
  readonly examples: readonly Example[];
}

/** The settings, with everything that the examples do not have put right: those of a saved notebook may be old. */
export function fittingSettings<S extends AttentionSettings>(settings: S, examples: readonly Example[]): S {
  const within = (index: number, count: number) => Math.max(0, Math.min(count - 1, Math.trunc(index) || 0));
  const example = within(settings.example, examples.length);
  const { layers, heads, self, queries, keys } = examples[example]!;
  const { pin } = settings;
  const missing = (index: number | null, count: number) => index !== null && !(index >= 0 && index < count);
  return {
    ...settings,
    example,
    layer:
      settings.layer === "mean" || (settings.layer === "rollout" && self)
        ? settings.layer
        : within(settings.layer === "rollout" ? layers - 1 : settings.layer, layers),
    head: settings.head === "mean" ? "mean" : within(settings.head, heads),
    pin: pin === null || missing(pin.query, queries.length) || missing(pin.key, keys.length) ? null : pin,
  };
}
