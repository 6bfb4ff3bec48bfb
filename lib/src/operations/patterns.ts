import type { DType, Shape } from "../device/device.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Repeated, Words } from "./pattern-types.ts";

type Left<P extends string> = P extends `${infer L}->${string}` ? Words<L> : [];
type Right<P extends string> = P extends `${string}->${infer R}` ? Words<R> : [];

/** What is wrong with a pattern, or never. */
type Problem<P extends string> = string extends P
  ? never
  : P extends `${string}->${string}`
    ? [Exclude<Right<P>[number], Left<P>[number]>] extends [never]
      ? [Exclude<Left<P>[number], Right<P>[number]>] extends [never]
        ? [Repeated<Left<P>> | Repeated<Right<P>>] extends [never]
          ? never
          : `rearrange: ${Repeated<Left<P>> | Repeated<Right<P>>} stands twice on one side`
        : `rearrange: ${Exclude<Left<P>[number], Right<P>[number]>} is missing on the right`
      : `rearrange: ${Exclude<Right<P>[number], Left<P>[number]>} is missing on the left`
    : `rearrange: a pattern has two sides, "b t d -> t b d"`;
type Checked<P extends string> = [Problem<P>] extends [never] ? P : Problem<P>;

/** Sizes of the axes that a pattern names. */
type Sizes<P extends string> = string extends P
  ? Readonly<Record<string, number>>
  : { readonly [Name in Exclude<Left<P>[number], "...">]?: number };

/** One axis on one side: the names that lie in it, none for an axis of size 1. */
type Axis = readonly string[];

/** All axes that are not named, each of its own. */
const others: Axis = ["..."];

/**
 * Axes in another order, taken apart or put together, as a pattern shows (after Rogozhnikov, "Einops", ICLR 2022):
 * `rearrange(x, "b t (h d) -> b h t d", { h: 8 })`. Names in brackets are one axis; all but one of their sizes must be
 * said. `1` is an axis of size 1, `...` any number of axes. Both sides have the same names, which is checked at compile
 * time. Throws an `ArgumentError` for a bad pattern and a `ShapeError` where it does not fit.
 */
export function rearrange<D extends DType, const P extends string>(
  x: Tensor<D>,
  pattern: Checked<P>,
  sizes: Sizes<P> = {} as Sizes<P>,
): Tensor<D> {
  const { left, right } = read(pattern, x.shape);
  const known = new Map<string, number>(Object.entries(sizes as Readonly<Record<string, number>>));
  for (const [name, size] of known) {
    if (!left.flat().includes(name))
      throw new ArgumentError("rearrange", `${JSON.stringify(pattern)} has no ${name}, whose size is said.`);
    if (!Number.isInteger(size) || size < 0)
      throw new ArgumentError("rearrange", `${name} is ${size}, expected a whole number of 0 or more.`);
  }
  left.forEach((axis, i) => {
    workOut(axis, x.shape[i]!, known, x.shape, pattern);
  });
  const names = left.flat();
  const order = right.flat().map((name) => names.indexOf(name));
  const apart = x.reshape(names.map((name) => known.get(name)!)).transpose(order);
  return apart.reshape(right.map((axis) => sizeOf(axis.map((name) => known.get(name)!))));
}

function read(pattern: string, shape: Shape): { left: Axis[]; right: Axis[] } {
  const quoted = JSON.stringify(pattern);
  const sides = pattern.split("->");
  if (sides.length !== 2)
    throw new ArgumentError("rearrange", `${quoted} has no two sides, expected "b t d -> t b d" or the like.`);
  const [before, after] = sides.map((side) => axesOf(side, quoted)) as [Axis[], Axis[]];
  for (const side of [before, after]) {
    const twice = side.flat().find((name, i, all) => all.indexOf(name) !== i);
    if (twice !== undefined) throw new ArgumentError("rearrange", `${quoted}: ${twice} stands twice on one side.`);
  }
  const lost = [...before.flat(), ...after.flat()].find(
    (name) => !before.flat().includes(name) || !after.flat().includes(name),
  );
  if (lost !== undefined)
    throw new ArgumentError("rearrange", `${quoted}: ${lost} stands on one side alone, expected it on both.`);
  if (before.some((axis) => axis !== others && axis.includes("...")))
    throw new ArgumentError("rearrange", `${quoted}: "..." lies in brackets on the left; expected it outside.`);
  const open = before.includes(others);
  const named = before.length - (open ? 1 : 0);
  if (open ? shape.length < named : shape.length !== named) {
    throw new ShapeError(
      "rearrange",
      `the tensor is ${showShape(shape)}, ${quoted} expects ${named} ${open ? "or more " : ""}${named === 1 && !open ? "axis" : "axes"}.`,
      [shape],
    );
  }
  const rest = Array.from({ length: shape.length - named }, (_, i) => `axis ${i} under "..."`);
  // On the left the rest are axes of their own; on the right they are that, or part of one in brackets.
  return {
    left: before.flatMap((axis) => (axis === others ? rest.map((name) => [name]) : [axis])),
    right: after.flatMap((axis) =>
      axis === others ? rest.map((name) => [name]) : [axis.flatMap((name) => (name === "..." ? rest : [name]))],
    ),
  };
}

function axesOf(side: string, pattern: string): Axis[] {
  const axes: Axis[] = [];
  let open: string[] | null = null;
  for (const token of side.match(/\(|\)|\.\.\.|[A-Za-z_]\w*|1(?!\w)|\S/g) ?? []) {
    if (token === "(" && open === null) {
      open = [];
    } else if (token === ")" && open !== null) {
      axes.push(open);
      open = null;
    } else if (token === "1") {
      if (open === null) axes.push([]);
    } else if (/^(\.\.\.|[A-Za-z_]\w*)$/.test(token)) {
      if (open === null) axes.push(token === "..." ? others : [token]);
      else open.push(token);
    } else {
      throw new ArgumentError("rearrange", `${pattern}: "${token}" is not expected there; names, 1, ... and ( ) are.`);
    }
  }
  if (open !== null) throw new ArgumentError("rearrange", `${pattern}: a bracket is not closed.`);
  return axes;
}

/** The size of the one name of an axis that is not known, by that of the axis. */
function workOut(axis: Axis, size: number, known: Map<string, number>, shape: Shape, pattern: string): void {
  const where = `${showShape(shape)} for ${JSON.stringify(pattern)}`;
  const open = axis.filter((name) => !known.has(name));
  const product = sizeOf(axis.flatMap((name) => known.get(name) ?? []));
  if (open.length > 1) {
    throw new ArgumentError(
      "rearrange",
      `${where}: the sizes of ${open.join(" and ")} are not known. Say all but one: { ${open[0]}: 2 }.`,
    );
  }
  if (open.length === 1) {
    if (product === 0 || size % product !== 0)
      throw new ShapeError("rearrange", `${where}: ${size} does not divide by ${product} to give ${open[0]}.`, [shape]);
    known.set(open[0]!, size / product);
  } else if (product !== size) {
    const name = axis.length === 0 ? "1" : axis.join(" · ");
    throw new ShapeError("rearrange", `${where}: an axis has ${size}, expected ${name} = ${product}.`, [shape]);
  }
}
