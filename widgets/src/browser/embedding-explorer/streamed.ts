import type { LayoutName, MapMessage, RunState } from "../../embedding/state.ts";
import { floats, type PageModel } from "../frame/model.ts";

/** A map that came as a message: newer than the one in the state. */
export interface StreamedMap {
  readonly positions: Float32Array;
  readonly run: RunState;
  readonly sequence: number;
}

/** What the kernel has sent beside the state: views that are opened later begin with it. */
export class Streamed {
  readonly #maps = new Map<LayoutName, StreamedMap>();
  readonly #listeners = new Set<(map: StreamedMap) => void>();
  #latest: number | undefined;

  constructor(model: PageModel) {
    model.on("msg:custom", (content: MapMessage | null, buffers: readonly DataView[]) => {
      if (content?.type !== "map") return;
      const map = { positions: floats(buffers[0]), run: content.run, sequence: content.sequence };
      this.#latest = content.sequence;
      this.#maps.set(content.dimensions === 3 ? "tsne3" : "tsne2", map);
      for (const listener of this.#listeners) listener(map);
    });
    // Messages and changes of the state come in the order in which they were sent.
    for (const [layout, run] of [
      ["tsne2", "run2"],
      ["tsne3", "run3"],
    ] as const) {
      const forget = () => void this.#maps.delete(layout);
      model.on(`change:${layout}`, forget);
      model.on(`change:${run}`, () => {
        const map = this.#maps.get(layout);
        // A run that was paused keeps its map until it is in the state.
        if (map) this.#maps.set(layout, { ...map, run: model.get<RunState>(run) });
      });
    }
  }

  /** The number of the map that came last, to be sent back once it was drawn. */
  get latest(): number | undefined {
    return this.#latest;
  }

  get(layout: LayoutName): StreamedMap | undefined {
    return this.#maps.get(layout);
  }

  /** Calls back with each map that comes. @returns how to stop it. */
  onMap(listener: (map: StreamedMap) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const all = new Map<string, Streamed>();

/** Begins to listen for a model, before any view of it is opened. @returns how to end it. */
export function listen(model: PageModel): () => void {
  const id = model.get<string>("id");
  const streamed = new Streamed(model);
  all.set(id, streamed);
  return () => {
    if (all.get(id) === streamed) all.delete(id);
  };
}

/** What was sent to a model: the same for all its views. */
export function streamedOf(model: PageModel): Streamed {
  const id = model.get<string>("id");
  if (!all.has(id)) listen(model);
  return all.get(id)!;
}
