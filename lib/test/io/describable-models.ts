import { gelu, nn, random, relu, tanh, tensor } from "../../src/index.ts";

const key = random.seed(2);
const normal = (...shape: number[]) => key.normal(shape);
export const image = () => normal(2, 4, 8, 8);
const line = () => normal(2, 4, 9);
const volume = () => normal(2, 4, 4, 4, 4);
export const sequence = () => normal(2, 5, 6);

const same = new nn.Linear(6, 6);

const transformer = { dropout: 0.2, normFirst: true, activation: gelu, rotary: true } as const;

function channelNorms(kind: "BatchNorm" | "InstanceNorm", options: nn.ChannelNormOptions) {
  const made = ([1, 2, 3] as const).map((axes) => {
    const module = new nn[`${kind}${axes}d`](4, options);
    return [`${kind}${axes}d, ${Object.keys(options)}`, [module, [line, image, volume][axes - 1]!()]] as const;
  });
  return Object.fromEntries(made);
}

/** Modules with settings other than the usual, and something to give them. */
export const models: Readonly<Record<string, readonly [nn.Module, ...unknown[]]>> = {
  Linear: [new nn.Linear(6, 3, { bias: false }), sequence()],
  Bilinear: [new nn.Bilinear([6, 4], 3, { bias: false }), normal(2, 6), normal(2, 4)],
  Embedding: [new nn.Embedding(7, 3, { paddingIndex: 2 }), tensor(Int32Array.of(1, 2, 6))],
  EmbeddingBag: [
    new nn.EmbeddingBag(7, 3, { mode: "sum", paddingIndex: 2 }),
    tensor(Int32Array.of(1, 2, 6, 0)).reshape([2, 2]),
  ],
  Conv1d: [new nn.Conv1d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }), line()],
  Conv2d: [new nn.Conv2d(4, 6, [3, 2], { stride: [2, 1], padding: [1, 0], dilation: 2, bias: false }), image()],
  "Conv1d, dilated": [
    new nn.Conv1d(4, 6, 3, { dilation: 2, bias: false, paddingMode: "circular", padding: 1 }),
    line(),
  ],
  "Conv3d, all": [
    new nn.Conv3d(4, 2, 2, { stride: 2, padding: 1, paddingMode: "replicate", dilation: 2, groups: 2, bias: false }),
    volume(),
  ],
  "Conv2d, the same size": [new nn.Conv2d(4, 6, 4, { padding: "same", paddingMode: "reflect", groups: 2 }), image()],
  Conv3d: [new nn.Conv3d(4, 2, 2), volume()],
  ConvTranspose1d: [new nn.ConvTranspose1d(4, 6, 3, { stride: 2, outputPadding: 1 }), line()],
  ConvTranspose2d: [new nn.ConvTranspose2d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }), image()],
  "ConvTranspose1d, the rest": [
    new nn.ConvTranspose1d(4, 6, 3, { padding: 1, dilation: 2, groups: 2, bias: false }),
    line(),
  ],
  "ConvTranspose2d, the rest": [
    new nn.ConvTranspose2d(4, 6, 3, { stride: 2, dilation: 2, outputPadding: 1, bias: false }),
    image(),
  ],
  AvgPool1d: [new nn.AvgPool1d(3, { stride: 1, padding: 1 }), line()],
  AvgPool2d: [new nn.AvgPool2d([2, 3], { stride: 1, padding: 1 }), image()],
  MaxPool1d: [new nn.MaxPool1d(2, { stride: 3, padding: 1 }), line()],
  MaxPool2d: [new nn.MaxPool2d(3, { stride: 2, padding: 1 }), image()],
  MaxPool3d: [new nn.MaxPool3d(2, { stride: 1, padding: 1 }), volume()],
  AvgPool3d: [new nn.AvgPool3d(2, { stride: 1, padding: 1 }), volume()],
  LpPool2d: [new nn.LpPool2d(3, 2, { stride: 1, padding: 1 }), image()],
  AdaptiveAvgPool2d: [new nn.AdaptiveAvgPool2d([3, 2]), image()],
  AdaptiveAvgPool1d: [new nn.AdaptiveAvgPool1d(4), line()],
  AdaptiveMaxPool2d: [new nn.AdaptiveMaxPool2d(3), image()],
  AdaptiveMaxPool1d: [new nn.AdaptiveMaxPool1d(4), line()],
  Upsample: [new nn.Upsample({ scale: 2, mode: "bilinear", alignCorners: true }), image()],
  "Upsample to a size": [new nn.Upsample({ size: [5, 3] }), image()],
  Dropout: [new nn.Dropout(0.4), sequence()],
  SpatialDropout: [new nn.SpatialDropout(0.4), image()],
  AlphaDropout: [new nn.AlphaDropout(0.4), sequence()],
  MaskingNoise: [new nn.MaskingNoise(0.4), sequence()],
  SaltAndPepper: [new nn.SaltAndPepper(0.4, { low: -2, high: 3 }), sequence()],
  GaussianNoise: [new nn.GaussianNoise(0.4), sequence()],
  PReLU: [new nn.PReLU(4), image()],
  ...channelNorms("BatchNorm", { momentum: null, epsilon: 0.1, affine: false }),
  ...channelNorms("BatchNorm", { trackRunningStats: false }),
  ...channelNorms("InstanceNorm", { momentum: 0.3, epsilon: 0.1, affine: true, trackRunningStats: true }),
  GroupNorm: [new nn.GroupNorm(2, 4, { epsilon: 0.1, affine: false }), image()],
  LayerNorm: [new nn.LayerNorm([5, 6], { epsilon: 0.1, affine: false }), sequence()],
  RMSNorm: [new nn.RMSNorm(6, { epsilon: 0.1, affine: false }), sequence()],
  LocalResponseNorm: [new nn.LocalResponseNorm(3, { alpha: 0.1, beta: 0.5, k: 2 }), image()],
  RNN: [
    new nn.RNN(6, 4, { activation: "relu", layers: 2, dropout: 0.3, bias: false, bidirectional: true }),
    sequence(),
  ],
  GRU: [new nn.GRU(6, 4, { bidirectional: true, layers: 2, dropout: 0.3, bias: false }), sequence()],
  LSTM: [new nn.LSTM(6, 4, { layers: 2, dropout: 0.3, peepholes: true, projection: 3 }), sequence()],
  "LSTM, both ways": [new nn.LSTM(6, 4, { bidirectional: true, bias: false }), sequence()],
  GRUCell: [new nn.GRUCell(6, 4, { bias: false }), normal(2, 6)],
  LSTMCell: [new nn.LSTMCell(6, 4, { bias: false }), normal(2, 6)],
  MultiheadAttention: [new nn.MultiheadAttention(6, 2, { bias: false, dropout: 0.3 }), sequence()],
  "MultiheadAttention, turned": [
    new nn.MultiheadAttention(8, 2, { rotary: { base: 50, pairs: "halves", offset: 3 } }),
    normal(2, 5, 8),
  ],
  TransformerEncoderLayer: [
    new nn.TransformerEncoderLayer(12, 2, { feedForward: 8, ...transformer }),
    normal(2, 5, 12),
  ],
  TransformerEncoder: [
    new nn.TransformerEncoder(12, 3, { layers: 2, feedForward: 8, ...transformer }),
    normal(2, 5, 12),
  ],
  TransformerDecoderLayer: [
    new nn.TransformerDecoderLayer(12, 2, { feedForward: 8, ...transformer }),
    normal(2, 5, 12),
    normal(2, 4, 12),
  ],
  TransformerDecoder: [
    new nn.TransformerDecoder(12, 2, { layers: 1, feedForward: 8, ...transformer }),
    normal(2, 5, 12),
    normal(2, 4, 12),
  ],
  "layers of LeNet-5": [
    new nn.Sequential([new nn.Subsampling(6, 2), tanh, new nn.PartialConv2d(6, 3, nn.c3Table)]),
    normal(2, 6, 8, 8),
  ],
  RadialBasis: [
    new nn.RadialBasis([
      [1, -1, 1],
      [0, 1, 2],
    ]),
    normal(2, 3),
  ],
  Residual: [
    new nn.Residual(new nn.Sequential([new nn.Conv2d(4, 5, 1), relu]), { shortcut: new nn.Conv2d(4, 5, 1) }),
    image(),
  ],
  Parallel: [new nn.Parallel([new nn.Linear(6, 2), relu], { axis: -1 }), sequence()],
  "Parallel, summed": [new nn.Parallel([new nn.Linear(6, 6), relu], { join: "sum" }), sequence()],
  "one module twice": [new nn.Sequential([same, relu, same]), sequence()],
};
