import { giveBack } from "./ownership.ts";
import { activeRecorders } from "./recording.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Tensors that an object made for itself and has shown to nobody, such as what an optimiser remembers. When one is
 * replaced, its memory can go at once: a device whose memory the garbage collector does not see need not wait for it,
 * and the others use the same memory again for the next step.
 */
export class Unseen {
  readonly #tensors = new Set<Tensor>();

  /**
   * Takes in tensors made just now and not yet evaluated: each will have memory of its own. None while a gradient is
   * being recorded, for the way back may lead through it.
   */
  made(tensors: readonly Tensor[]): void {
    if (activeRecorders().length > 0) return;
    for (const tensor of tensors) if (tensor.state.kind === "pending") this.#tensors.add(tensor);
  }

  /** All that is here now was shown, or may have been: the garbage collector looks after it. */
  shown(): void {
    this.#tensors.clear();
  }

  /** Gives back the memory of what nobody has seen, when others have taken its place; none of `stay` loses its own. */
  replace(replaced: readonly Tensor[], stay: readonly Tensor[]): void {
    for (const tensor of replaced)
      if (this.#tensors.delete(tensor) && activeRecorders().length === 0) giveBack(tensor, stay);
  }
}
