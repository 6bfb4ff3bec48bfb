import { nearestTo } from "../../embedding/neighbours.ts";
import {
  type Camera,
  type ExplorerState,
  type FromPage,
  type LayoutName,
  layoutName,
  type Measure,
  type Neighbours,
  type RunSettings,
  type RunState,
} from "../../embedding/state.ts";
import { floats, followKernel, integers, type PageModel, Setting } from "../frame/model.ts";
import { hitsOf, type Points, pointsOf } from "./points.ts";
import { spritesOf } from "./read-sprites.ts";
import type { Sprites } from "./sprites.ts";
import { streamedOf } from "./streamed.ts";

/** A layout as it is shown. */
export interface ShownLayout {
  readonly name: LayoutName;
  readonly positions: Float32Array;
  readonly dimensions: 2 | 3;
}

/** Neighbours, and in which space they were found. */
export interface FoundNeighbours extends Neighbours {
  readonly by: "page" | "kernel" | "map";
}

/** How much a point matters at the moment. */
export const faint = 0;
export const normal = 1;
export const strong = 2;

/** Names of shared values that a view follows. */
const followed = [
  "classOf",
  "thumbnails",
  "tsne2",
  "tsne3",
  "pca",
  "given",
  "run2",
  "run3",
  "method",
  "inSpace",
  "settings",
  "camera",
  "hidden",
  "selected",
  "focus",
  "k",
  "measure",
  "neighbours",
  "search",
  "showImages",
  "showNames",
] as const;

/** What has changed; `map`: a map of t-SNE has come; `kernel`: one answers; `sprites`: images can be drawn. */
export type Change = (typeof followed)[number] | "map" | "kernel" | "sprites";

/** The points, what the reader has set, and what follows from it: which layout, which points matter. */
export class Explorer {
  readonly model: PageModel;
  readonly points: Points;
  readonly method: Setting<ExplorerState["method"]>;
  readonly inSpace: Setting<boolean>;
  readonly runSettings: Setting<RunSettings>;
  readonly camera: Setting<Camera | null>;
  readonly hidden: Setting<readonly number[]>;
  readonly focus: Setting<number | null>;
  readonly k: Setting<number>;
  readonly measure: Setting<Measure>;
  readonly search: Setting<string>;
  readonly showImages: Setting<boolean>;
  readonly showNames: Setting<boolean>;
  readonly #selected: Setting<DataView | Int32Array>;
  readonly #listeners = new Set<(changes: ReadonlySet<Change>) => void>();
  readonly #undo: (() => void)[] = [];
  readonly #known = new Map<string, { readonly of: readonly unknown[]; readonly value: unknown }>();
  readonly #changes = new Set<Change>();
  #connected = false;
  #sprites: Sprites | undefined;

