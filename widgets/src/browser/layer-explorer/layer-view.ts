import type { LayerTile } from "../../layers/layer-tiles.ts";
import type { Inputs, LayerEntry, LayerMaps, LayerMessage, Overlay } from "../../layers/state.ts";
import { button } from "../frame/controls.ts";
import { type Frame, frame, make } from "../frame/frame.ts";
import type { PageModel } from "../frame/model.ts";
import { Tooltip } from "../frame/tooltip.ts";
import { Asking } from "./asking.ts";
import { ColourKey } from "./colour-key.ts";
import { Enlarged, valueAt } from "./enlarged.ts";
import { EpochSlider } from "./epoch-slider.ts";
import { InputPanel } from "./input-panel.ts";
import { type Scene, sceneOf } from "./scene.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { type Layout, layoutOf, type Place, TileGrid } from "./tile-grid.ts";
import { Toolbar } from "./toolbar.ts";
import { wordsAbout, wordsOfAsked, wordsOfTile } from "./words.ts";

/** The whole view: what is seen follows from the shared values alone. */
export class LayerView {
  readonly #model: PageModel;
  readonly #settings: Settings;
  readonly #frame: Frame;
  readonly #toolbar: Toolbar;
  readonly #grid: TileGrid;
  readonly #enlarged: Enlarged;
  readonly #key = new ColourKey();
  readonly #epochs: EpochSlider;
  readonly #panel: InputPanel;
  readonly #stage = make("div", "gb-stage");
  readonly #empty = make("div", "gb-empty");
  readonly #pager = make("div", "gb-group gb-pager");
  readonly #pages = make("span", "gb-words");
  readonly #tooltip: Tooltip;
  readonly #asking: Asking;
  #scene!: Scene;
  #layout!: Layout;
  #looked: LayerTile | undefined;
  #requested = 0;

