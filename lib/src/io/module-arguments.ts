import type { Module } from "../nn/module.ts";
import { Tensor } from "../tensor/tensor.ts";

/** What a module shows of itself. */
class Shown {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(module: Module) {
    this.#fields = module as unknown as Readonly<Record<string, unknown>>;
  }

  /** A field. */
  field(name: string): unknown {
    return this.#fields[name];
  }

  /** Whether there is a tensor in a field, such as a bias. */
  has(name: string): boolean {
    return this.#fields[name] instanceof Tensor;
  }

  /** The sizes of the tensor in a field. */
  sizes(name: string): readonly number[] {
    return (this.#fields[name] as Tensor).shape;
  }

  /** Fields as options. */
  options(...names: readonly string[]): Record<string, unknown> {
    return Object.fromEntries(names.map((name) => [name, this.#fields[name]]));
  }
}

type Read = (m: Shown) => readonly unknown[];

const one =
  (name: string): Read =>
  (m) => [m.field(name)];

/** The same number for all axes, or a list, as constructors take both; one axis takes a number. */
const axes = (value: unknown, count: number) => (count === 1 ? (value as readonly number[])[0] : value);

/** Zeros on both sides as a number, or "same" where the sides differ. */
function padding(m: Shown, count: number): unknown {
  const { before, after } = m.field("padding") as { readonly before: number[]; readonly after: number[] };
  return before.every((n, i) => n === after[i]) ? axes(before, count) : "same";
}

const convolution: Read = (m) => {
  const [outputs, , ...size] = m.sizes("weight");
  const count = size.length;
  return [
    m.field("inputs"),
    outputs,
    axes(size, count),
    {
      stride: axes(m.field("stride"), count),
      padding: padding(m, count),
      dilation: axes(m.field("dilation"), count),
      ...m.options("groups", "paddingMode"),
      bias: m.has("bias"),
    },
  ];
};

const transposed: Read = (m) => {
  const [inputs, , ...size] = m.sizes("weight");
  const count = size.length;
  const each = ["stride", "padding", "outputPadding", "dilation"].map((name) => [name, axes(m.field(name), count)]);
  const options = { ...Object.fromEntries(each), groups: m.field("groups"), bias: m.has("bias") };
  return [inputs, m.field("outputs"), axes(size, count), options];
};

const pool: Read = (m) => [m.field("size"), m.options("stride", "padding")];

const channelNorm: Read = (m) => [
  m.field("channels"),
  { ...m.options("epsilon", "momentum"), affine: m.has("weight"), trackRunningStats: m.has("running_mean") },
];

const shapeNorm: Read = (m) => [m.field("shape"), { epsilon: m.field("epsilon"), affine: m.has("weight") }];

function sequences(m: Shown): Record<string, unknown> {
  return { ...m.options("layers", "bidirectional", "dropout"), bias: m.has("bias_ih_l0") };
}

const rows: Read = (m) => {
  const index = m.field("paddingIndex");
  const mode = m.field("mode");
  return [
    ...m.sizes("weight"),
    { ...(index !== null && { paddingIndex: index }), ...(mode !== undefined && { mode }) },
  ];
};

const cell: Read = (m) => [m.field("inputs"), m.field("hidden"), { bias: m.has("bias_ih") }];

const rotary = (attention: Shown) => attention.field("rotary") ?? false;

const transformerLayer: Read = (m) => {
  const attention = new Shown(m.field("self_attn") as Module);
  const feedForward = new Shown(m.field("linear1") as Module).sizes("weight")[0];
  const options = { feedForward, ...m.options("dropout", "normFirst", "activation"), rotary: rotary(attention) };
  return [attention.field("width"), attention.field("heads"), options];
};

const transformer: Read = (m) => {
  const layers = m.field("layers") as readonly Module[];
  const [width, heads, options] = transformerLayer(new Shown(layers[0]!));
  return [width, heads, { layers: layers.length, ...(options as object) }];
};

/** The arguments that make a module like the one there is, by class, but for initialisers: values come with a file. */
const argumentsOf: Readonly<Record<string, Read>> = {
  Linear: (m) => [...m.sizes("weight").toReversed(), { bias: m.has("bias") }],
  Bilinear: (m) => [m.sizes("weight").slice(1), m.sizes("weight")[0], { bias: m.has("bias") }],
  Embedding: rows,
  EmbeddingBag: rows,
  Conv1d: convolution,
  Conv2d: convolution,
  Conv3d: convolution,
  ConvTranspose1d: transposed,
  ConvTranspose2d: transposed,
  AvgPool1d: pool,
  AvgPool2d: pool,
  AvgPool3d: pool,
  MaxPool1d: pool,
  MaxPool2d: pool,
  MaxPool3d: pool,
  LpPool2d: (m) => [m.field("power"), ...pool(m)],
  AdaptiveAvgPool1d: one("size"),
  AdaptiveAvgPool2d: one("size"),
  AdaptiveMaxPool1d: one("size"),
  AdaptiveMaxPool2d: one("size"),
  Upsample: one("options"),
  Dropout: one("rate"),
  SpatialDropout: one("rate"),
  AlphaDropout: one("rate"),
  MaskingNoise: one("rate"),
  SaltAndPepper: (m) => [m.field("rate"), m.options("low", "high")],
  GaussianNoise: one("std"),
  PReLU: (m) => [m.sizes("weight")[0]],
  BatchNorm1d: channelNorm,
  BatchNorm2d: channelNorm,
  BatchNorm3d: channelNorm,
  InstanceNorm1d: channelNorm,
  InstanceNorm2d: channelNorm,
  InstanceNorm3d: channelNorm,
  GroupNorm: (m) => [m.field("groups"), m.field("channels"), { epsilon: m.field("epsilon"), affine: m.has("weight") }],
  LayerNorm: shapeNorm,
  RMSNorm: shapeNorm,
  LocalResponseNorm: (m) => [m.field("size"), m.options("alpha", "beta", "k")],
  RNN: (m) => [m.field("inputs"), m.field("hidden"), { ...sequences(m), activation: m.field("activation") }],
  GRU: (m) => [m.field("inputs"), m.field("hidden"), sequences(m)],
  LSTM: (m) => {
    const projection = m.has("weight_hr_l0") ? { projection: m.sizes("weight_hr_l0")[0] } : {};
    const options = { ...sequences(m), peepholes: m.has("weight_ci_l0"), ...projection };
    return [m.field("inputs"), m.field("hidden"), options];
  },
  GRUCell: cell,
  LSTMCell: cell,
  MultiheadAttention: (m) => [
    m.field("width"),
    m.field("heads"),
    { bias: m.has("in_proj_bias"), dropout: m.field("dropout"), rotary: rotary(m) },
  ],
  TransformerEncoderLayer: transformerLayer,
  TransformerDecoderLayer: transformerLayer,
  TransformerEncoder: transformer,
  TransformerDecoder: transformer,
  Subsampling: (m) => [m.sizes("weight")[0], m.field("size")],
  PartialConv2d: (m) => [m.field("inputs"), m.field("size"), m.field("table")],
  RadialBasis: (m) => [new Array(m.sizes("codes")[0]).fill(new Array(m.sizes("codes")[1]).fill(0))],
  Sequential: one("layers"),
  Residual: (m) => {
    const shortcut = m.field("shortcut");
    return [m.field("layer"), shortcut === null ? {} : { shortcut }];
  },
  Parallel: (m) => [m.field("layers"), m.options("join", "axis")],
};

/** What a module was made with, but for initialisers; undefined where its class is not known here. */
export function readArguments(name: string, module: Module): readonly unknown[] | undefined {
  return Object.hasOwn(argumentsOf, name) ? argumentsOf[name]!(new Shown(module)) : undefined;
}
