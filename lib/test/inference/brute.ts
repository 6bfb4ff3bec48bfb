/** ln Σ exp(values). */
export function logSum(values: readonly number[]): number {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/** Every sequence of so many states. */
export function sequences(states: number, length: number): number[][] {
  if (length === 0) return [[]];
  return sequences(states, length - 1).flatMap((start) =>
    Array.from({ length: states }, (_, state) => [...start, state]),
  );
}

/** The score of one sequence of states, word for word. */
export function scoreOf(
  path: readonly number[],
  parts: {
    initial: readonly number[];
    transition: readonly (readonly number[])[];
    emission: readonly (readonly number[])[];
  },
): number {
  return path.reduce(
    (sum, state, t) =>
      sum + parts.emission[t]![state]! + (t === 0 ? parts.initial[state]! : parts.transition[path[t - 1]!]![state]!),
    0,
  );
}
