import type { TensorLike, TensorSource } from "../data.ts";
import type { ColourMap } from "../picture/colours.ts";
import type { Normalise } from "../picture/tiles.ts";

/** Makes a tensor of one input. `undefined` is there for the compiler, as from a map's `get`; it is refused. */
export type OfInput<Input> = (input: Input, index: number) => TensorLike | undefined | Promise<TensorLike | undefined>;

/** What there is of one layer: filters, maps, or both. */
export interface LayerParts<Input = TensorLike> {
  /** [out, in, height, width]; a function follows parameters that are replaced while training. */
  readonly filters?: TensorSource;
  /** What the layer's channels make of an input: [channels, height, width] or [1, channels, height, width]. */
  readonly maps?: OfInput<Input>;
  /** Names of the channels, in place of their numbers. */
  readonly labels?: readonly string[];
}

/** Inputs [n, height, width] or [n, 1 or 3, height, width]. A method `at`, where there is one, gives a single input. */
export type LayerInputs<Input> = TensorLike & { at?(index: number): Input };

/** What is explored. */
export interface ExplorerParts<Input = TensorLike> {
  /** By the name of the layer. */
  readonly layers: Readonly<Record<string, LayerParts<Input>>>;
  /** What the maps can be looked at for. */
  readonly inputs?: LayerInputs<Input>;
  readonly inputLabels?: readonly string[];
  /** Pictures to lay over an input, [height, width] or [1, height, width] in any size, such as its saliency. */
  readonly overlays?: Readonly<Record<string, OfInput<Input>>>;
}

/** How it is shown at first. */
export interface ExplorerOptions {
  readonly title?: string;
  /** Default: diverging for filters, viridis for maps. */
  readonly colours?: ColourMap;
  /** Which values get the ends of the colour map. Default: symmetric for diverging colours, otherwise all tiles'. */
  readonly normalise?: Normalise;
  /** For how many of the first inputs maps and overlays are computed at once and saved. Default 16. */
  readonly atFirst?: number;
}
