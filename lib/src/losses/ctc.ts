import { ownPullback } from "../gradient/custom.ts";
import type { Fractional } from "../gradient/tree.ts";
import { stack, unbind } from "../operations/joining.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Loss, type LossOptions, reduced, requireFloats } from "./reduced.ts";

export interface CtcOptions extends Omit<LossOptions, "mask"> {
  /** How many steps of each sequence count; all, if not said. */
  readonly lengths?: ArrayLike<number>;
  /** How many labels of each target count; all, if not said. */
  readonly targetLengths?: ArrayLike<number>;
  /** The class that stands for no label; 0 if not said. */
  readonly blank?: number;
  /** Whether sequences too short for their target count as nothing, where their loss is infinite; false if not said. */
  readonly zeroInfinity?: boolean;
}

const nothing = Number.NEGATIVE_INFINITY;

/**
 * Connectionist temporal classification (Graves et al., ICML 2006): −ln of the probability of all ways to spread the
 * labels of a target over time, with blanks between and repetitions, given `logProbabilities [batch, time, classes]`
 * (of `logSoftmax`) and int32 `targets [batch, labels]`. As in PyTorch the mean divides each loss by the number of its
 * labels first.
 *
 * @example
 * ```ts
 * import { logSoftmax, losses, tensor, zeros } from "gradbook";
 * // Two steps over {blank, a, b}: "a" is written aa, a–, –a, each with probability 1/9.
 * const logs = logSoftmax(zeros([1, 2, 3]));
 * await losses.ctc(logs, tensor([[1]], { dtype: "int32" })).item(); // 1.0986123085021973
 * ```
 */
export function ctc<X extends Tensor>(
  logProbabilities: Fractional<X>,
  targets: Tensor<"int32">,
  { lengths, targetLengths, blank = 0, zeroInfinity = false, ...options }: CtcOptions = {},
): Loss<X> {
  const x = logProbabilities as Tensor;
  requireFloats("ctc", "logProbabilities", x);
  if ((targets as Tensor).dtype !== "int32")
    throw new DTypeError(
      "ctc",
      `targets are ${targets.dtype}, expected int32 classes. Cast them: targets.cast("int32").`,
    );
  const [batch, time, classes] = x.shape;
  if (x.rank !== 3 || targets.rank !== 2 || targets.shape[0] !== batch) {
    const text = `logProbabilities ${showShape(x.shape)} and targets ${showShape(targets.shape)}: expected [batch, time, classes] and [batch, labels].`;
    throw new ShapeError("ctc", text, [x.shape, targets.shape]);
  }
  if (time === 0) throw new ShapeError("ctc", `logProbabilities ${showShape(x.shape)} have no steps.`, [x.shape]);
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes!))
    throw new ArgumentError("ctc", `blank is ${blank}, expected one of 0 … ${classes! - 1}.`);
  const steps = requireLengths("lengths", lengths, batch!, time!);
  const labels = requireLengths("targetLengths", targetLengths, batch!, targets.shape[1]!);
  const lattice = latticeOf(x, targets, { steps, labels, blank });
  // The emissions of each place of the lattice at each step: [batch, time, places].
  const symbols = lattice.symbols.expandDims(1);
  const emissions = x.takeAlongAxis(symbols.broadcastTo([batch!, time!, symbols.shape[2]!]) as Tensor<"int32">);
  const likelihood = ownPullback(
    "ctc",
    (e: Tensor) => lattice.total(lattice.forward(e).at(-1)!),
    (g, [e]) => [g.expandDims(-1).expandDims(-1).mul(lattice.posterior(e))],
    [emissions],
  );
  const loss = likelihood.neg();
  const finite = zeroInfinity ? loss.isFinite().where(loss as Tensor<"float32">, 0) : loss;
  const mean = (options.reduction ?? "mean") === "mean";
  const counts = tensorOf(
    Float32Array.from(labels, (n) => Math.max(1, n)),
    "float32",
    [batch!],
    x.device,
  );
  return reduced("ctc", mean ? finite.div(counts.cast(x.dtype)) : finite, options);
}

function requireLengths(what: string, given: ArrayLike<number> | undefined, batch: number, most: number): number[] {
  if (given === undefined) return new Array<number>(batch).fill(most);
  if (given.length !== batch)
    throw new ArgumentError("ctc", `${given.length} ${what} for ${batch} sequences, expected one for each.`);
  const list = Array.from(given);
  const odd = list.findIndex((n) => !(Number.isInteger(n) && n >= 0 && n <= most));
  if (odd >= 0) throw new ArgumentError("ctc", `${what}[${odd}] is ${list[odd]}, expected 0 … ${most}.`);
  return list;
}

