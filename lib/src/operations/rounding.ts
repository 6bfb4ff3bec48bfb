import { type Unary, unary } from "./elementwise.ts";

/** The largest integer not above. Its derivative is zero wherever it has one. */
export const floor: Unary<"same"> = unary({ name: "floor", map: "floor", kind: "same", pullback: null });
/** The smallest integer not below. */
export const ceil: Unary<"same"> = unary({ name: "ceil", map: "ceil", kind: "same", pullback: null });
/** The nearest integer, halves to even. */
export const round: Unary<"same"> = unary({ name: "round", map: "round", kind: "same", pullback: null });
/** The integer part. */
export const trunc: Unary<"same"> = unary({ name: "trunc", map: "trunc", kind: "same", pullback: null });
