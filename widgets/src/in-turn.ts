/** Does one thing after another: what is asked for while something is under way waits for its end. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what comes out, or fails as the work does; what was asked for later is done all the same */
  next<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
