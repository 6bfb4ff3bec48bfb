import { paperShade } from "./paper-shades.ts";

const table = (scheme: "light" | "dark") => Array.from({ length: 257 }, (_, shade) => paperShade(scheme, shade / 256));
const tables = { light: table("light"), dark: table("dark") };

/** The colours of a map's cells: bytes red, green, blue. */
export function cellColours(
  { values, shown, high }: { values: Float32Array; shown?: Uint8Array; high: number },
  scheme: "light" | "dark",
): Uint8Array {
  const table = tables[scheme];
  const bytes = new Uint8Array(3 * values.length);
  values.forEach((value, i) => {
    const shade = shown && !shown[i] ? 0 : Math.round(256 * Math.min(1, value / high));
    bytes.set(Number.isNaN(shade) ? [255, 0, 255] : table[shade]!, 3 * i);
  });
  return bytes;
}
