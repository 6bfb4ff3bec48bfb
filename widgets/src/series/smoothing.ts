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

  /** @param count of how many values one after another it is the mean */
  push(value: number, count = 1): number {
    if (count > 0 && Number.isFinite(value)) {
      const stays = count === 1 ? this.#beta : this.#beta ** count;
      this.#sum = stays * this.#sum + (1 - stays) * value;
      this.#weight = stays * this.#weight + (1 - stays);
    }
    return this.#weight === 0 ? Number.NaN : this.#sum / this.#weight;
  }

  /** Another one that has seen the same values. */
  copy(): MovingAverage {
    const same = new MovingAverage(this.#beta);
    same.#sum = this.#sum;
    same.#weight = this.#weight;
    return same;
  }
}
