/**
 * The protocol counts code points; JavaScript counts UTF-16 units. They differ after an emoji.
 * Without a position, the end of the text.
 */
export function unitsFromPoints(text: string, points: number | null | undefined): number {
  if (points == null) return text.length;
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen++ >= points) break;
    units += character.length;
  }
  return units;
}

/** The inverse of {@link unitsFromPoints}. */
export function pointsFromUnits(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}
