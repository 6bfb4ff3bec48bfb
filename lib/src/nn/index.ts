export { type AnnealingOptions, annealedImportanceSampling, type LogPartition } from "./annealed-importance.ts";
export {
  type Attended,
  MultiheadAttention,
  type MultiheadAttentionOptions,
  scaledDotProductAttention,
} from "./attention.ts";
export type { AttentionOptions } from "./attention-mask.ts";
export { Autoencoder, type AutoencoderOptions } from "./autoencoder.ts";
export * from "./batch-norm.ts";
export * from "./bilinear.ts";
export * from "./branches.ts";
export * from "./cells.ts";
export type { ChannelNormOptions } from "./channel-norm.ts";
export { type JacobianOptions, jacobianPenalty, kSparse, sparsityPenalty } from "./code-penalties.ts";
export * from "./constraints.ts";
export { evaluating, isTraining, training } from "./context.ts";
export * from "./conv.ts";
export * from "./conv-transpose.ts";
export { GaussianNoise, MaskingNoise, SaltAndPepper } from "./corruption.ts";
export { type ChainFactors, type ChainOptions, chainLogPartition, chainScore, LinearChainCRF } from "./crf.ts";
export * from "./decoding/index.ts";
export { DeepBelief } from "./deep-belief.ts";
export { digitCodes } from "./digit-codes.ts";
export * from "./dropout.ts";
export { Embedding, type EmbeddingOptions } from "./embedding.ts";
export * from "./embedding-bag.ts";
export * from "./freeze.ts";
export { type GibbsOptions, type GibbsStep, gibbs } from "./gibbs.ts";
export * from "./group-norm.ts";
export { GRU } from "./gru.ts";
export * from "./heads/index.ts";
export { HierarchicalSoftmax } from "./hierarchical-softmax.ts";
export * from "./init.ts";
export * from "./initialisers.ts";
export { LayerNorm, type LayerNormOptions } from "./layer-norm.ts";
export { c3Table, PartialConv2d, RadialBasis, Subsampling } from "./lenet.ts";
export * from "./linear.ts";
export * from "./load-state.ts";
export * from "./local-norm.ts";
export { LSTM, type LSTMOptions, type LSTMReading, type LSTMState } from "./lstm.ts";
export * from "./memory/index.ts";
export * as models from "./models/index.ts";
export {
  buffer,
  type Child,
  Module,
  type ModulePath,
  modulesOf,
  type Parameter,
  parameter,
  parameters,
  state,
} from "./module.ts";
export * from "./pool.ts";
export * from "./positions/index.ts";
export * from "./prelu.ts";
export { type DivergenceOptions, RBM, type RBMOptions } from "./rbm.ts";
export type { UnitKind } from "./rbm-units.ts";
export { Recurrent, type RecurrentOptions, type SequenceOptions, type Traces } from "./recurrent.ts";
export * from "./rms-norm.ts";
export { type HiddenOptions, type HiddenReading, RNN, type RNNOptions } from "./rnn.ts";
export * from "./scored-attention.ts";
export { type Layer, Sequential } from "./sequential.ts";
export {
  type DecoderOptions,
  sinusoidalPositions,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerOptions,
  type TransformerStackOptions,
} from "./transformer.ts";
export { type Unrollable, unrollAutoencoder, unrollEncoder } from "./unroll.ts";
export * from "./upsample.ts";
export { type BoundOptions, type Posterior, VariationalAutoencoder, type VariationalOptions } from "./variational.ts";
