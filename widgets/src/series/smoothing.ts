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

  push(value: number): number {
    if (Number.isFinite(value)) {
      this.#sum = this.#beta * this.#sum + (1 - this.#beta) * value;
      this.#weight = this.#beta * this.#weight + (1 - this.#beta);
    }
    return this.#weight === 0 ? Number.NaN : this.#sum / this.#weight;
  }
}
