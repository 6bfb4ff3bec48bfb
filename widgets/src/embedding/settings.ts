import type { RunSettings } from "./state.ts";

/** The settings with which t-SNE begins where nothing else is said, for so many points. */
export function defaultSettings(count: number): RunSettings {
  return {
    perplexity: Math.max(1, Math.min(30, Math.floor((count - 1) / 3))),
    rate: null,
    exaggeration: 12,
    seed: null,
  };
}

/** Says what is wrong with a setting; nothing where t-SNE can run with all of them. */
export function complaintAbout(settings: RunSettings, count: number): string | undefined {
  const { perplexity, rate, exaggeration, seed } = settings;
  if (!(perplexity >= 1 && perplexity < count))
    return `perplexity is ${perplexity}, expected at least 1 and less than ${count}, the number of points`;
  if (rate !== null && !(rate > 0)) return `learning rate is ${rate}, expected a positive number`;
  if (!(exaggeration > 0)) return `exaggeration is ${exaggeration}, expected a positive number`;
  if (seed !== null && !Number.isInteger(seed)) return `seed is ${seed}, expected a whole number`;
  return undefined;
}

/** Small, so that no point is far from the others at first: the spread of gradbook's own start. */
const spread = 1e-4;

/** Random places to start from: normally distributed, the same for the same seed. */
export function randomPlaces(count: number, dimensions: 2 | 3, seed: number): Float32Array {
  const places = new Float32Array(count * dimensions);
  let state = seed >>> 0;
  // Mulberry32; the logarithm below needs numbers above zero.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  // Box and Muller.
  for (let i = 0; i < places.length; i++)
    places[i] = spread * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
  return places;
}

/** What can be wrong in a state. */
interface Checked {
  readonly selected?: ArrayLike<number>;
  readonly focus?: number | null;
  readonly settings?: RunSettings;
}

/** Gives back what makes sense, as what the page sets should, and throws otherwise. */
export function checkedState<Proposed extends Checked>(proposed: Proposed, count: number): Proposed {
  const { selected = [], focus, settings } = proposed;
  for (const index of [...Array.from(selected), focus ?? 0]) {
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw new RangeError(`embeddingExplorer: there is no point ${index}, expected 0 … ${count - 1}.`);
  }
  const complaint = settings && complaintAbout(settings, count);
  if (complaint) throw new RangeError(`embeddingExplorer: ${complaint}.`);
  return proposed;
}
