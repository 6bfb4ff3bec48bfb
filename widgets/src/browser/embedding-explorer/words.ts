import { labelOf, nameOf, type Points } from "./points.ts";

/** What there is to say of a point: its name, then its class or its measurement, then its number. */
export function inWords(points: Points, index: number): string[] {
  const label = labelOf(points, index);
  const number = points.names ? `point ${index}` : "";
  return [nameOf(points, index), label === "" ? "" : points.classes ? `class ${label}` : label, number].filter(
    (text) => text !== "",
  );
}
