import { duration, formatNumber, grouped } from "../../picture/numbers.ts";
import type { Member, Scales } from "../../series/arrange.ts";
import { type Frame, make } from "../frame/frame.ts";
import type { PageModel } from "../frame/model.ts";
import { Tooltip } from "../frame/tooltip.ts";
import { Buttons } from "./buttons.ts";
import { CanvasPen } from "./canvas-pen.ts";
import { type Colours, drawPanel } from "./draw.ts";
import { entryOf, membersOf } from "./entries.ts";
import type { FileKind } from "./files.ts";
import { drawCrosshair, nameInWords, placeInWords, rowsOf, valueInWords } from "./hover.ts";
import { keysInWords, listenToKeys } from "./keyboard.ts";
import { type Entry, hiddenAfter, type LegendAction } from "./legend.ts";
import { heightOf, PanelPlace } from "./panel.ts";
import { type Hit, hitsAt } from "./places.ts";
import { listenToPointer } from "./pointer.ts";
import { Reader } from "./reader.ts";
import { save } from "./save.ts";
import { Readings, type Scene, type ScenePanel, sceneOf } from "./scene.ts";
import { Settings } from "./settings.ts";
import type { Store } from "./store.ts";
import { Toolbar } from "./toolbar.ts";

/** How often words that follow the data are written anew, in milliseconds. */
const writing = 100;

/** One view of a loss curve. */
export class CurveView {
  readonly #frame: Frame;
  readonly #model: PageModel;
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #readings = new Readings();
  readonly #reader: Reader;
  readonly #toolbar: Toolbar;
  readonly #buttons: Buttons;
  readonly #plots = make("div", "gb-curve-plots");
  readonly #said = make("div", "gb-curve-unseen");
  readonly #stand = make("span");
  readonly #tooltip: Tooltip;
  #places: PanelPlace[] = [];
  #width = 600;
  #scene: Scene | undefined;
  #requested = 0;
  #wroteAt = 0;
  #late: ReturnType<typeof setTimeout> | undefined;

