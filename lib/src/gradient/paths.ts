import { ArgumentError } from "../tensor/errors.ts";

/**
 * Which paths of a model are meant: a path, or the beginning of one at a dot (`encoder` is all that is in it), where `*`
 * stands for any characters and `*.` for nothing, too (`*.bias` is every bias); or a regular expression.
 */
export type PathPattern = string | RegExp;

/** Tells which paths a pattern means. */
export function pathMatcher(pattern: PathPattern): (path: string) => boolean {
  if (pattern instanceof RegExp) return (path) => path.search(pattern) >= 0;
  const parts = pattern.split(/(\*\.|\*)/).map((part) => {
    if (part === "*.") return "(?:.*\\.)?";
    return part === "*" ? ".*" : part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&");
  });
  const whole = new RegExp(`^${parts.join("")}(?:\\..*)?$`);
  return (path) => whole.test(path);
}

interface HasPath {
  readonly path: string;
}

/** The places that a pattern means; throws an `ArgumentError` where there are none. */
export function placesMatching<P extends HasPath>(who: string, places: readonly P[], pattern: PathPattern): P[] {
  const matches = pathMatcher(pattern);
  const found = places.filter(({ path }) => matches(path));
  if (found.length > 0) return found;
  const some = places.slice(0, 4).map(({ path }) => path);
  const more = places.length > some.length ? " …" : "";
  throw new ArgumentError(
    who,
    `no path matches ${String(pattern)}, expected one of ${some.join(", ")}${more}`.concat("."),
  );
}

/**
 * What a record by pattern says of each path that one of them means: the first that matches. Throws an `ArgumentError` for
 * a pattern that matches none.
 */
export function byPattern<T>(
  who: string,
  places: readonly HasPath[],
  record: Readonly<Record<string, T>>,
): ReadonlyMap<string, T> {
  const said = new Map<string, T>();
  for (const [pattern, value] of Object.entries(record))
    for (const { path } of placesMatching(who, places, pattern)) if (!said.has(path)) said.set(path, value);
  return said;
}
