import { sizes, type TensorLike } from "../data.ts";
import { type MapMoment, MapRun } from "./map-run.ts";
import type { TsneCall } from "./options.ts";
import { PacedStream } from "./paced-stream.ts";
import { checkedState, randomPlaces } from "./settings.ts";
import type { ExplorerState, FromPage, Layout, MapMessage, RunSettings, RunState } from "./state.ts";

/** In how many iterations neighbours attract each other more, in gradbook's t-SNE. */
const early = 250;

/** At least so often, in milliseconds, a map is read while nobody looks on: a page that comes late gets it. */
const longestUnread = 1000;

/** What t-SNE needs to run, and whom it tells. */
export interface LiveTsneParts {
  readonly count: number;
  readonly every: number;
  readonly settings: RunSettings;
  readonly iterations: number;
  /** Nothing where the user has given none. */
  readonly tsne: ((call: TsneCall) => AsyncIterable<MapMoment>) | undefined;
  set(values: Partial<ExplorerState>): void;
  send(message: MapMessage, buffers: readonly Float32Array[]): void;
  /** A map has come to rest, and is in the state. */
  rested(): void;
}

/** t-SNE in the plane and in space: one of them runs at a time, as the page or the kernel says, and streams its maps. */
export class LiveTsne {
  /** The latest maps, which the state gets when they are at rest. */
  readonly maps: { 2: Layout | null; 3: Layout | null } = { 2: null, 3: null };
  readonly runs: { readonly 2: MapRun; readonly 3: MapRun };
  readonly #parts: LiveTsneParts;
  readonly #stream = new PacedStream();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading = false;

  constructor(parts: LiveTsneParts) {
    this.#parts = parts;
    this.runs = { 2: this.#run(2), 3: this.#run(3) };
  }

  /** Goes on in so many dimensions, and holds the other one up. */
  play(dimensions: 2 | 3, settings: RunSettings): void {
    this.runs[dimensions === 2 ? 3 : 2].giveWay();
    this.runs[dimensions].play(settings);
  }

  /** Does what a button in the page says. @throws RangeError for settings with which t-SNE cannot run. */
  steer({ type, dimensions, settings }: Extract<FromPage, { readonly settings: RunSettings }>): void {
    const run = this.runs[dimensions];
    if (!run || !this.#parts.tsne) return;
    if (type === "pause") {
      run.pause();
      return;
    }
    checkedState({ settings }, this.#parts.count);
    this.runs[dimensions === 2 ? 3 : 2].giveWay();
    run[type](settings);
  }

  /** What the views say of themselves and of the maps they were sent. */
  hear(message: Extract<FromPage, { readonly view: string }>): void {
    if (message.type === "ready") this.#stream.join(message.view);
    else if (message.type === "gone") this.#stream.leave(message.view);
    else this.#stream.drawn(message.view, message.sequence);
  }

  /** Puts the map into the state, where it is saved with the notebook. */
  async keep(dimensions: 2 | 3): Promise<void> {
    const { positions } = this.runs[dimensions];
    const map = await this.#read(dimensions);
    // Whoever has gone on meanwhile keeps a later map.
    if (!map || this.runs[dimensions].positions !== positions) return;
    this.#parts.set(dimensions === 2 ? { tsne2: map.layout, run2: map.run } : { tsne3: map.layout, run3: map.run });
    this.#parts.rested();
  }

  #run(dimensions: 2 | 3): MapRun {
    const { settings, iterations, set } = this.#parts;
    const failed = (error: unknown) => this.runs[dimensions].fail(error);
    const parts = {
      start: (chosen: RunSettings, from?: { readonly positions: TensorLike; readonly iteration: number }) =>
        this.#maps(this.#call(dimensions, chosen, from)),
      moved: () => void this.#moved(dimensions).catch(failed),
      settled: () => {
        const run = this.runs[dimensions];
        set(dimensions === 2 ? { run2: run.state } : { run3: run.state });
        if (!run.active) void this.keep(dimensions).catch(failed);
      },
    };
    return new MapRun(parts, settings, iterations);
  }

  async *#maps(call: TsneCall): AsyncGenerator<MapMoment, void, void> {
    const expected = [this.#parts.count, call.components];
    for await (const moment of this.#parts.tsne!(call)) {
      const { shape } = moment.positions;
      if (sizes(shape) !== sizes(expected))
        throw new RangeError(`embeddingExplorer: tsne gave positions ${sizes(shape)}, expected ${sizes(expected)}.`);
      yield moment;
    }
  }

  #call(
    components: 2 | 3,
    { perplexity, rate, exaggeration, seed }: RunSettings,
    from: { readonly positions: TensorLike; readonly iteration: number } | undefined,
  ): TsneCall {
    const { count, every } = this.#parts;
    const random = (chosen: number): TensorLike => ({
      shape: [count, components],
      data: async () => randomPlaces(count, components, chosen),
    });
    const start = from?.positions ?? (seed === null ? undefined : random(seed));
    return {
      perplexity,
      exaggeration,
      // It is ended from outside: where it ends may change meanwhile.
      iterations: 1_000_000_000,
      every,
      components,
      ...(rate !== null && { rate }),
      ...(start && { start }),
      ...(from && { early: Math.max(0, early - from.iteration) }),
    };
  }

  /** Sends the map to the views that can take it. */
  async #moved(dimensions: 2 | 3): Promise<void> {
    const due = this.#stream.open;
    if (this.#reading || (!due && performance.now() - this.#readAt < longestUnread)) return;
    this.#reading = true;
    try {
      const map = await this.#read(dimensions);
      if (!map || !due) return;
      const { layout, run } = map;
      this.#parts.send({ type: "map", dimensions, sequence: this.#stream.next(), run }, [layout.positions]);
    } finally {
      this.#reading = false;
    }
  }

  async #read(dimensions: 2 | 3): Promise<{ layout: Layout; run: RunState } | undefined> {
    const { positions } = this.runs[dimensions];
    if (!positions) return undefined;
    const layout = { positions: Float32Array.from(await positions.data()), dimensions };
    this.maps[dimensions] = layout;
    this.#readAt = performance.now();
    return { layout, run: this.runs[dimensions].state };
  }
}
