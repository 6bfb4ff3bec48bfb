export { Seq2Seq, type Seq2SeqOptions, type Seq2SeqState, type Seq2SeqStep } from "./seq2seq.ts";
