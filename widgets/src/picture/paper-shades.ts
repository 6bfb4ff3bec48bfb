import { type Colour, colourAlong } from "./colours.ts";

/**
 * Shades that begin at the colour of the paper: nothing is nothing to see. Control colours at sixteenths of the way
 * through a few blues and greens, at equal distances in Ottosson's OKLab (2020); lightness alone orders them, so that
 * every kind of colour vision does.
 */
export const paperShades: Readonly<Record<"light" | "dark", readonly string[]>> = {
  light: [
    "#ffffff",
    "#e3f4f8",
    "#c8e9f1",
    "#aeddea",
    "#95d0e4",
    "#7dc3de",
    "#65b5d7",
    "#4ea7d1",
    "#3a98c9",
    "#2f88c2",
    "#2c77ba",
    "#2c67b0",
    "#2a58a1",
    "#274990",
    "#243c7d",
    "#212f6a",
    "#1d2358",
  ],
  dark: [
    "#17191e",
    "#1a2237",
    "#1c2b51",
    "#1f356a",
    "#224280",
    "#245294",
    "#2662a5",
    "#2a73b3",
    "#2d85bd",
    "#3097c2",
    "#3da9c4",
    "#55b9c6",
    "#74c7c8",
    "#95d4c9",
    "#b5e0ca",
    "#d4ecca",
    "#f2f7c9",
  ],
};

/** The shade at a place from 0 to 1. */
export function paperShade(scheme: "light" | "dark", place: number): Colour {
  return colourAlong(paperShades[scheme], place);
}
