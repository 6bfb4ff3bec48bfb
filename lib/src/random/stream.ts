import { lgamma, polygamma } from "../device/cpu/plain/special.ts";

const block = 512;

/**
 * @internal Random numbers one after another, as many as are needed: for draws that reject some. Words come in blocks,
 * each from a key of its own.
 */
export class Stream {
  readonly #blocks: (index: number, length: number) => Int32Array;
  #words: Int32Array = new Int32Array(0);
  #next = 0;
  #index = 0;
  #spare: number | null = null;

  constructor(blocks: (index: number, length: number) => Int32Array) {
    this.#blocks = blocks;
  }

  #word(): number {
    if (this.#next === this.#words.length) {
      this.#words = this.#blocks(this.#index++, block);
      this.#next = 0;
    }
    return this.#words[this.#next++]! >>> 0;
  }

  /** Uniform in (0, 1), neither end included, with 52 bits. */
  uniform(): number {
    const high = this.#word() >>> 6;
    const low = this.#word() >>> 6;
    return (high * 2 ** 26 + low + 0.5) / 2 ** 52;
  }

  /** Normal (Box and Muller 1958). */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Exponential with rate 1. */
  exponential(): number {
    return -Math.log(this.uniform());
  }

  /** ln of a gamma draw with rate 1 (Marsaglia and Tsang 2000), which small concentrations do not take to zero. */
  logGamma(concentration: number): number {
    // Below 1 a draw of one more is pulled back.
    if (concentration < 1) return this.logGamma(concentration + 1) + Math.log(this.uniform()) / concentration;
    const d = concentration - 1 / 3;
    for (;;) {
      const x = this.normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }

  /** A count by Poisson's law: added up from 0 for small rates, by transformed rejection for others (Hörmann 1993). */
  poisson(rate: number): number {
    if (!(rate > 0)) return rate === 0 ? 0 : Number.NaN;
    if (rate < 10) return this.#addedUp(Math.exp(-rate), (k) => rate / k, Number.POSITIVE_INFINITY);
    const b = 0.931 + 2.53 * Math.sqrt(rate);
    const hat = { a: -0.059 + 0.02483 * b, b, centre: rate + 0.43, inner: 0.9277 - 3.6224 / (b - 2) };
    const scale = Math.log(1.1239 + 1.1328 / (b - 3.4));
    return this.#rejected(hat, scale, (k) => k * Math.log(rate) - rate - lgamma(k + 1));
  }

  /** How many of `trials` succeed: added up where few do, by transformed rejection otherwise (Hörmann 1993). */
  binomial(trials: number, probability: number): number {
    if (!(probability >= 0 && probability <= 1)) return Number.NaN;
    if (probability > 0.5) return trials - this.binomial(trials, 1 - probability);
    const odds = probability / (1 - probability);
    const first = Math.exp(trials * Math.log1p(-probability));
    if (trials * probability < 10) return this.#addedUp(first, (k) => (odds * (trials - k + 1)) / k, trials);
    const spread = Math.sqrt(trials * probability * (1 - probability));
    const b = 1.15 + 2.53 * spread;
    const hat = {
      a: -0.0873 + 0.0248 * b + 0.01 * probability,
      b,
      centre: trials * probability + 0.5,
      inner: 0.92 - 4.2 / b,
    };
    const mode = Math.floor((trials + 1) * probability);
    const height = lgamma(mode + 1) + lgamma(trials - mode + 1);
    const log = (k: number) =>
      k > trials
        ? Number.NEGATIVE_INFINITY
        : height - lgamma(k + 1) - lgamma(trials - k + 1) + (k - mode) * Math.log(odds);
    return this.#rejected(hat, Math.log((2.83 + 5.1 / b) * spread), log);
  }

  /** The first k at which the sum of probabilities exceeds a uniform number. */
  #addedUp(first: number, ratio: (k: number) => number, most: number): number {
    let rest = this.uniform();
    let p = first;
    let k = 0;
    while (rest > p && k < most && (p > 0 || k < 1)) {
      rest -= p;
      k++;
      p *= ratio(k);
    }
    return k;
  }

  /** A whole number under a hat that a uniform pair is bent into; most need no logarithm. */
  #rejected(
    {
      a,
      b,
      centre,
      inner,
    }: { readonly a: number; readonly b: number; readonly centre: number; readonly inner: number },
    scale: number,
    log: (k: number) => number,
  ): number {
    for (;;) {
      const u = this.uniform() - 0.5;
      const v = this.uniform();
      const edge = 0.5 - Math.abs(u);
      const k = Math.floor(((2 * a) / edge + b) * u + centre);
      if (k < 0) continue;
      if (edge >= 0.07 && v <= inner && log(k) > Number.NEGATIVE_INFINITY) return k;
      if (Math.log(v) + scale - Math.log(a / (edge * edge) + b) <= log(k)) return k;
    }
  }
}

/**
 * @internal How ln x moves with the concentration when a gamma draw keeps its place in the distribution (Figurnov,
 * Mohamed and Mnih, NeurIPS 2018): −(∂P/∂a) / (x p(x)), from the series of the incomplete gamma function P(a, x).
 */
export function logGammaSlope(concentration: number, logDraw: number): number {
  const x = Math.exp(logDraw);
  let term = 1 / concentration;
  let harmonic = term;
  let [sum, sumSlope] = [term, -term * harmonic];
  for (let n = 1; n < 1e6; n++) {
    term *= x / (concentration + n);
    harmonic += 1 / (concentration + n);
    sum += term;
    sumSlope -= term * harmonic;
    if (term * harmonic < 1e-17 * Math.abs(sumSlope) && n > x - concentration) break;
  }
  return -(sum * (logDraw - polygamma(0, concentration)) + sumSlope);
}
