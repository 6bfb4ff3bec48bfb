/** What long work obeys: the signal it was given, or the one that a notebook kernel puts up for the running cell. */
export function signalOf(given: AbortSignal | undefined): AbortSignal | undefined {
  return given ?? (globalThis as { readonly [key: symbol]: AbortSignal | undefined })[Symbol.for("Jupyter.signal")];
}
