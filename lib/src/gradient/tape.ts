import { apply } from "../operations/define.ts";
import type { SliceOptions } from "../operations/indexing.ts";
import type { AnyOperation, Cotangent } from "../operations/record.ts";
import { full } from "../tensor/create.ts";
import { materialise } from "../tensor/lazy.ts";
import { held } from "../tensor/ownership.ts";
import { activeRecorders, type Recorder, withRecorders } from "../tensor/recording.ts";
import { exampleOf, type Mark, Tensor } from "../tensor/tensor.ts";
import { Cotangents, isPlainSlice, isProduct, sharedMatrices } from "./cotangents.ts";
import { withRuleInForce } from "./override.ts";

interface Entry {
  readonly operation: AnyOperation;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** This tape's mark on the output. */
  readonly mark: Mark;
  readonly options: unknown;
}

/**
 * What happened to some tensors, in order, so that derivatives can be taken backwards through it
 * (Linnainmaa 1970; Rumelhart, Hinton and Williams 1986).
 */
export class Tape implements Recorder {
  #entries: Entry[] = [];

  record(operation: object, inputs: readonly Tensor[], output: Tensor, options: unknown): void {
    const known = withRuleInForce(operation as AnyOperation);
    if (output.dtype === "int32" || output.dtype === "bool" || known.pullback === null) return;
    let depends = false;
    for (let i = 0; i < inputs.length; i++) if (this.#markOn(inputs[i]!) !== null) depends = true;
    if (!depends) return;
    this.#entries.push({ operation: known, inputs, output, mark: this.follow(output), options });
  }

  /** From now on, what depends on this tensor is recorded. */
  follow(tensor: Tensor): Mark {
    const known = this.#markOn(tensor);
    if (known !== null) return known;
    const mark: Mark = { recorder: this, next: tensor.marks, walk: undefined, back: undefined };
    tensor.marks = mark;
    return mark;
  }

  follows(tensor: Tensor): boolean {
    return this.#markOn(tensor) !== null;
  }

  #markOn(tensor: Tensor): Mark | null {
    let mark = tensor.marks;
    while (mark !== null && mark.recorder !== this) mark = mark.next;
    return mark;
  }

  /** Runs `body` with this tape recording, besides those that already do. */
  watch<T>(body: () => T): T {
    return withRecorders([...activeRecorders(), this], body);
  }

  /**
   * The cotangent of each source, given that of `output`; zeros where nothing depends on a source.
   * The tape itself is not recording meanwhile; outer tapes are, which gives derivatives of derivatives.
   */
  pullBack(output: Tensor, cotangent: Tensor, sources: readonly Tensor[]): Tensor[] {
    const cotangents = new Cotangents();
    let shared: Set<Tensor> | undefined;
    const isSource = sources.length === 1 ? (x: Tensor) => x === sources[0] : (x: Tensor) => sources.includes(x);
    const end = this.#markOn(output);
    if (end !== null) cotangents.add(end, cotangent);
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { operation, inputs, output: result, mark, options } = this.#entries[i]!;
      const stays = isSource(result);
      const pieces = stays || !cotangents.hasPieces(mark) ? undefined : piecesOf(operation, cotangents, mark, result);
      const g = pieces ?? cotangents.get(mark, result);
      if (g === undefined) continue;
      if (!stays) cotangents.delete(mark);
      if (isPlainSlice(operation, options)) {
        cotangents.addSlice(this.#markOn(inputs[0]!)!, inputs[0]!, options as SliceOptions, g as Tensor);
        continue;
      }
      const parts = (
        pieces === undefined
          ? operation.pullback!(g as Tensor, inputs as never, result, options as never)
          : operation.inParts!.pullback(pieces, inputs as never, options as never)
      ) as readonly Cotangent[];
      for (let k = 0; k < inputs.length; k++) {
        const input = inputs[k]!;
        const part = parts[k]!;
        const to = part === null ? null : this.#markOn(input);
        if (part === null || to === null) continue;
        if (k === 1 && isProduct(operation)) {
          shared ??= sharedMatrices(this.#entries);
          if (shared.has(input)) {
            cotangents.addProduct(to, inputs[0]!, g as Tensor);
            continue;
          }
        }
        cotangents.add(to, typeof part === "function" ? part() : part);
      }
    }
    const marks = sources.map((source) => this.#markOn(source));
    const found = sources.map((source, i) => {
      const mark = marks[i]!;
      const g = mark === null ? undefined : cotangents.get(mark, source);
      return g ?? full(source.shape, 0, { dtype: source.dtype, device: source.device });
    });
    for (const mark of marks) if (mark !== null) cotangents.delete(mark);
    cotangents.end();
    return found;
  }

  [held](): unknown {
    return this.#entries.map(({ inputs, output }) => [inputs, output]);
  }

  /** Lets go of everything recorded. */
  clear(): void {
    this.#entries = [];
  }
}

/** What came back to a result in the parts that its operation takes, if it takes any. */
function piecesOf({ inParts }: AnyOperation, cotangents: Cotangents, mark: Mark, result: Tensor): Tensor[] | undefined {
  return inParts === undefined ? undefined : cotangents.inParts(mark, result, inParts.parts);
}

const identity = {
  name: "identity",
  inputs: ["x"],
  shape: ([x]: readonly [readonly number[]]) => x,
  compose: ([x]: readonly [Tensor]): Tensor =>
    x.state.kind === "batched"
      ? exampleOf(alias(x.state.all), x.state.level)
      : new Tensor(x.device, x.dtype, x.shape, { kind: "stored", view: materialise(x) }),
  pullback: (g: Tensor) => [g],
  samples: [],
} as unknown as AnyOperation;

/** The same values under a new identity, so that one tensor can be two variables; outer tapes see the two as equal. */
export function alias<T extends Tensor>(x: T): T {
  return apply(identity, [x], undefined) as T;
}
