import type { TensorLike, Values } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import { unlabelled } from "./embedding/classes.ts";
import { contentsOf } from "./embedding/contents.ts";
import { LiveTsne } from "./embedding/live-tsne.ts";
import type { MapRun } from "./embedding/map-run.ts";
import { nearestTo } from "./embedding/neighbours.ts";
import { checkedSizes, type EmbeddingExplorerOptions } from "./embedding/options.ts";
import { checkedState, complaintAbout, defaultSettings } from "./embedding/settings.ts";
import { type ExplorerState, type FromPage, type Layout, layoutName, type RunState } from "./embedding/state.ts";
import { axesOf, describe } from "./embedding/words.ts";
import { LiveWidget } from "./live-widget.ts";
import { scatterCard } from "./picture/scatter-card.ts";
import { Progress } from "./progress.ts";

const who = "embeddingExplorer";

/** So many points get a map after each iteration; more of them get it more seldom, as each map costs a divergence. */
const pointsPerIteration = 4000;

/** How a run of t-SNE from a cell goes. */
export interface RunOptions {
  /** How many iterations, all in all. */
  readonly iterations?: number;
  /** Whether the map is in space. Default: as the view is. */
  readonly inSpace?: boolean;
}

/** Points of many dimensions as a map that can be explored. Made by {@link embeddingExplorer}. */
export class EmbeddingExplorer<X extends TensorLike = TensorLike> extends LiveWidget<ExplorerState, FromPage> {
  readonly #x: X;
  readonly #options: EmbeddingExplorerOptions<X>;
  readonly #first: ExplorerState;
  readonly #tsne: LiveTsne;
  readonly #listeners = new Set<(selected: readonly number[]) => unknown>();
  #values: Values | undefined;
  #loaded: Promise<void> | undefined;
  #shown = false;

