/** What something is that should have been something else, for a message: "a Tensor", "an object", "null". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
  const word = name === "Object" ? "object" : name;
  return `${/^[aeiou]/i.test(word) ? "an" : "a"} ${word}`;
}