  constructor(frame: Frame, model: PageModel, store: Store) {
    this.#frame = frame;
    this.#model = model;
    this.#store = store;
    this.#settings = new Settings(model);
    this.#reader = new Reader({
      zoom: this.#settings.zoom,
      scene: () => this.#current(),
      // Where the reader looks changes nothing of what there is.
      changed: () => this.#request(),
    });
    this.#toolbar = new Toolbar(this.#settings, (kind) => this.#save(kind));
    this.#buttons = new Buttons(model, () => this.#runs.at(-1)?.lastStep ?? 0);
    this.#furnish();
    this.#tooltip = new Tooltip(this.#plots);
    listenToKeys(this.#plots, this.#reader, () => this.#say());
    frame.onEnd(store.onChange(() => this.#redraw()));
    frame.onEnd(this.#settings.onChange(() => this.#redraw(true)));
    frame.onEnd(() => this.#end());
    frame.onScheme(() => this.#redraw(true));
    this.#write();
  }

  #furnish(): void {
    const { tools, body, foot } = this.#frame;
    tools.append(this.#buttons.element);
    this.#plots.tabIndex = 0;
    this.#plots.setAttribute("role", "application");
    this.#plots.setAttribute("aria-label", `curves. ${keysInWords}`);
    this.#said.setAttribute("aria-live", "polite");
    body.append(this.#toolbar.element, this.#plots, this.#said);
    const hint = make("span", "gb-curve-hint");
    hint.textContent = "drag: zoom · double click: everything · click, then wheel and keys";
    foot.append(this.#stand, hint);
    // It follows the data: read out each time it would be noise.
    foot.setAttribute("aria-live", "off");
  }

  get #colours(): Colours {
    return (name) => this.#frame.root.style.getPropertyValue(`--gb-${name}`);
  }

  get #runs() {
    return this.#store.log.runs;
  }

  /** What is to be seen now. */
  #current(): Scene {
    this.#scene ??= sceneOf(this.#runs, this.#model.get<Scales>("scales"), this.#settings.all, this.#readings, {
      width: this.#width,
      heightOf,
      density: Math.min(2, devicePixelRatio || 1),
    });
    return this.#scene;
  }

  /** Draws before the next frame. @param withWords also writes the words anew, whenever that was done last */
  #redraw(withWords = false): void {
    this.#scene = undefined;
    if (withWords) this.#wroteAt = 0;
    this.#request();
  }

  #request(): void {
    this.#requested ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#requested = 0;
    const wait = this.#wroteAt + writing - performance.now();
    if (wait <= 0) this.#write();
    else this.#late ??= setTimeout(() => this.#redraw(true), wait);
    this.#plots.toggleAttribute("data-behind", this.#late !== undefined);
    for (const { canvas } of this.#places) canvas.now();
    this.#showTooltip();
  }

  #drawPlace(place: PanelPlace, context: CanvasRenderingContext2D, width: number): void {
    if (width !== this.#width) this.#scene = undefined;
    this.#width = width;
    const scene = this.#current();
    const panel = scene.panels.find(({ group }) => group.unit === place.unit);
    if (!panel) return;
    const pen = new CanvasPen(context);
    drawPanel(pen, scene, panel, this.#colours);
    const { cross } = this.#reader;
    if (cross !== undefined) drawCrosshair(pen, scene, panel, cross, hitsAt(scene, cross), this.#colours);
    this.#drawDrag(pen, scene, panel);
  }

  #drawDrag(pen: CanvasPen, scene: Scene, panel: ScenePanel): void {
    const { drag } = this.#reader;
    // A stretch of the horizontal axis is one of all panels.
    if (!drag || (drag.panel.group.unit !== panel.group.unit && (drag.y || !drag.x))) return;
    const [left, right] = drag.x ?? [scene.left, scene.right];
    const [top, bottom] = drag.y ?? [panel.top, panel.bottom];
    pen.within(scene.left, panel.top, scene.right - scene.left, panel.bottom - panel.top, () =>
      pen.rectangle(left, top, right - left, bottom - top, { colour: this.#colours("line0"), opacity: 0.16 }),
    );
  }

  /** What is at the crosshair, where there is one inside the picture. */
  #hits(): readonly Hit[] {
    const { cross } = this.#reader;
    const scene = this.#current();
    const place = cross === undefined ? Number.NaN : scene.x.at(cross);
    return place >= scene.left - 1 && place <= scene.right + 1 ? hitsAt(scene, cross!) : [];
  }

  #showTooltip(): void {
    const hits = this.#reader.drag ? [] : this.#hits();
    const place = this.#current().x.at(this.#reader.cross ?? 0);
    if (hits.length === 0) this.#tooltip.hide();
    else this.#tooltip.show(place, this.#places[0]!.plot.offsetTop, ...rowsOf(hits, this.#colours));
  }

  /** Reads the crosshair out. */
  #say(): void {
    const hits = this.#hits();
    const values = hits.map((hit) => `${nameInWords(hit)} ${valueInWords(hit)}`);
    this.#said.textContent = [placeInWords(hits), ...values].join(", ");
  }

  /** Brings everything but the pictures up to date. */
  #write(): void {
    this.#wroteAt = performance.now();
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#arrange();
    const scene = this.#current();
    scene.panels.forEach((panel, index) => {
      const place = this.#places[index]!;
      place.show(panel.group.name, panel.scale === "log", heightOf(index, scene.panels.length));
      place.legend.show(this.#entriesOf(panel, index));
    });
    this.#toolbar.show(this.#runs);
    this.#buttons.show();
    const words = this.#inWords();
    if (this.#stand.textContent !== words) this.#stand.textContent = words;
  }

  /** Has a place for each panel. */
  #arrange(): void {
    const units = this.#current().panels.map(({ group }) => group.unit);
    if (units.join("\n") === this.#places.map(({ unit }) => unit).join("\n")) return;
    for (const place of this.#places.splice(0)) place.end();
    this.#places = units.map((unit, index) => this.#makePlace(unit, heightOf(index, units.length)));
    this.#scene = undefined;
  }

  #makePlace(unit: string, height: number): PanelPlace {
    const { zoom, logY } = this.#settings;
    const place = new PanelPlace(this.#plots, unit, height, {
      draw: (drawn, context, width) => this.#drawPlace(drawn, context, width),
      acted: (member, action) => this.#act(member, action),
      logged: (on) => {
        const { [unit]: _, ...y } = zoom.value.y;
        zoom.set({ ...zoom.value, y });
        logY.set({ ...logY.value, [unit]: on });
      },
    });
    listenToPointer(place.plot, this.#reader, {
      panel: () => this.#current().panels.find(({ group }) => group.unit === unit),
      focused: () => this.#frame.root.contains(document.activeElement),
      focus: () => this.#plots.focus({ preventScroll: true }),
    });
    return place;
  }

  #entriesOf(panel: ScenePanel, index: number): Entry[] {
    const view = this.#settings.all;
    const members = membersOf(panel, index, this.#runs, view);
    return members.map((member) => entryOf(member, panel, view, this.#readings, this.#colours));
  }

  #act(member: Member, action: LegendAction): void {
    const view = this.#settings.all;
    const panels = this.#current().panels.map((panel, index) => membersOf(panel, index, this.#runs, view));
    this.#settings.hidden.set(hiddenAfter(action, member, panels, view.hidden));
  }

  #inWords(): string {
    const run = this.#runs.at(-1);
    if (!run) return "nothing added yet";
    const line = [...run.lines.values()].find(({ length }) => length > 0);
    const epoch = run.epochs.known ? [`epoch ${formatNumber(run.epochs.at(run.lastStep, run.lastStep))}`] : [];
    const seconds = line ? [duration(line.seconds[line.length - 1]!)] : [];
    const runs = this.#runs.length > 1 ? [`${run.name}, the last of ${this.#runs.length} runs`] : [];
    return [`step ${grouped(run.lastStep)}`, ...epoch, ...seconds, ...runs].join(" · ");
  }

  #save(kind: FileKind): void {
    const scene = this.#current();
    const panels = scene.panels.map((panel, index) => ({
      height: heightOf(index, scene.panels.length),
      entries: this.#entriesOf(panel, index),
    }));
    const title = this.#model.get<string>("title");
    save(kind, { title, runs: this.#runs, scene, panels, width: this.#width }, this.#colours);
  }

  #end(): void {
    cancelAnimationFrame(this.#requested);
    clearTimeout(this.#late);
    this.#buttons.end();
    for (const place of this.#places) place.end();
  }
}
