/** A line as two lists of the same length; a `y` of NaN breaks it. */
export interface Points {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * A line that may grow for ever in bounded memory. It is kept as runs of equally many points, of which the lowest and
 * the highest stay; when there are too many runs, neighbours merge. So peaks survive, a new point costs O(1), and up
 * to twice the capacity nothing is left out.
 */
export class Trace {
  readonly #capacity: number;
  readonly #lowX: Float64Array;
  readonly #lowY: Float64Array;
  readonly #highX: Float64Array;
  readonly #highY: Float64Array;
  readonly #broken: Uint8Array;
  #runs = 0;
  #runLength = 1;
  #inLastRun = 0;
  #breakNext = false;
  #first: readonly [x: number, y: number] | undefined;
  #lastX = Number.NaN;
  #lastY = Number.NaN;

  constructor(capacity = 1000) {
    this.#capacity = capacity + (capacity % 2);
    this.#lowX = new Float64Array(this.#capacity);
    this.#lowY = new Float64Array(this.#capacity);
    this.#highX = new Float64Array(this.#capacity);
    this.#highY = new Float64Array(this.#capacity);
    this.#broken = new Uint8Array(this.#capacity);
  }

  /** Appends a point. A `y` that is not finite leaves a gap. */
  push(x: number, y: number): void {
    if (!Number.isFinite(y)) {
      this.#breakNext = true;
      return;
    }
    this.#first ??= [x, y];
    this.#lastX = x;
    this.#lastY = y;
    if (this.#runs === 0 || this.#inLastRun === this.#runLength) this.#open();
    const run = this.#runs - 1;
    if (this.#inLastRun === 0 || y < this.#lowY[run]!) {
      this.#lowX[run] = x;
      this.#lowY[run] = y;
    }
    if (this.#inLastRun === 0 || y > this.#highY[run]!) {
      this.#highX[run] = x;
      this.#highY[run] = y;
    }
    if (this.#breakNext) this.#broken[run] = 1;
    this.#breakNext = false;
    this.#inLastRun += 1;
  }

  /** The line in order of arrival, in about `limit` points at most; its first and last points are always there. */
  points(limit = Number.POSITIVE_INFINITY): Points {
    const x: number[] = [];
    const y: number[] = [];
    if (!this.#first) return { x, y };
    const put = (px: number, py: number) => {
      if (x.at(-1) === px && y.at(-1) === py) return;
      x.push(px);
      y.push(py);
    };
    const group = Math.max(1, Math.ceil((2 * this.#runs) / limit));
    for (let start = 0; start < this.#runs; start += group) {
      let low = start;
      let high = start;
      let broken = false;
      for (let run = start; run < Math.min(start + group, this.#runs); run++) {
        if (this.#lowY[run]! < this.#lowY[low]!) low = run;
        if (this.#highY[run]! > this.#highY[high]!) high = run;
        broken ||= this.#broken[run] === 1;
      }
      const lowPoint = [this.#lowX[low]!, this.#lowY[low]!] as const;
      const highPoint = [this.#highX[high]!, this.#highY[high]!] as const;
      if (broken && x.length > 0) put(Math.min(lowPoint[0], highPoint[0]), Number.NaN);
      if (start === 0) put(...this.#first);
      const inOrder = lowPoint[0] <= highPoint[0] ? [lowPoint, highPoint] : [highPoint, lowPoint];
      for (const point of inOrder) put(...point);
    }
    put(this.#lastX, this.#lastY);
    return { x, y };
  }

  #open(): void {
    if (this.#runs === this.#capacity) this.#merge();
    // After a merge the last run has just been filled: capacity is even.
    this.#broken[this.#runs] = 0;
    this.#runs += 1;
    this.#inLastRun = 0;
  }

  #merge(): void {
    for (let pair = 0; pair < this.#runs / 2; pair++) {
      const [a, b] = [2 * pair, 2 * pair + 1];
      const low = this.#lowY[b]! < this.#lowY[a]! ? b : a;
      const high = this.#highY[b]! > this.#highY[a]! ? b : a;
      this.#lowX[pair] = this.#lowX[low]!;
      this.#lowY[pair] = this.#lowY[low]!;
      this.#highX[pair] = this.#highX[high]!;
      this.#highY[pair] = this.#highY[high]!;
      this.#broken[pair] = this.#broken[a]! | this.#broken[b]!;
    }
    this.#runs /= 2;
    this.#runLength *= 2;
  }
}
