/** Numbers about one channel. */
export interface ChannelStatistics {
  /** The lowest and the highest finite value; NaN when there is none. */
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  /** The root of the sum of squares. */
  readonly norm: number;
}

const each = 4;

/** Lowest, highest, mean and norm of each of `channels` equal parts of the values, one after another. */
export function measure(values: ArrayLike<number>, channels: number): Float32Array {
  const size = values.length / channels;
  const found = new Float32Array(each * channels);
  for (let channel = 0; channel < channels; channel++) {
    let [low, high, sum, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
    for (let i = channel * size; i < (channel + 1) * size; i++) {
      const value = Number(values[i]);
      sum += value;
      squares += value * value;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    found.set(low > high ? [Number.NaN, Number.NaN] : [low, high], each * channel);
    found.set([sum / size, Math.sqrt(squares)], each * channel + 2);
  }
  return found;
}

/** The numbers of one channel out of what {@link measure} gave. */
export function statisticsOf(measured: Float32Array, channel: number): ChannelStatistics {
  const [low, high, mean, norm] = measured.subarray(each * channel, each * (channel + 1));
  return { low: low!, high: high!, mean: mean!, norm: norm! };
}

/** A channel over all inputs that were seen. `norm` is that of all of them together. */
export function overInputs(measured: readonly Float32Array[], channel: number): ChannelStatistics {
  let [low, high, mean, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const one of measured) {
    const channelOfOne = statisticsOf(one, channel);
    // A comparison with NaN is false: what is not finite on one input does not hide the others.
    if (channelOfOne.low < low) low = channelOfOne.low;
    if (channelOfOne.high > high) high = channelOfOne.high;
    mean += channelOfOne.mean / measured.length;
    squares += channelOfOne.norm ** 2;
  }
  const norm = Math.sqrt(squares);
  return low > high ? { low: Number.NaN, high: Number.NaN, mean, norm } : { low, high, mean, norm };
}

/** Whether a channel says the same of every place of every input that was seen. */
export function isDead({ low, high, norm }: ChannelStatistics): boolean {
  return low === high && Number.isFinite(norm);
}
