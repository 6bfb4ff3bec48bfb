import type { ExplorerState } from "../../embedding/state.ts";
import { floats, integers, type PageModel } from "../frame/model.ts";

/** What is known of the points and does not change. */
export interface Points {
  readonly count: number;
  readonly features: number;
  readonly vectors: Float32Array | null;
  readonly names: readonly string[] | null;
  readonly classes: readonly string[] | null;
  readonly classOf: Int32Array | null;
  /** How many points each class has. */
  readonly sizes: readonly number[];
  readonly values: Float32Array | null;
}

/** Reads the points out of the shared state. */
export function pointsOf(model: PageModel): Points {
  const get = <Name extends keyof ExplorerState>(name: Name) => model.get<ExplorerState[Name]>(name);
  const bytes = (name: string) => model.get<DataView | null>(name);
  const classes = get("classes");
  const classOf = classes && integers(bytes("classOf"));
  const sizes = (classes ?? []).map(() => 0);
  for (const index of classOf ?? []) sizes[index]! += 1;
  return {
    count: get("count"),
    features: get("features"),
    vectors: bytes("vectors") && floats(bytes("vectors")),
    names: get("names"),
    classes,
    classOf,
    sizes,
    values: bytes("values") && floats(bytes("values")),
  };
}

/** What a point is called. */
export function nameOf({ names }: Points, index: number): string {
  return names?.[index] ?? `point ${index}`;
}

/** What is known of a point beside its name. */
export function labelOf({ classes, classOf, values }: Points, index: number): string {
  if (classes && classOf) return classes[classOf[index]!]!;
  return values ? String(Number(values[index]!.toPrecision(5))) : "";
}

/** The points that a text in lower case means, the likeliest first; none where it is empty. */
export function hitsOf(points: Points, text: string): number[] {
  if (text === "") return [];
  const isHit = (index: number) =>
    `#${index}` === text ||
    nameOf(points, index).toLowerCase().includes(text) ||
    labelOf(points, index).toLowerCase() === text;
  // What begins with the text, or is it, is more likely meant.
  const rank = (index: number) => {
    const name = nameOf(points, index).toLowerCase();
    return name === text ? 0 : name.startsWith(text) ? 1 : 2;
  };
  const found = Array.from({ length: points.count }, (_, index) => index).filter(isHit);
  return found.sort((a, b) => rank(a) - rank(b) || a - b);
}
