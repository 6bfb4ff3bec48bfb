/** A colour as red, green and blue from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** The colour maps by name. */
export type ColourMap = "grey" | "viridis" | "diverging";

const controls: Readonly<Record<ColourMap, readonly string[]>> = {
  grey: ["#000000", "#ffffff"],
  // Smith and van der Walt's viridis, at every tenth of its range.
  viridis: [
    "#440154",
    "#482475",
    "#414487",
    "#355f8d",
    "#2a788e",
    "#21918c",
    "#22a884",
    "#44bf70",
    "#7ad151",
    "#bddf26",
    "#fde725",
  ],
  // Brewer's RdBu with 11 classes, blue for negative and red for positive values.
  diverging: [
    "#053061",
    "#2166ac",
    "#4393c3",
    "#92c5de",
    "#d1e5f0",
    "#f7f7f7",
    "#fddbc7",
    "#f4a582",
    "#d6604d",
    "#b2182b",
    "#67001f",
  ],
};

/** The colours that a map goes through, evenly spaced. */
export function controlColours(map: ColourMap): readonly string[] {
  return controls[map];
}

/** Whether a name is that of a colour map. */
export function isColourMap(name: string): name is ColourMap {
  return Object.hasOwn(controls, name);
}

/** The colour at a place from 0 to 1, straight between the control colours; beyond the ends it is that of the end. */
export function colourAt(map: ColourMap, place: number): Colour {
  return colourAlong(controls[map], place);
}

/** As {@link colourAt}, for control colours of one's own. */
export function colourAlong(colours: readonly string[], place: number): Colour {
  const at = Math.min(1, Math.max(0, place)) * (colours.length - 1);
  const below = Math.min(Math.floor(at), colours.length - 2);
  const [from, to] = [parsed(colours[below]!), parsed(colours[below + 1]!)];
  const mix = (channel: 0 | 1 | 2) => Math.round(from[channel] + (at - below) * (to[channel] - from[channel]));
  return [mix(0), mix(1), mix(2)];
}

/** The last entry of a colour table. Even, so that the middle of a diverging map, its zero, is an entry of its own. */
export const lastShade = 256;

/** A map as shades 0 … {@link lastShade}, for pictures of many pixels: bytes red, green, blue. */
export function colourTable(map: ColourMap): Uint8Array {
  const table = new Uint8Array((lastShade + 1) * 3);
  for (let i = 0; i <= lastShade; i++) table.set(colourAt(map, i / lastShade), 3 * i);
  return table;
}

/** A colour as `#rrggbb`. */
export function hexColour([red, green, blue]: Colour): string {
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function parsed(hex: string): Colour {
  const number = Number.parseInt(hex.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}
