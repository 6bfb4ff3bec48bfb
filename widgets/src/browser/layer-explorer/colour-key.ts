import { colourTable, lastShade } from "../../picture/colours.ts";
import { formatNumber } from "../../picture/numbers.ts";
import { rangeOf, type Shading, type Tile } from "../../picture/tiles.ts";
import { make } from "../frame/frame.ts";
import { paint } from "./paint.ts";

/** The colours from one end of the range to the other, with the numbers at their ends. */
export class ColourKey {
  readonly element: HTMLElement;
  readonly #bar = make("canvas", "gb-key-bar");
  readonly #low = make("span", "gb-key-low");
  readonly #high = make("span", "gb-key-high");
  readonly #what = make("span", "gb-key-what");

  constructor() {
    this.element = make("div", "gb-key");
    this.element.append(this.#low, this.#bar, this.#high, this.#what);
  }

  /** @param tile the one that is looked at: where each tile has a range of its own, the numbers are its */
  show(shading: Shading, tile: Tile | undefined): void {
    const { colours, normalise, planes } = shading;
    const own = normalise === "each";
    this.#bar.hidden = planes === 3;
    if (planes === 1) paint(this.#bar, colourTable(colours), lastShade + 1, 1);
    const range = own ? tile && rangeOf(shading, tile) : shading.range;
    this.#low.textContent = range ? formatNumber(range[0]) : "lowest";
    this.#high.textContent = (planes === 3 ? " … " : "") + (range ? formatNumber(range[1]) : "highest");
    const rgb = planes === 3 ? "red, green and blue; " : "";
    this.#what.textContent = own
      ? `${rgb}${tile ? `${tile.name}; ` : ""}each tile has its own range`
      : `${rgb}${normalise === "symmetric" ? "the same for all tiles, zero in the middle" : "the same for all tiles"}`;
  }
}
