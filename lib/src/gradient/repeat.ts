/** Runs a function as if things were as they were when this was made. */
export type AsThen = <T>(body: () => T) => T;

const keepers: (() => AsThen)[] = [];

/**
 * @internal Things around a computation that its values depend on, such as the training step it belongs to: `keeper` notes
 * how they are, for when the computation is done again.
 */
export function keepForRepeats(keeper: () => AsThen): void {
  keepers.push(keeper);
}

/** @internal Notes how everything around is now. */
export function asNow(): AsThen {
  const kept = keepers.map((keeper) => keeper());
  return <T>(body: () => T): T => {
    let whole = body;
    for (const around of kept) {
      const inner = whole;
      whole = () => around(inner);
    }
    return whole();
  };
}
