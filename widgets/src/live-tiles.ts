import { type TensorSource, type Values, valuesOf } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import { keptFilters, keptMaps, mapsPlan } from "./layers/kept.ts";
import { firstState, type LayerState, type Mode } from "./layers/state.ts";
import { LiveWidget } from "./live-widget.ts";
import {
  checkedSource,
  checkSizes,
  type TileKind,
  type TileOptions,
  type TileWidget,
  tilePicture,
} from "./tile-widget.ts";

/** Filters or feature maps by themselves. */
export interface LiveTileKind extends TileKind {
  readonly mode: Mode;
  readonly options: TileOptions;
}

/** Filters or feature maps: the layer explorer with one layer. */
export class LiveTiles extends LiveWidget<LayerState> implements TileWidget {
  readonly #kind: LiveTileKind;
  #source: TensorSource;
  #values: Values | undefined;
  #shown = false;
  #due = false;
  #following = false;

  constructor(kind: LiveTileKind, source: TensorSource) {
    checkSizes(kind);
    const checked = checkedSource(kind, source);
    const { mode, options } = kind;
    const layer = {
      name: "",
      filters: mode === "filters",
      maps: mode === "maps",
      labels: options.labels ?? null,
    };
    super("layer-explorer", { state: firstState([layer], options) });
    this.#kind = kind;
    this.#source = checked;
  }

  update(source?: TensorSource): void {
    if (source !== undefined) this.#source = checkedSource(this.#kind, source);
    if (this.#shown && this.isLive) void this.#follow();
    this.changed();
  }

  /** Brings the values to the page, one reading at a time, and another one where there were updates meanwhile. */
  async #follow(): Promise<void> {
    this.#due = true;
    if (this.#following) return;
    this.#following = true;
    while (this.#due) {
      this.#due = false;
      // What cannot be read is said when the picture is drawn, as the running cell ends.
      await this.#read().catch(() => undefined);
    }
    this.#following = false;
  }

  async #read(): Promise<void> {
    const { who, hint, check, mode } = this.#kind;
    const values = await valuesOf(who, this.#source, hint);
    check(values.shape);
    this.#values = values;
    if (mode === "filters") this.set({ filters0: { ...keptFilters(values), snapshots: [] } });
    else {
      const shape = values.shape.slice(-3);
      const maps = keptMaps({ ...values, shape }, 0, mapsPlan([shape], 1));
      this.set({ maps0: { channels: shape[0]!, entries: [maps] } });
    }
  }

  protected override async bundle(): Promise<MimeBundle> {
    this.#shown = true;
    await this.#read();
    return super.bundle();
  }

  protected picture(): MimeBundle {
    const values = this.#values!;
    // In a live page plotly's figure would be there for nobody.
    return tilePicture(this.#kind.who, values, this.#kind.arrange(values), { figure: !this.isLive });
  }
}
