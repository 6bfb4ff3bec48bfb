export { AlexNet, type AlexNetOptions, SmallAlexNet } from "./alexnet.ts";
export { attentionPenalty, Captioner, type CaptionerOptions, type CaptionerState } from "./captioner.ts";
export { DQN, type DQNOptions } from "./dqn.ts";
export { LeNet5 } from "./lenet5.ts";
export {
  LSTMLanguageModel,
  type LSTMLanguageModelOptions,
  type LSTMLanguageModelState,
} from "./lstm-language-model.ts";
export { NPLM, type NPLMOptions } from "./nplm.ts";
export { CifarResNet, ResNet } from "./resnet.ts";
export { Seq2Seq, type Seq2SeqOptions, type Seq2SeqState, type Seq2SeqStep } from "./seq2seq.ts";
export { TransformerLanguageModel, type TransformerLanguageModelOptions } from "./transformer-language-model.ts";
export { VGG, type VGGOptions } from "./vgg.ts";
export { CBOW, SkipGram, type WordVectorOptions } from "./word-vectors.ts";
