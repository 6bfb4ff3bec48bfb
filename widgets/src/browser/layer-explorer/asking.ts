import type { LayerFailure, LayerMessage } from "../../layers/state.ts";
import { followKernel, type PageModel } from "../frame/model.ts";

/** How it stands with what was asked for: no kernel is there, none has answered yet, or it could not. */
export type Asked = "alone" | "waiting" | { readonly because: string };

/** Asks the kernel for what is not in the shared state, once. */
export class Asking {
  readonly #model: PageModel;
  readonly #asked = new Map<string, Exclude<Asked, "alone">>();
  readonly #end: () => void;
  #answers = false;

  /** @param changed something has become known: that a kernel is there, or that it could not give something */
  constructor(model: PageModel, changed: () => void) {
    this.#model = model;
    const hear = (content: LayerFailure | null) => {
      if (content?.type !== "failed") return;
      this.#asked.set(JSON.stringify(content.asked), { because: content.because });
      changed();
    };
    model.on("msg:custom", hear);
    const stop = followKernel(model, (there) => {
      this.#answers = there;
      if (!there) this.#asked.clear();
      changed();
    });
    this.#end = () => {
      stop();
      model.off("msg:custom", hear);
    };
  }

  /** Whether a kernel is there. */
  get answers(): boolean {
    return this.#answers;
  }

  /** Asks, if that makes sense, and says how it stands. */
  for(message: LayerMessage): Asked {
    if (!this.#answers) return "alone";
    const key = JSON.stringify(message);
    const state = this.#asked.get(key);
    if (state === undefined) {
      this.#asked.set(key, "waiting");
      this.#model.send(message);
    }
    return state ?? "waiting";
  }

  /** It has come: when it is missing another time, it is to be asked for anew. */
  came(message: LayerMessage): void {
    this.#asked.delete(JSON.stringify(message));
  }

  end(): void {
    this.#end();
  }
}
