import { apply } from "../operations/define.ts";
import type { SliceOptions } from "../operations/indexing.ts";
import type { AnyOperation } from "../operations/record.ts";
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
    if (!inputs.some((input) => this.follows(input))) return;
    this.#entries.push({ operation: known, inputs, output, options });
    this.follow(output);
  }

  /** From now on, what depends on this tensor is recorded. */
  follow(tensor: Tensor): void {
    tensor.marks = { recorder: this, next: tensor.marks };
  }

  follows(tensor: Tensor): boolean {
    for (let mark: Mark | null = tensor.marks; mark !== null; mark = mark.next) if (mark.recorder === this) return true;
    return false;
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
    const shared = sharedMatrices(this.#entries);
    cotangents.add(output, cotangent);
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { operation, inputs, output: result, options } = this.#entries[i]!;
      const g = cotangents.get(result);
      if (g === undefined) continue;
      if (!sources.includes(result)) cotangents.delete(result);
      if (isPlainSlice(operation, options)) {
        cotangents.addSlice(inputs[0]!, options as SliceOptions, g);
        continue;
      }
      const parts = operation.pullback!(g, inputs as never, result, options as never) as readonly (
        | Tensor
        | null
        | (() => Tensor)
      )[];
      for (let k = 0; k < inputs.length; k++) {
        const input = inputs[k]!;
        const part = parts[k]!;
        if (part === null || !this.follows(input)) continue;
        if (k === 1 && shared.has(input) && isProduct(operation)) cotangents.addProduct(input, inputs[0]!, g);
        else cotangents.add(input, typeof part === "function" ? part() : part);
      }
    }
    return sources.map(
      (source) => cotangents.get(source) ?? full(source.shape, 0, { dtype: source.dtype, device: source.device }),
    );
  }

  [held](): unknown {
    return this.#entries.map(({ inputs, output }) => [inputs, output]);
  }

  /** Lets go of everything recorded. */
  clear(): void {
    this.#entries = [];
  }
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
