import { ArgumentError } from "../../tensor/errors.ts";
import { checkCount } from "../module.ts";
import {
  checkDecoding,
  type Decoded,
  type DecodingOptions,
  type DecodingStep,
  type Draft,
  extended,
  finished,
  look,
  type Outlook,
  rowsOf,
} from "./stepper.ts";

export interface BeamOptions<State> extends DecodingOptions<State> {
  /** How many drafts of each sequence are kept at every step. */
  readonly width: number;
  /**
   * The power α of the length penalty of Wu et al. 2016: drafts of n tokens, the end included, are ranked by
   * log probability / ((5 + n) / 6)^α. 0, if not said: by probability alone, which favours short ones.
   */
  readonly lengthPenalty?: number;
  /** How many of the best are given for each sequence; 1 if not said, at most `width`. */
  readonly nBest?: number;
}

/** What is known of one sequence: open drafts with their rows, and those that have ended. */
interface Beam {
  readonly sequence: number;
  readonly open: readonly Draft[];
  readonly ended: readonly Decoded[];
}

/** A token after one of the open drafts of a beam. */
interface Continuation {
  readonly place: number;
  readonly token: number;
  readonly logProbability: number;
}

/**
 * Beam search: at every step, the `width` most probable drafts of each sequence are carried on; the best that ended are
 * given, best first. A sequence is done when no open draft can become one of its best. Drafts that are open when the steps
 * are used up count as they are, with `ended` false.
 *
 * @example
 * ```ts
 * import { nn, type Tensor, tensor } from "gradbook";
 *
 * // 1 is likelier than 2 at first, but after it nothing is sure.
 * const next = tensor([[0, 0.6, 0.4, 0], [0, 0.4, 0.25, 0.35], [0, 0, 0, 1], [0, 0, 0, 1]]).add(1e-9).log();
 * const step = (state: [], tokens: Tensor<"int32">) => ({ logits: next.take(tokens, 0), state });
 * const [best] = await nn.beamSearch(step, { state: [], first: [0], end: 3, steps: 4, width: 2, nBest: 2 });
 * console.log(best.map(({ tokens }) => tokens)); // [ [ 2 ], [ 1, 2 ] ]
 * ```
 */
export async function beamSearch<State>(
  step: DecodingStep<State>,
  options: BeamOptions<State>,
): Promise<(readonly Decoded[])[]> {
  const who = "beamSearch";
  checkDecoding(who, options);
  const { first, end, steps, signal, width, lengthPenalty = 0, nBest = 1 } = options;
  checkCount(who, "width", width);
  checkCount(who, "nBest", nBest);
  if (nBest > width) throw new ArgumentError(who, `nBest is ${nBest}, expected at most ${width}, the width.`);
  if (!(lengthPenalty >= 0 && Number.isFinite(lengthPenalty)))
    throw new ArgumentError(who, `lengthPenalty is ${lengthPenalty}, expected a number from 0.`);
  const score = ({ tokens, logProbability }: Draft) => penalised(logProbability, tokens.length, lengthPenalty);
  const results = new Array<readonly Decoded[]>(first.length);
  let state = options.state;
  let last = Array.from(first);
  let beams: Beam[] = last.map((_, sequence) => ({
    sequence,
    open: [{ tokens: [], logProbability: 0, weights: [] }],
    ended: [],
  }));
  for (let t = 0; t < steps && beams.length > 0; t++) {
    signal?.throwIfAborted();
    const outlook = await look(who, step, state, last, end);
    const rows: number[] = [];
    const next: Beam[] = [];
    let start = 0;
    for (const beam of beams) {
      const from = start;
      start += beam.open.length;
      const best = continuations(beam, outlook, from, 2 * width);
      const draftOf = ({ place, token }: Continuation) => extended(beam.open[place]!, token, outlook, from + place);
      const over = best.filter(({ token }, rank) => token === end && rank < width).map(draftOf);
      const ended = [...beam.ended, ...over.map((draft) => finished(draft, true, score(draft)))]
        .sort((a, b) => b.score - a.score)
        .slice(0, nBest);
      const kept = best.filter(({ token }) => token !== end).slice(0, width);
      const open = kept.map(draftOf);
      // No draft becomes more probable; the most that length can still make of it is known.
      const hope = penalised(open[0]?.logProbability ?? Number.NEGATIVE_INFINITY, steps, lengthPenalty);
      if (open.length === 0 || (ended.length === nBest && hope <= ended.at(-1)!.score)) {
        results[beam.sequence] = ended;
        continue;
      }
      next.push({ sequence: beam.sequence, open, ended });
      rows.push(...kept.map(({ place }) => from + place));
    }
    beams = next;
    if (beams.length === 0) break;
    state = rowsOf(outlook.state, rows);
    last = beams.flatMap(({ open }) => open.map(({ tokens }) => tokens.at(-1)!));
  }
  for (const { sequence, open, ended } of beams)
    results[sequence] = [...ended, ...open.map((draft) => finished(draft, false, score(draft)))]
      .sort((a, b) => b.score - a.score)
      .slice(0, nBest);
  return results;
}

function penalised(logProbability: number, length: number, power: number): number {
  return logProbability / ((5 + length) / 6) ** power;
}

/** The most probable ways to go on from the drafts of a beam, whose rows begin at `from`. */
function continuations(beam: Beam, outlook: Outlook<unknown>, from: number, count: number): Continuation[] {
  const all = beam.open.flatMap((draft, place) => {
    const own = outlook.logProbabilities[from + place]!;
    return mostOf(own, count).map((token) => ({ place, token, logProbability: draft.logProbability + own[token]! }));
  });
  return all
    .filter(({ logProbability }) => logProbability > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.logProbability - a.logProbability)
    .slice(0, count);
}

/** The places of the greatest values, greatest first. */
function mostOf(values: Float64Array, count: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (best.length === count && values[i]! <= values[best.at(-1)!]!) continue;
    let place = best.length;
    while (place > 0 && values[best[place - 1]!]! < values[i]!) place--;
    best.splice(place, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}
