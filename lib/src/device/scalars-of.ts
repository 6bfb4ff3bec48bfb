import type { Expression } from "./device.ts";

/** The scalar functions of an elementwise program, in the order in which they are computed. */
export function scalarsOf(expression: Expression): string[] {
  const seen = new Set<Expression>();
  const names: string[] = [];
  const visit = (node: Expression): void => {
    if (node.kind !== "apply" || seen.has(node)) return;
    seen.add(node);
    node.to.forEach(visit);
    names.push(node.scalar);
  };
  visit(expression);
  return names;
}
