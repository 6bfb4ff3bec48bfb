export { gradientNorm, Optimizer, type Rate, type Rule } from "./optimizer.ts";
export { type AdamOptions, adadelta, adagrad, adam, adamw, rmsprop, type SgdOptions, sgd } from "./rules.ts";
