import type { DType } from "../../device/device.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Attribute, Emitter, Pair, Size } from "./emitter.ts";
import { kindOf } from "./tensors.ts";
import type { Entry } from "./trace.ts";

/** One operation on its way into a file. */
export class Writing {
  readonly #emitter: Emitter;
  readonly #pair: Pair;

  constructor(emitter: Emitter, pair: Pair) {
    this.#emitter = emitter;
    this.#pair = pair;
  }

  get options(): unknown {
    return this.#pair.one.options;
  }

  get inputs(): readonly Tensor[] {
    return this.#pair.one.inputs;
  }

  get output(): Tensor {
    return this.#pair.one.output;
  }

  get entry(): Entry {
    return this.#pair.one;
  }

  /** The name of an input. */
  x(i: number): string {
    return this.#emitter.name(this.inputs[i]!);
  }

  all(): string[] {
    return this.inputs.map((_, i) => this.x(i));
  }

  /** The name of an input, in another dtype if it has not that one. */
  as(i: number, dtype: DType): string {
    return this.inputs[i]!.dtype === dtype ? this.x(i) : this.cast(this.x(i), dtype);
  }

  cast(name: string, dtype: DType): string {
    return this.add("Cast", [name], { to: kindOf[dtype] });
  }

  add(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    outputs?: number,
  ): string {
    return this.#emitter.add(opType, inputs, attributes, outputs);
  }

  ints(values: readonly number[], scalar = false): string {
    return this.#emitter.ints(values, scalar);
  }

  /** A number of the result's dtype. */
  number(value: number, dtype: DType = this.output.dtype): string {
    return this.#emitter.number(value, dtype);
  }

  /** Numbers that may depend on how many examples there are. */
  both(of: (entry: Entry) => readonly number[]): readonly Size[] {
    const [one, two] = [of(this.#pair.one), of(this.#pair.two)];
    return one.map((n, i) => [n, two[i]!]);
  }

  sizes(sizes: readonly Size[]): string {
    return this.#emitter.sizes(sizes);
  }
}

/** How one of our operations is said in ONNX's; the name of the result. */
export type Write = (w: Writing) => string;
export type Writes = Readonly<Record<string, Write>>;
