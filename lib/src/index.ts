export { GradientError, checkGradient, checkSecond } from "./gradient/check.ts";
export { grad, jvp, valueAndGrad, vjp } from "./gradient/grad.ts";
export * from "./operations/index.ts";
export { tensor } from "./tensor/create.ts";
export type { Tensor } from "./tensor/tensor.ts";
