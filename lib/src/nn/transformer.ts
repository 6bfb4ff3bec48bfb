import { relu } from "../operations/activation.ts";
import { add } from "../operations/arithmetic.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MultiheadAttention } from "./attention.ts";
import type { AttentionOptions } from "./attention-mask.ts";
import { Dropout } from "./dropout.ts";
import { LayerNorm } from "./layer-norm.ts";
import { Linear } from "./linear.ts";
import { checkCount, Module } from "./module.ts";
import type { RotaryOptions } from "./positions/rotary.ts";

export interface TransformerOptions {
  /** Units between the two linear layers; 2048 if not said. */
  readonly feedForward?: number;
  /** 0.1 if not said, while training. */
  readonly dropout?: number;
  /** Normalises what goes into each part instead of the sum that comes out. */
  readonly normFirst?: boolean;
  readonly activation?: (x: Tensor) => Tensor;
  /** Turns queries and keys of self-attention by their positions (RoFormer). */
  readonly rotary?: boolean | RotaryOptions;
}

/** The parts that encoder and decoder layers share. */
abstract class TransformerLayer extends Module {
  readonly self_attn: MultiheadAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;
  readonly dropout: number;
  readonly #dropout: Dropout;

  constructor(width: number, heads: number, options: TransformerOptions) {
    super();
    const { feedForward = 2048, dropout = 0.1, normFirst = false, activation = relu, rotary = false } = options;
    checkCount(this.constructor.name, "feedForward", feedForward);
    this.self_attn = new MultiheadAttention(width, heads, { dropout, rotary });
    this.linear1 = new Linear(width, feedForward);
    this.linear2 = new Linear(feedForward, width);
    this.norm1 = new LayerNorm(width);
    this.norm2 = new LayerNorm(width);
    this.normFirst = normFirst;
    this.activation = activation;
    this.dropout = dropout;
    this.#dropout = new Dropout(dropout);
  }

  /** `x` and what a part makes of it, with the normalisation where it belongs. */
  protected beside(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    if (this.normFirst) return add(x, this.#dropout.forward(part(norm.forward(x))));
    return norm.forward(add(x, this.#dropout.forward(part(x))));
  }

  protected feed(x: Tensor): Tensor {
    return this.linear2.forward(this.#dropout.forward(this.activation(this.linear1.forward(x))));
  }
}

/** One layer of an encoder (Vaswani et al. 2017): self-attention and two linear layers, `[batch, steps, width]`. */
export class TransformerEncoderLayer extends TransformerLayer {
  constructor(width: number, heads: number, options: TransformerOptions = {}) {
    super(width, heads, options);
  }

  forward(x: Tensor, options: AttentionOptions = {}): Tensor {
    const attended = this.beside(x, this.norm1, (y) => this.self_attn.forward(y, y, y, options).output);
    return this.beside(attended, this.norm2, (y) => this.feed(y));
  }
}

/** What the queries of a decoder may attend to. */
export interface DecoderOptions {
  /** Among the outputs so far; causal if not said. */
  readonly self?: AttentionOptions;
  /** In what the encoder has made. */
  readonly memory?: AttentionOptions;
}

/** One layer of a decoder: self-attention, attention to `memory [batch, keys, width]`, and two linear layers. */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly multihead_attn: MultiheadAttention;
  readonly norm3: LayerNorm;

  constructor(width: number, heads: number, options: TransformerOptions = {}) {
    super(width, heads, options);
    this.multihead_attn = new MultiheadAttention(width, heads, { dropout: options.dropout ?? 0.1 });
    this.norm3 = new LayerNorm(width);
  }

  forward(x: Tensor, memory: Tensor, options: DecoderOptions = {}): Tensor {
    const { self = {}, memory: toMemory = {} } = options;
    const own = this.beside(x, this.norm1, (y) => this.self_attn.forward(y, y, y, { causal: true, ...self }).output);
    const both = this.beside(own, this.norm2, (y) => this.multihead_attn.forward(y, memory, memory, toMemory).output);
    return this.beside(both, this.norm3, (y) => this.feed(y));
  }
}

export interface TransformerStackOptions extends TransformerOptions {
  readonly layers: number;
}

/** Encoder layers on top of each other; with `normFirst`, normalised once more at the end (`norm`). */
export class TransformerEncoder extends Module {
  readonly layers: readonly TransformerEncoderLayer[];
  readonly norm: LayerNorm | null;

  constructor(width: number, heads: number, { layers, ...options }: TransformerStackOptions) {
    super();
    checkCount("TransformerEncoder", "layers", layers);
    this.layers = Array.from({ length: layers }, () => new TransformerEncoderLayer(width, heads, options));
    this.norm = options.normFirst === true ? new LayerNorm(width) : null;
  }

  forward(x: Tensor, options: AttentionOptions = {}): Tensor {
    const y = this.layers.reduce((value, layer) => layer.forward(value, options), x);
    return this.norm === null ? y : this.norm.forward(y);
  }
}

/** Decoder layers on top of each other; with `normFirst`, normalised once more at the end (`norm`). */
export class TransformerDecoder extends Module {
  readonly layers: readonly TransformerDecoderLayer[];
  readonly norm: LayerNorm | null;

  constructor(width: number, heads: number, { layers, ...options }: TransformerStackOptions) {
    super();
    checkCount("TransformerDecoder", "layers", layers);
    this.layers = Array.from({ length: layers }, () => new TransformerDecoderLayer(width, heads, options));
    this.norm = options.normFirst === true ? new LayerNorm(width) : null;
  }

  forward(x: Tensor, memory: Tensor, options: DecoderOptions = {}): Tensor {
    const y = this.layers.reduce((value, layer) => layer.forward(value, memory, options), x);
    return this.norm === null ? y : this.norm.forward(y);
  }
}

/**
 * Positions as waves (Vaswani et al. 2017, section 3.5), to be added to embeddings: `[steps, width]` with
 * sin(t / 10000^(2i / width)) in even places and the cosine in odd ones.
 */
export function sinusoidalPositions(steps: number, width: number): Tensor<"float32"> {
  checkCount("sinusoidalPositions", "steps", steps);
  checkCount("sinusoidalPositions", "width", width);
  if (width % 2 !== 0) throw new ArgumentError("sinusoidalPositions", `width is ${width}, expected an even number.`);
  const values = Float32Array.from({ length: steps * width }, (_, k) => {
    const [t, i] = [Math.floor(k / width), k % width];
    const angle = t / 10_000 ** ((i - (i % 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return tensorOf(values, "float32", [steps, width]);
}
