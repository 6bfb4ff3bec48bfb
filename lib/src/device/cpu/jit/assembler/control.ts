import type { Code, Local, Statement } from "./code.ts";
import { i32 } from "./code.ts";

const EMPTY = 0x40;
const END = 0x0b;

/** Runs statements in order. */
export function sequence(...parts: readonly (Statement | readonly Statement[])[]): Statement {
  return parts.flat(2) as number[];
}

/** Runs `then` if the condition is not zero, else `otherwise`. */
export function when(condition: Code<"i32">, then: Statement, otherwise: Statement = []): Statement {
  const rest = otherwise.length > 0 ? [0x05, ...otherwise] : [];
  return [...condition.bytes, 0x04, EMPTY, ...then, ...rest, END];
}

/** Runs the body, and again for as long as the condition is not zero. */
export function repeatWhile(condition: Code<"i32">, body: Statement): Statement {
  return [0x03, EMPTY, ...body, ...condition.bytes, 0x0d, 0, END];
}

/** `for (counter = from; counter < to; counter += step)`, signed; `to` and `step` are evaluated each time round. */
export function count(
  counter: Local<"i32">,
  from: Code<"i32">,
  to: Code<"i32">,
  step: Code<"i32">,
  body: Statement,
): Statement {
  const more = i32.less(counter, to);
  return sequence(
    counter.set(from),
    when(more, repeatWhile(more, sequence(body, counter.set(i32.add(counter, step))))),
  );
}

/** Adds to a variable. */
export function advance(variable: Local<"i32">, by: Code<"i32"> | number): Statement {
  return variable.set(i32.add(variable, typeof by === "number" ? i32.const(by) : by));
}

/** Sets `bytes` bytes at the address to zero. */
export function clear(address: Code<"i32">, bytes: Code<"i32">): Statement {
  return [...address.bytes, ...i32.const(0).bytes, ...bytes.bytes, 0xfc, 0x0b, 0];
}