  constructor(x: X, options: EmbeddingExplorerOptions<X> = {}) {
    const first = firstState(x, options);
    super("embedding-explorer", {
      state: first,
      validate: (proposed) => checkedState(proposed, first.count),
      // A page that comes while t-SNE runs gets the latest map.
      snapshot: () => ({ tsne2: this.#tsne.maps[2], tsne3: this.#tsne.maps[3] }),
    });
    this.#x = x;
    this.#options = options;
    this.#first = first;
    const { tsne } = options;
    this.#tsne = new LiveTsne({
      count: first.count,
      every: first.every,
      settings: first.settings,
      iterations: first.run2.iterations,
      tsne: tsne && ((call) => tsne(x, call)),
      set: (values) => this.set(values),
      send: (message, buffers) => this.send(message, buffers),
      rested: () => this.changed(),
    });
    this.onMessage((message) => this.#hear(message));
    this.onChange("selected", (selected) => {
      const indices = Array.from(selected);
      for (const listener of this.#listeners) listener(indices);
    });
  }

  /** The points that are selected, here or in the page, by number. */
  get selected(): readonly number[] {
    return Array.from(this.get("selected"));
  }

  /** Selects points by number; the views show it. @throws RangeError for a number that no point has. */
  select(indices: Iterable<number>): void {
    const all = [...new Set(indices)];
    checkedState({ selected: all }, this.#first.count);
    this.set({ selected: Int32Array.from(all) });
    this.changed();
  }

  /** Calls back when the reader has selected points in the page, with their numbers. @returns how to stop it. */
  onSelect(listener: (selected: readonly number[]) => unknown): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Where the points are in the layout that is shown: `[points, 2 or 3]`, as tensors are, so that another explorer or
   * t-SNE can start from it. Nothing before there is a layout.
   */
  get positions(): TensorLike | undefined {
    const layout = this.#layout;
    if (!layout) return undefined;
    const { positions, dimensions } = layout;
    return { shape: [this.#first.count, dimensions], data: async () => positions };
  }

  /** The divergence of t-SNE's map from the data, in nats; nothing before the first iteration. */
  get kl(): number | undefined {
    return this.#tsne.runs[this.#dimensions].state.kl ?? undefined;
  }

  /**
   * Runs t-SNE to its end, or goes on where it was paused, and resolves there: the notebook is saved with the final map.
   * The buttons in the page work meanwhile. An interrupt of the cell pauses t-SNE;
   * where the reader has it run in the other number of dimensions instead, this one is left as it is, and resolves.
   * @throws what t-SNE throws; TypeError where there is none.
   */
  async run({ iterations, inSpace = this.get("inSpace") }: RunOptions = {}): Promise<this> {
    if (!this.#options.tsne)
      throw new TypeError(
        `${who}.run: there is no tsne, expected one among the options (import { tsne } from "gradbook").`,
      );
    if (iterations !== undefined && !(Number.isInteger(iterations) && iterations > 0))
      throw new RangeError(`${who}.run: iterations is ${iterations}, expected a whole number from 1.`);
    await this.#load();
    this.set({ method: "tsne", inSpace });
    const dimensions = this.#dimensions;
    const run = this.#tsne.runs[dimensions];
    if (iterations !== undefined) run.setLength(iterations);
    if (run.iteration >= run.state.iterations) return this;
    const signal = (globalThis as { readonly [key: symbol]: AbortSignal | undefined })[Symbol.for("Jupyter.signal")];
    const interrupted = () => run.interrupted();
    signal?.addEventListener("abort", interrupted, { once: true });
    const endBar = this.#shown ? undefined : barOf(run);
    try {
      this.#tsne.play(dimensions, this.get("settings"));
      await Promise.race([run.ended(), ...(signal ? [aborted(signal)] : [])]);
      await this.#tsne.keep(dimensions);
    } finally {
      signal?.removeEventListener("abort", interrupted);
      endBar?.();
    }
    return this;
  }

  get #dimensions(): 2 | 3 {
    return this.get("inSpace") ? 3 : 2;
  }

  get #layout(): Layout | null {
    const name = layoutName(this.get("method"), this.get("inSpace"));
    if (name === "tsne2") return this.#tsne.maps[2];
    return name === "tsne3" ? this.#tsne.maps[3] : this.get(name);
  }

  #hear(message: FromPage): void {
    if ("settings" in message) this.#tsne.steer(message);
    else if ("view" in message) this.#tsne.hear(message);
    else if (message.type === "neighbours") this.#findNeighbours(message);
  }

  #findNeighbours({ point, k, measure }: Extract<FromPage, { readonly type: "neighbours" }>): void {
    const { count, features } = this.#first;
    checkedState({ focus: point }, count);
    if (!this.#values) return;
    const found = nearestTo(this.#values.values, features, point, Math.max(1, Math.min(k, 1000)), measure);
    this.set({ neighbours: { point, k, measure, ...found } });
  }

  #load(): Promise<void> {
    this.#loaded ??= contentsOf(this.#x, this.#options).then(
      ({ values, state }) => {
        this.#values = values;
        this.set(state);
      },
      (error: unknown) => {
        // What could not be read now, as in a cell that was interrupted, may be read when it is asked for again.
        this.#loaded = undefined;
        throw error;
      },
    );
    return this.#loaded;
  }

  protected override async bundle(): Promise<MimeBundle> {
    await this.#load();
    const begins = !this.#shown && this.#options.autoplay && this.#options.tsne;
    this.#shown = true;
    if (begins) {
      this.set({ method: "tsne" });
      this.#tsne.play(this.#dimensions, this.get("settings"));
    }
    return super.bundle();
  }

  protected picture(): MimeBundle {
    const method = this.get("method");
    const current = this.#layout;
    const { count, features, title } = this.#first;
    const run = this.#tsne.runs[this.#dimensions].state;
    const note = describe({ count, features, method, run, selected: this.get("selected").length });
    const [across, up] = axesOf(method, this.get("shares"));
    const svg = scatterCard({
      title,
      positions: current?.positions,
      dimensions: current?.dimensions ?? 2,
      axes: [across, up],
      classes: this.get("classes"),
      classOf: this.get("classOf"),
      values: this.get("values"),
      note,
      missing: "t-SNE has not begun: await explorer.run()",
    });
    return { "text/plain": title === "" ? note : `${title}: ${note}`, "image/svg+xml": svg };
  }
}

/**
 * Points of many dimensions as a map that can be explored: t-SNE that runs while one watches, principal components, in
 * the plane and in space, with labels, images, search, selection and nearest neighbours.
 * ```ts
 * import { pca, tsne } from "gradbook";
 * const explorer = embeddingExplorer(x, { labels, images, tsne, pca });
 * display(explorer);
 * await explorer.run({ iterations: 500 });
 * explorer.onSelect((points) => console.log(points));
 * ```
 * @param x the points, `[n, features]`
 * @throws RangeError for sizes that do not fit, TypeError where nothing says where the points go.
 */
export function embeddingExplorer<X extends TensorLike>(
  x: X,
  options: EmbeddingExplorerOptions<X> = {},
): EmbeddingExplorer<X> {
  return new EmbeddingExplorer(x, options);
}

/** The state before anything was read. @throws where sizes or settings do not fit. */
function firstState<X extends TensorLike>(x: X, options: EmbeddingExplorerOptions<X>): ExplorerState {
  const { count, features } = checkedSizes(x, options);
  const usual = defaultSettings(count);
  const settings = {
    perplexity: options.perplexity ?? usual.perplexity,
    rate: options.rate ?? usual.rate,
    exaggeration: options.exaggeration ?? usual.exaggeration,
    seed: options.seed ?? usual.seed,
  };
  const complaint = options.tsne && complaintAbout(settings, count);
  if (complaint) throw new RangeError(`${who}: ${complaint}.`);
  const { iterations = 1000 } = options;
  const waiting: RunState = { status: "waiting", iteration: 0, iterations, kl: null, note: "", settings };
  return {
    title: options.title ?? "",
    count,
    features,
    vectors: null,
    names: options.names ? [...options.names] : null,
    ...unlabelled,
    thumbnails: null,
    tsne2: null,
    tsne3: null,
    pca: null,
    given: null,
    shares: null,
    canRun: options.tsne !== undefined,
    run2: waiting,
    run3: waiting,
    every: Math.max(1, Math.round(count / pointsPerIteration)),
    method: options.positions ? "given" : options.pca ? "pca" : options.tsne ? "tsne" : "given",
    inSpace: options.inSpace ?? false,
    settings,
    camera: null,
    hidden: [],
    selected: new Int32Array(0),
    focus: null,
    k: options.k ?? 10,
    measure: options.measure ?? "euclidean",
    neighbours: null,
    search: "",
    showImages: options.images !== undefined,
    // Names over images would hide them.
    showNames: options.names !== undefined && options.images === undefined,
  };
}

/** A bar in the cell, where the explorer itself is not to be seen yet. @returns how to end it. */
function barOf(run: MapRun): (() => void) | undefined {
  const { display } = globalThis as { display?: (value: unknown) => unknown };
  if (!display) return undefined;
  const bar = new Progress({ title: "t-SNE", total: run.state.iterations, unit: "iteration" });
  const move = () => bar.move(run.iteration, run.state.kl === null ? "" : `KL ${run.state.kl.toFixed(3)}`);
  move();
  display(bar);
  const timer = setInterval(move, 100);
  return () => {
    clearInterval(timer);
    move();
    bar.end(run.state.status === "done" ? "done" : "stopped");
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