  constructor(model: PageModel, el: HTMLElement) {
    const settings = settingsOf(model);
    const layers = model.get<readonly LayerEntry[]>("layers");
    this.#model = model;
    this.#settings = settings;
    this.#frame = frame(el, { kind: "layer-explorer", title: model.get("title"), label: "layers" });
    this.#toolbar = new Toolbar(settings, layers);
    this.#frame.tools.append(...this.#toolbar.what);
    this.#tooltip = new Tooltip(this.#frame.body);
    this.#grid = new TileGrid({
      pointed: (place, event) => this.#pointed(place, event),
      focused: (tile) => this.#look(tile),
      chosen: (place) => this.#enlarge(place),
      turn: (by) => this.#turn(by),
    });
    this.#enlarged = new Enlarged({
      closed: () => this.#close(),
      turn: (by) => this.#next(by),
      moved: (row, column) => settings.cursor.set([row, column]),
    });
    this.#epochs = new EpochSlider(settings.epoch);
    this.#panel = new InputPanel(settings, model.get("overlayNames"), (event, words) => this.#say(event, words));
    this.#pager.append(
      button({ label: "previous page", icon: "left" }, () => this.#turn(-1)),
      this.#pages,
      button({ label: "next page", icon: "right" }, () => this.#turn(1)),
    );
    const below = make("div", "gb-layers-below");
    below.append(this.#key.element, this.#pager, this.#epochs.element);
    this.#stage.append(this.#empty, this.#grid.element, this.#enlarged.element, below);
    const main = make("div", "gb-layers-main");
    main.append(this.#panel.element, this.#stage);
    this.#frame.body.prepend(this.#toolbar.how, main);
    this.#asking = new Asking(model, () => this.#redraw());

    const redraw = () => this.#redraw();
    model.on("change", redraw);
    const observer = new ResizeObserver(redraw);
    observer.observe(this.#stage);
    this.#frame.onEnd(() => {
      model.off("change", redraw);
      observer.disconnect();
      cancelAnimationFrame(this.#requested);
      this.#epochs.end();
      this.#enlarged.end();
      this.#panel.end();
      this.#asking.end();
    });
    this.#draw();
  }

  end(): void {
    this.#frame.end();
  }

  #redraw(): void {
    this.#requested ||= requestAnimationFrame(() => {
      this.#requested = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const settings = this.#settings;
    const scene = sceneOf(this.#model, settings);
    this.#scene = scene;
    const { looks, scale } = settings;
    this.#drawInputs();
    this.#toolbar.show(scene, looks.value[scene.mode].order, scale.value);
    const width = this.#stage.clientWidth;
    this.#layout = layoutOf(scene, { scale: scale.value, columns: this.#model.get("columns") }, width);
    const { perPage } = this.#layout;
    const { length } = scene.rows;
    const first = this.#first;
    const large = this.#largeTile;
    const rows = scene.rows.slice(first, first + perPage);
    this.#grid.element.hidden = large !== undefined || length === 0;
    if (!this.#grid.element.hidden) this.#grid.show(scene, this.#layout, rows);
    this.#enlarged.element.hidden = large === undefined;
    if (large) this.#enlarged.show(scene.shading, large, settings.cursor.value, width);
    this.#pager.hidden = large !== undefined || length <= perPage;
    const what = scene.table ? "outputs" : scene.mode === "filters" ? "filters" : "maps";
    this.#pages.textContent = `${what} ${first + 1} – ${Math.min(length, first + perPage)} of ${length}`;
    const [back, forth] = this.#pager.querySelectorAll("button");
    back!.disabled = first === 0;
    forth!.disabled = first + perPage >= length;
    this.#empty.textContent = length > 0 ? "" : this.#whyEmpty();
    this.#empty.hidden = length > 0;
    this.#epochs.show(scene.mode === "filters" ? scene.epochs : []);
    if (!scene.rows.flat().includes(this.#looked!)) this.#looked = undefined;
    this.#key.element.hidden = length === 0;
    this.#key.show(scene.shading, (large ?? this.#looked)?.tile);
    const words = large ? wordsOfTile(scene, large) : wordsAbout(scene);
    if (!this.#looked || large) this.#foot(words);
  }

  #drawInputs(): void {
    const inputs = this.#model.get<Inputs | null>("inputs");
    this.#panel.element.hidden = inputs === null;
    if (!inputs) return;
    const overlays = this.#model.get<readonly Overlay[]>("overlays");
    const overlay = this.#settings.overlay.value;
    const input = this.#settings.input.value;
    const message: LayerMessage = { type: "overlay", overlay, input };
    const known = overlay === "" || overlays.some((one) => one.name === overlay && one.input === input);
    if (known) this.#asking.came(message);
    const note = known ? "" : wordsOfAsked(this.#asking.for(message), overlay);
    const { layer, mode } = this.#scene;
    const entries = this.#model.get<LayerMaps | null>(`maps${layer}`)?.entries ?? [];
    const saved = new Set(entries.map((entry) => entry.input));
    const reachable = (one: number) => mode === "filters" || this.#asking.answers || saved.has(one);
    this.#panel.show(inputs, overlays, reachable, note);
    if (saved.has(input)) this.#asking.came({ type: "maps", layer, input });
  }

  /** Why there is no tile: the kernel has to be asked, or has nothing yet. */
  #whyEmpty(): string {
    const { layer, mode } = this.#scene;
    const maps = this.#model.get<LayerMaps | null>(`maps${layer}`);
    if (mode === "filters" || !maps) return "Nothing has been computed yet.";
    const asked = this.#asking.for({ type: "maps", layer, input: this.#settings.input.value });
    return wordsOfAsked(asked, "Feature maps");
  }

  /** The place in the order of the first channel on the page: the page begins at a multiple of its size. */
  get #first(): number {
    const { perPage } = this.#layout;
    const most = Math.max(0, this.#scene.rows.length - 1);
    return Math.floor(Math.min(this.#settings.first.value, most) / perPage) * perPage;
  }

  get #largeTile(): LayerTile | undefined {
    const chosen = this.#settings.enlarged.value;
    if (!chosen) return undefined;
    return this.#scene.rows.flat().find(({ channel, input }) => channel === chosen[0] && input === chosen[1]);
  }

  #turn(by: 1 | -1): void {
    const first = this.#first + by * this.#layout.perPage;
    if (first >= 0 && first < this.#scene.rows.length) this.#settings.first.set(first);
  }

  #enlarge({ tile, row, column }: Place): void {
    this.#tooltip.hide();
    this.#settings.cursor.set([row, column]);
    this.#settings.enlarged.set([tile.channel, tile.input]);
    this.#draw();
    this.#enlarged.focus();
  }

  #close(): void {
    const tile = this.#largeTile;
    this.#settings.enlarged.set(null);
    this.#draw();
    if (tile) this.#grid.focusOn(tile);
  }

  /** Enlarges the next tile; the page goes along, so that closing leads back to it. */
  #next(by: 1 | -1): void {
    const tiles = this.#scene.rows.flat();
    const next = tiles[tiles.indexOf(this.#largeTile!) + by];
    if (!next) return;
    const row = this.#scene.rows.findIndex((tilesOfRow) => tilesOfRow.includes(next));
    this.#settings.first.set(row);
    this.#settings.enlarged.set([next.channel, next.input]);
  }

  #look(tile: LayerTile): void {
    this.#looked = tile;
    this.#key.show(this.#scene.shading, tile.tile);
    this.#foot(wordsOfTile(this.#scene, tile));
  }

  #pointed(place: Place | undefined, event: PointerEvent): void {
    this.#key.show(this.#scene.shading, (place?.tile ?? this.#looked)?.tile);
    if (!place) {
      this.#tooltip.hide();
      return;
    }
    const { tile, row, column } = place;
    const value = valueAt(this.#scene.shading, tile.tile.values, row, column);
    this.#say(event, tile.tile.name, `row ${row}, column ${column}: ${value}`);
  }

  /** Words beside the pointer. */
  #say({ clientX, clientY }: PointerEvent, ...lines: readonly (string | undefined)[]): void {
    if (lines[0] === undefined) {
      this.#tooltip.hide();
      return;
    }
    const { left, top } = this.#frame.body.getBoundingClientRect();
    const content = lines.map((line) => Object.assign(make("div"), { textContent: line ?? "" }));
    this.#tooltip.show(clientX - left, clientY - top, ...content);
  }

  #foot(words: string): void {
    if (this.#frame.foot.textContent !== words) this.#frame.foot.textContent = words;
  }
}
