/** All operations: functions, and (by being loaded) methods of `Tensor`. */
import "./methods.ts";

export { cast, operations } from "./define.ts";
export { concat, stack } from "./joining.ts";
export { oneHot } from "./one-hot.ts";
export { promote } from "./promote.ts";
export * from "./table.ts";
