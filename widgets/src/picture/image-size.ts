/** The size of an image of which the longer side has about so many pixels: a whole multiple of small ones. */
export function sizeWithin(
  { width, height }: { readonly width: number; readonly height: number },
  side: number,
): [width: number, height: number] {
  const longer = Math.max(width, height);
  const scale = longer <= side ? Math.floor(side / longer) : side / longer;
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}