  constructor(model: PageModel) {
    this.model = model;
    this.points = pointsOf(model);
    this.method = new Setting(model, "method");
    this.inSpace = new Setting(model, "inSpace");
    this.runSettings = new Setting(model, "settings");
    this.camera = new Setting(model, "camera");
    this.hidden = new Setting(model, "hidden");
    this.focus = new Setting(model, "focus");
    this.k = new Setting(model, "k");
    this.measure = new Setting(model, "measure");
    this.search = new Setting(model, "search");
    this.showImages = new Setting(model, "showImages");
    this.showNames = new Setting(model, "showNames");
    this.#selected = new Setting(model, "selected");
    for (const name of followed) {
      const changed = () => this.#changed(name);
      model.on(`change:${name}`, changed);
      this.#undo.push(() => model.off(`change:${name}`, changed));
    }
    this.#undo.push(streamedOf(model).onMap(() => this.#changed("map")));
    this.#undo.push(
      followKernel(model, (there) => {
        this.#connected = there;
        this.#changed("kernel");
      }),
    );
    // Without its images a map is one of dots.
    this.#readImages().catch((error: unknown) => console.warn("embeddingExplorer: the images cannot be read.", error));
  }

  /** Calls back once for all that has changed in one go. */
  onChange(listener: (changes: ReadonlySet<Change>) => void): void {
    this.#listeners.add(listener);
  }

  end(): void {
    this.#listeners.clear();
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** Whether a kernel answers. */
  get connected(): boolean {
    return this.#connected;
  }

  /** The images, once they were read and while they are to be shown. */
  get sprites(): Sprites | undefined {
    return this.showImages.value ? this.#sprites : undefined;
  }

  /** The images, whether they are shown or not. */
  get images(): Sprites | undefined {
    return this.#sprites;
  }

  tell(message: FromPage): void {
    this.model.send(message);
  }

  get dimensions(): 2 | 3 {
    return this.inSpace.value ? 3 : 2;
  }

  /** The names of the layouts that there are or can be. */
  get choices(): ExplorerState["method"][] {
    const has = (name: string) => this.model.get(name) !== null;
    return [
      ...(this.model.get("canRun") || has("tsne2") || has("tsne3") ? (["tsne"] as const) : []),
      ...(has("pca") ? (["pca"] as const) : []),
      ...(has("given") ? (["given"] as const) : []),
    ];
  }

  /** The layout that is to be shown; nothing before t-SNE has begun. */
  get layout(): ShownLayout | undefined {
    const name = layoutName(this.method.value, this.inSpace.value);
    const streamed = streamedOf(this.model).get(name);
    if (streamed) return { name, positions: streamed.positions, dimensions: name === "tsne3" ? 3 : 2 };
    const kept = this.model.get<{ positions: DataView; dimensions: 2 | 3 } | null>(name);
    if (!kept) return undefined;
    return this.#once(`layout ${name}`, [kept], () => {
      return { name, positions: floats(kept.positions), dimensions: kept.dimensions };
    });
  }

  /** Whether the layout that is chosen can be looked at in space. */
  get canBeInSpace(): boolean {
    if (this.method.value === "tsne") return this.model.get("canRun") || this.model.get("tsne3") !== null;
    return this.model.get<{ dimensions: number } | null>(this.method.value)?.dimensions === 3;
  }

  /** Whether it is drawn in space. */
  get isInSpace(): boolean {
    return this.inSpace.value && (this.layout?.dimensions ?? 3) === 3;
  }

  get run(): RunState {
    const name = layoutName("tsne", this.inSpace.value);
    return streamedOf(this.model).get(name)?.run ?? this.model.get<RunState>(this.inSpace.value ? "run3" : "run2");
  }

  get sequence(): number | undefined {
    return streamedOf(this.model).latest;
  }

  get selected(): Int32Array {
    const view = this.#selected.value;
    return this.#once("selected", [view], () => integers(view as DataView));
  }

  select(indices: Iterable<number>): void {
    this.#selected.set(Int32Array.from(new Set(indices)));
  }

  /** For each class, whether its points are left out. */
  get hiddenClasses(): Uint8Array {
    const { value } = this.hidden;
    return this.#once("hidden", [value], () => {
      const hidden = new Uint8Array(this.points.classes?.length ?? 1);
      for (const index of value) hidden[index] = 1;
      return hidden;
    });
  }

  isShown(index: number): boolean {
    const { classOf } = this.points;
    return !classOf || this.hiddenClasses[classOf[index]!] === 0;
  }

  /** The points that the reader searches for. */
  get hits(): readonly number[] {
    const text = this.search.value.trim().toLowerCase();
    return this.#once("hits", [text], () => hitsOf(this.points, text));
  }

  /** The neighbours of the point in focus; nothing while the kernel looks for them. */
  get neighbours(): FoundNeighbours | undefined {
    const point = this.focus.value;
    if (point === null) return undefined;
    const [k, measure] = [this.k.value, this.measure.value];
    const { vectors, features } = this.points;
    if (vectors)
      return this.#once("neighbours", [point, k, measure], () => {
        return { point, k, measure, ...nearestTo(vectors, features, point, k, measure), by: "page" };
      });
    const answer = this.model.get<Neighbours | null>("neighbours");
    if (answer && answer.point === point && answer.k === k && answer.measure === measure)
      return this.#once("answer", [answer], () => ({ ...answer, by: "kernel" }));
    if (this.#connected) return undefined;
    const { layout } = this;
    if (!layout) return undefined;
    return this.#once("on the map", [point, k, layout.positions], () => {
      const found = nearestTo(layout.positions, layout.dimensions, point, k, "euclidean");
      return { point, k, measure: "euclidean", ...found, by: "map" };
    });
  }

  /** Asks the kernel for neighbours, where they are not known here. */
  askForNeighbours(): void {
    const point = this.focus.value;
    if (point === null || !this.#connected || this.neighbours) return;
    this.tell({ type: "neighbours", point, k: this.k.value, measure: this.measure.value });
  }

  /** Which points matter: those in focus, or else those searched for, or else those selected, before all others. */
  get emphasis(): Uint8Array {
    const { neighbours, selected, hits } = this;
    const focus = this.focus.value;
    return this.#once("emphasis", [neighbours, focus, selected, hits, this.search.value], () => {
      const emphasis = new Uint8Array(this.points.count).fill(normal);
      const chosen =
        focus !== null ? [focus, ...(neighbours?.indices ?? [])] : this.search.value.trim() ? hits : selected;
      if (chosen.length === 0 && (focus !== null || this.search.value.trim() === "")) return emphasis;
      emphasis.fill(faint);
      for (const index of chosen) emphasis[index] = strong;
      return emphasis;
    });
  }

  /** Works something out again only when what it depends on has changed. */
  #once<Value>(name: string, of: readonly unknown[], work: () => Value): Value {
    const known = this.#known.get(name);
    if (known && known.of.length === of.length && known.of.every((value, i) => value === of[i]))
      return known.value as Value;
    const value = work();
    this.#known.set(name, { of, value });
    return value;
  }

  #changed(name: Change): void {
    this.#changes.add(name);
    if (this.#changes.size > 1) return;
    queueMicrotask(() => {
      const changes = new Set(this.#changes);
      this.#changes.clear();
      for (const listener of this.#listeners) listener(changes);
    });
  }

  async #readImages(): Promise<void> {
    const thumbnails = this.model.get<(ExplorerState["thumbnails"] & { png: never }) | null>("thumbnails");
    if (!thumbnails) return;
    this.#sprites = await spritesOf(thumbnails, (thumbnails as { png: unknown }).png as DataView);
    this.#changed("sprites");
  }
}
