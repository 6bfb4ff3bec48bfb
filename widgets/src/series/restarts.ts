/** Runs that begin within this time one after another, in milliseconds … */
const soon = 1000;
/** … and are shorter than this many observations … */
const short = 10;
/** … are several loops that take turns, once there are so many. */
const many = 20;

/**
 * Tells trainings that begin again, each as a run of its own, from several loops that add to the same one in turns:
 * their steps go back all the time, and a run for each of them would never end.
 */
export class Restarts {
  #inTurns = false;
  /** How many runs have begun shortly one after another. */
  #quick = 0;
  #began = Number.NEGATIVE_INFINITY;
  #added = 0;

  /** Notes an observation that was added. */
  note(): void {
    this.#added += 1;
  }

  /**
   * Notes that the step went back.
   * @param now in milliseconds
   * @returns `"run"` where a run begins; or else the steps are those of several loops, `"first"` when that has just shown.
   */
  again(now: number): "run" | "first" | "in turns" {
    if (now - this.#began < soon && this.#added < short) this.#quick += 1;
    // Those who were found once are soon found again, when they have paused for something.
    else this.#quick = this.#inTurns ? many - 1 : 0;
    this.#began = now;
    this.#added = 0;
    if (this.#quick < many) return "run";
    const first = !this.#inTurns;
    this.#inTurns = true;
    return first ? "first" : "in turns";
  }
}
