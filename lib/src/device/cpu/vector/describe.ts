import type { DType, Expression, RowProgram } from "../../device.ts";

/** How an input lies: one value for the whole call, one for each row, or one for each element. */
export type Reach = "call" | "row" | "element";

/** What is known of a program before anything is compiled. */
export interface Described {
  /** Equal for programs of equal structure and layout, whatever their numbers. */
  readonly key: string;
  /** The numbers that a call supplies, in the order of their slots: constants, and inputs by their place. */
  readonly numbers: readonly ({ readonly value: number } | { readonly input: number })[];
}

const letters: Readonly<Record<DType, string>> = { float32: "f", float64: "d", int32: "i", bool: "b" };
/** Nodes up to which it is sooner to look through a list than to ask a map. */
const FEW = 16;

/** Describes a program in one walk: operations on elements of small tensors take little longer than this. */
export function describe({ folds, elements, rows }: RowProgram, reaches: readonly Reach[]): Described {
  const nodes: Expression[] = [];
  let ids: Map<Expression, number> | undefined;
  const numbers: Described["numbers"][number][] = [];
  let key = "";
  for (let i = 0; i < reaches.length; i++) key += reaches[i]![0];
  const visit = (node: Expression): number => {
    const known = ids === undefined ? nodes.indexOf(node) : (ids.get(node) ?? -1);
    if (known >= 0) return known;
    if (node.kind === "input") {
      key += `;i${node.index}`;
      if (reaches[node.index] === "call") numbers.push({ input: node.index });
    } else if (node.kind === "constant") {
      key += ";k";
      numbers.push({ value: node.value });
    } else {
      const { to } = node;
      let operands = "";
      for (let i = 0; i < to.length; i++) operands += ` ${visit(to[i]!)}`;
      key += `;${node.scalar}${operands}`;
    }
    key += letters[node.dtype];
    const id = nodes.push(node) - 1;
    if (id === FEW) ids = new Map(nodes.map((each, i) => [each, i]));
    else ids?.set(node, id);
    return id;
  };
  let results = "";
  for (const { by, of } of folds) results += `${by}${visit(of)},`;
  results += "|";
  for (const node of elements) results += `${visit(node)},`;
  results += "|";
  for (const node of rows) results += `${visit(node)},`;
  return { key: `${key}|${results}`, numbers };
}

/** Shows all nodes of a program, each once and after what it is made of, in the order of {@link describe}. */
export function visitAll({ folds, elements, rows }: RowProgram, see: (node: Expression) => void): void {
  const seen = new Set<Expression>();
  const visit = (node: Expression): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "apply") node.to.forEach(visit);
    see(node);
  };
  for (const { of } of folds) visit(of);
  elements.forEach(visit);
  rows.forEach(visit);
}
