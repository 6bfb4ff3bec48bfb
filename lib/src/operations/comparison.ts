import { type Binary, binary, composed, type Unary, unary } from "./elementwise.ts";

/** Where `x < y`. */
export const less: Binary<"bool"> = binary({ name: "less", map: "less", kind: "bool", pullback: null });
/** Where `x ≤ y`. */
export const lessEqual: Binary<"bool"> = binary({ name: "lessEqual", map: "lessEqual", kind: "bool", pullback: null });
/** Where `x` and `y` are equal; NaN equals nothing. */
export const equal: Binary<"bool"> = binary({ name: "equal", map: "equal", kind: "bool", pullback: null });
/** Where `x > y`. */
export const greater: Binary<"bool"> = composed("greater", (x, y) => less(y, x));
/** Where `x ≥ y`. */
export const greaterEqual: Binary<"bool"> = composed("greaterEqual", (x, y) => lessEqual(y, x));
/** Where `x` and `y` differ; NaN differs from everything. */
export const notEqual: Binary<"bool"> = composed("notEqual", (x, y) => not(equal(x, y)));
/** Where both are true (not zero). */
export const and: Binary<"bool"> = binary({ name: "and", map: "and", kind: "bool", pullback: null });
/** Where either is true (not zero). */
export const or: Binary<"bool"> = binary({ name: "or", map: "or", kind: "bool", pullback: null });
/** Where one is true and the other is not. */
export const xor: Binary<"bool"> = composed("xor", (x, y) => notEqual(x.cast("bool"), y.cast("bool")));
/** Where false (zero). */
export const not: Unary<"bool"> = unary({ name: "not", map: "not", kind: "bool", pullback: null });
/** Where not a number. */
export const isNaN: Unary<"bool"> = unary({ name: "isNaN", map: "isNaN", kind: "bool", pullback: null });
/** Where neither NaN nor infinite. */
export const isFinite: Unary<"bool"> = unary({ name: "isFinite", map: "isFinite", kind: "bool", pullback: null });
