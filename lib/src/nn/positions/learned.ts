import { add } from "../../operations/arithmetic.ts";
import { slice } from "../../operations/indexing.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Initialiser } from "../initialisers.ts";
import { checkCount, Module, parameter } from "../module.ts";

/** A trained vector for each of so many positions, added to what is there (Gehring et al. 2017): `weight [steps, width]`. */
export class LearnedPositions extends Module {
  readonly weight: Tensor<"float32">;

  /** @param options `initialiser`: normal with deviation 0.02 if not said, as in GPT-2. */
  constructor(steps: number, width: number, options: { readonly initialiser?: Initialiser } = {}) {
    super();
    checkCount("LearnedPositions", "steps", steps);
    checkCount("LearnedPositions", "width", width);
    this.weight = parameter([steps, width], options.initialiser ?? ((shape, key) => key.normal(shape, { std: 0.02 })));
  }

  /** `[…, steps, width]`, the first of which is at position `offset`, 0 if not said. */
  forward(x: Tensor, { offset = 0 }: { readonly offset?: number } = {}): Tensor {
    const [known, width] = this.weight.shape as [number, number];
    const [steps, own] = x.shape.slice(-2) as [number, number];
    if (x.rank < 2 || own !== width)
      throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected […, steps, ${width}].`, [x.shape]);
    if (!Number.isInteger(offset) || offset < 0 || offset + steps > known)
      throw new ShapeError(
        this.where,
        `positions ${offset} … ${offset + steps - 1} are asked for, expected within 0 … ${known - 1}.`,
        [x.shape],
      );
    return add(x, slice(this.weight, { axis: 0, start: offset, stop: offset + steps }));
  }

  override describe(): string {
    return `LearnedPositions(${this.weight.shape[0]} × ${this.weight.shape[1]})`;
  }
}
