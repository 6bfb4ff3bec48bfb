/** What the page holds of its widgets, as JSON. */
export interface SavedWidgets {
  /** The texts of the modules that draw them. */
  readonly modules: readonly string[];
  readonly styles: readonly string[];
  readonly models: Readonly<Record<string, SavedModel>>;
}

/** A widget's values; `module` and `style` count the texts above. */
export interface SavedModel {
  readonly module: number;
  readonly style?: number;
  readonly state: Readonly<Record<string, unknown>>;
  readonly buffers: readonly SavedBuffer[];
}

/** Bytes of a state in base64, and where in it they belong. */
export interface SavedBuffer {
  readonly path: readonly (string | number)[];
  readonly data: string;
}
