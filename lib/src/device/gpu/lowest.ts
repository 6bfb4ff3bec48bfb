/** Things of which the one with the lowest number is taken first. */
export class Lowest<T extends { readonly id: number }> {
  /** None has a lower number than the one at half its place. */
  readonly #things: T[] = [];

  get length(): number {
    return this.#things.length;
  }

  add(thing: T): void {
    const things = this.#things;
    let at = things.length;
    things.push(thing);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (things[above]!.id <= thing.id) break;
      things[at] = things[above]!;
      at = above;
    }
    things[at] = thing;
  }

  take(): T | undefined {
    const things = this.#things;
    const lowest = things[0];
    const last = things.pop();
    if (last === undefined || things.length === 0) return lowest;
    let at = 0;
    for (let below = 1; below < things.length; below = 2 * at + 1) {
      if (below + 1 < things.length && things[below + 1]!.id < things[below]!.id) below++;
      if (last.id <= things[below]!.id) break;
      things[at] = things[below]!;
      at = below;
    }
    things[at] = last;
    return lowest;
  }

  /** Takes any of them, a high one rather than a low one. */
  takeHigh(): T | undefined {
    return this.#things.pop();
  }
}
