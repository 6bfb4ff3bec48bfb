/** Remembers what was asked for of late: so many things at least, and twice as many at most. */
export class Recent<T> {
  readonly #least: number;
  #now = new Map<string, T>();
  /** What the time before left: it is forgotten with that, unless it is asked for. */
  #before = new Map<string, T>();

  constructor(least: number) {
    this.#least = least;
  }

  get(key: string): T | undefined {
    const known = this.#now.get(key);
    if (known !== undefined) return known;
    const old = this.#before.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, thing: T): void {
    if (this.#now.size >= this.#least) {
      this.#before = this.#now;
      this.#now = new Map();
    }
    this.#now.set(key, thing);
  }

  clear(): void {
    this.#now.clear();
    this.#before.clear();
  }
}