/**
 * Blank, label, blank, label … blank: the places through which a target is written. A step stays where it is, or goes to
 * the next place, or past a blank between two different labels. All sums are of logarithms.
 */
function latticeOf(
  x: Tensor,
  targets: Tensor<"int32">,
  {
    steps,
    labels,
    blank,
  }: { readonly steps: readonly number[]; readonly labels: readonly number[]; readonly blank: number },
) {
  const [batch, time] = x.shape as [number, number];
  const most = targets.shape[1]!;
  const places = 2 * most + 1;
  const { device, dtype } = x;
  const truths = (columns: number, at: (row: number, column: number) => boolean) => {
    const values = Uint8Array.from({ length: batch * columns }, (_, k) =>
      Number(at(Math.floor(k / columns), k % columns)),
    );
    return tensorOf(values, "bool", [batch, columns], device);
  };
  const certain = (condition: Tensor) => condition.where(0, nothing).cast(dtype);
  const choose = (condition: Tensor, a: Tensor, b: Tensor | number) =>
    condition.where(a as Tensor<"float32">, b as Tensor<"float32"> | number) as Tensor;
  /** What stands `n` places before (negative: after). */
  const shifted = (a: Tensor, n: number, fill: number) =>
    n > 0
      ? a.pad({ before: [0, n], after: [0, 0], value: fill }).slice({ axis: 1, start: 0, stop: places })
      : a.pad({ before: [0, 0], after: [0, -n], value: fill }).slice({ axis: 1, start: -n, stop: places - n });

  const counted = truths(most, (i, s) => s < labels[i]!);
  const known = counted.where(targets, blank);
  const pairs = stack([known.mul(0).add(blank), known], 2).reshape([batch, 2 * most]);
  const symbols = pairs.pad({ before: [0, 0], after: [0, 1], value: blank }).cast("int32");
  // A label may follow the one before it at once if the two differ.
  const skips = symbols.notEqual(blank).and(symbols.notEqual(shifted(symbols, 2, blank)));
  const skipped = shifted(skips.cast("int32"), -2, 0).cast("bool");
  const first = certain(truths(places, (i, s) => s < 2 && s <= 2 * labels[i]!));
  const last = certain(truths(places, (i, s) => s === 2 * labels[i]! || s === 2 * labels[i]! - 1));
  const empty = certain(truths(places, (i, s) => s === 0 && labels[i] === 0));
  const running = Array.from({ length: time }, (_, t) => truths(1, (i) => t < steps[i]!));

  /** ln of the sum of all ways to each place, after each step; where none has come, a target without labels is written. */
  const forward = (emissions: Tensor): Tensor[] => {
    let ways = empty;
    return unbind(emissions, 1).map((emission, t) => {
      const past = () => choose(skips, shifted(ways, 2, nothing), nothing);
      const came = t === 0 ? first : ways.logAddExp(shifted(ways, 1, nothing)).logAddExp(past());
      ways = choose(running[t]!, came.add(emission), ways);
      return ways;
    });
  };

  /** ln of the sum of all ways from each place after each step to the end. */
  const backward = (emissions: Tensor): Tensor[] => {
    const all = new Array<Tensor>(time);
    const parts = unbind(emissions, 1);
    let ways = last;
    for (let t = time - 1; t >= 0; t--) {
      all[t] = ways;
      const here = ways.add(parts[t]!);
      const past = choose(skipped, shifted(here, -2, nothing), nothing);
      ways = choose(running[t]!, here.logAddExp(shifted(here, -1, nothing)).logAddExp(past), ways);
    }
    return all;
  };

  const total = (ways: Tensor) => ways.add(last).logSumExp({ axis: -1 });
  return {
    symbols,
    forward,
    total,
    /** The probability of being at each place at each step, given the target: the derivative of `total` by emissions. */
    posterior: (emissions: Tensor): Tensor => {
      const ahead = forward(emissions);
      const sum = total(ahead.at(-1)!).expandDims(-1);
      const each = backward(emissions).map((behind, t) => {
        const joint = choose(sum.isFinite(), ahead[t]!.add(behind).sub(sum), nothing);
        return choose(running[t]!, joint.exp(), 0);
      });
      return stack(each, 1);
    },
  };
}
