import { inspect } from "node:util";

const bookkeeping = new Set(["async_id_symbol", "trigger_async_id_symbol", "kResourceStore"]);

/**
 * Lets promises print as `Promise { 1 }`. Node 20 keeps the asynchronous context that output is traced by
 * in properties of every promise, and would print them, too.
 */
export function hideContextOfPromises(): void {
  Object.defineProperty(Promise.prototype, inspect.custom, {
    value: printWithoutContext,
    configurable: true,
    writable: true,
  });
}

function printWithoutContext(this: object, _depth: number, options: object, print: typeof inspect): string {
  const hidden = Object.getOwnPropertySymbols(this)
    .filter((symbol) => bookkeeping.has(symbol.description ?? ""))
    .map((symbol) => [symbol, Object.getOwnPropertyDescriptor(this, symbol)!] as const);
  const shadow = { value: undefined, enumerable: false, configurable: true };
  for (const [symbol] of hidden) Reflect.deleteProperty(this, symbol);
  Object.defineProperty(this, inspect.custom, shadow);
  try {
    return print(this, options);
  } finally {
    Reflect.deleteProperty(this, inspect.custom);
    for (const [symbol, descriptor] of hidden) Object.defineProperty(this, symbol, descriptor);
  }
}
