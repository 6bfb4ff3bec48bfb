import { border, ink, type Paint, paper, quiet } from "../../picture/card.ts";
import { classPaints, markOf, type Shape } from "../../picture/class-marks.ts";
import { type Colour, colourAt } from "../../picture/colours.ts";
import { rangeOf } from "../../picture/scatter-card.ts";
import type { Scheme } from "../frame/scheme.ts";
import type { Points } from "./points.ts";

const shades = 48;

/** How points of one kind are drawn. */
export interface PointLook {
  readonly colour: Colour;
  readonly shape: Shape;
}

/** All looks, and which one each point has. */
export interface Looks {
  readonly all: readonly PointLook[];
  readonly of: Uint16Array;
  /** The look that lies below all others, as that of points of no class; less than 0 where none does. */
  readonly below: number;
}

/** The paper's and the pen's colours. */
export interface Surface {
  readonly paper: Colour;
  readonly ink: Colour;
  readonly quiet: Colour;
  readonly border: Colour;
}

export function surfaceOf(scheme: Scheme): Surface {
  const [paperColour, inkColour, quietColour, borderColour] = [paper, ink, quiet, border].map((paint) =>
    colourOf(paint, scheme),
  ) as [Colour, Colour, Colour, Colour];
  return { paper: paperColour, ink: inkColour, quiet: quietColour, border: borderColour };
}

/** The colour of a paint as bytes. */
export function colourOf(paint: Paint, scheme: Scheme): Colour {
  const number = Number.parseInt(paint[scheme].slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** The part of viridis that stands out from the paper. */
export function shadeAt(place: number, scheme: Scheme): Colour {
  return colourAt("viridis", scheme === "light" ? 0.94 * place : 0.14 + 0.86 * place);
}

/** Colours by class, by measurement, or one for all. */
export function looksOf({ count, classes, classOf, values }: Points, scheme: Scheme): Looks {
  if (classes && classOf) {
    const all = classes.map((name, index): PointLook => {
      const { paint, shape } = markOf(index, name);
      return { colour: colourOf(paint, scheme), shape };
    });
    return { all, of: Uint16Array.from(classOf), below: classes.indexOf("") };
  }
  if (!values)
    return {
      all: [{ colour: colourOf(classPaints[0]!, scheme), shape: "disc" }],
      of: new Uint16Array(count),
      below: -1,
    };
  const all = Array.from({ length: shades }, (_, i): PointLook => {
    return { colour: shadeAt(i / (shades - 1), scheme), shape: "disc" };
  });
  // A point without a measurement has no colour.
  all.push({ colour: colourOf(quiet, scheme), shape: "disc" });
  const [low, high] = rangeOf(values);
  const of = Uint16Array.from(values, (value) =>
    Number.isFinite(value) ? Math.round(((value - low) / (high - low || 1)) * (shades - 1)) : shades,
  );
  return { all, of, below: shades };
}

/** A colour for the drawing commands of a canvas. */
export function css([red, green, blue]: Colour): string {
  return `rgb(${red}, ${green}, ${blue})`;
}
