/**
 * Exponential moving average without the bias towards its start at zero:
 * after n values it is Σ βⁿ⁻ⁱ yᵢ / Σ βⁿ⁻ⁱ. Values that are not finite are skipped.
 */
export class MovingAverage {
  readonly #beta: number;
  #sum = 0;
  #weight = 0;

  /** @param beta how much of the average stays at each value, from 0 (none) to below 1 */
  constructor(beta: number) {
    this.#beta = beta;
  }

  /** @param gap how many values back the one before was; more than 1 where some were left out between */
  push(value: number, gap = 1): number {
    if (Number.isFinite(value)) {
      const stays = gap === 1 ? this.#beta : this.#beta ** gap;
      this.#sum = stays * this.#sum + (1 - stays) * value;
      this.#weight = stays * this.#weight + (1 - stays);
    }
    return this.#weight === 0 ? Number.NaN : this.#sum / this.#weight;
  }
}
