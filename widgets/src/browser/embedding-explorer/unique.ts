/** A name that nothing else has, in this page or in another one that shows the same widget. */
export function unique(): string {
  // Unlike `randomUUID`, there on pages that were not fetched by TLS, too.
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}
