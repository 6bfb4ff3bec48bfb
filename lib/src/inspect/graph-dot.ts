import type { Graph, GraphNode } from "./graph.ts";

/** A node's lines of text: what it is, and its shape. */
export function linesOf({ name, shape, dtype }: GraphNode): readonly string[] {
  const sizes = shape.length === 0 ? "scalar" : shape.join("×");
  return [name, dtype === "float32" ? sizes : `${sizes} ${dtype}`];
}

/** A layer's path and those of the layers around it, the outermost first: `a`, `a.b`. */
export function pathsAround(path: string): string[] {
  const parts = path === "" ? [] : path.split(".");
  return parts.map((_, i) => parts.slice(0, i + 1).join("."));
}

const looks: Readonly<Record<GraphNode["kind"], string>> = {
  input: 'shape=box, style="rounded,filled", fillcolor="#dbe9f6"',
  parameter: 'shape=box, style="rounded,filled", fillcolor="#fbe3c8"',
  constant: 'shape=box, style="rounded,filled", fillcolor="#eeeeee"',
  operation: 'shape=box, style="filled", fillcolor="white"',
};

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The graph in the language of Graphviz. */
export function graphToDot({ nodes, edges }: Graph): string {
  const lines = [
    "digraph {",
    '  node [fontname="Helvetica", fontsize=11];',
    '  graph [fontname="Helvetica", fontsize=11];',
  ];
  const write = (layer: string, indent: string): void => {
    for (const node of nodes.filter((one) => one.layer === layer)) {
      const label = linesOf(node)
        .map((line) => quoted(line).slice(1, -1))
        .join("\\n");
      const rim = node.output ? ", penwidth=2" : "";
      lines.push(`${indent}n${node.id} [label="${label}", ${looks[node.kind]}${rim}];`);
    }
    for (const inner of layersIn(nodes, layer)) {
      lines.push(`${indent}subgraph ${quoted(`cluster ${inner}`)} {`, `${indent}  label=${quoted(inner)};`);
      write(inner, `${indent}  `);
      lines.push(`${indent}}`);
    }
  };
  write("", "  ");
  for (const { from, to } of edges) lines.push(`  n${from} -> n${to};`);
  return [...lines, "}", ""].join("\n");
}

/** The paths right below another one, of all layers with operations. */
function layersIn(nodes: readonly GraphNode[], path: string): string[] {
  const depth = pathsAround(path).length;
  const below = nodes.flatMap(({ layer }) => {
    const around = pathsAround(layer);
    return around.length > depth && (path === "" || around[depth - 1] === path) ? [around[depth]!] : [];
  });
  return [...new Set(below)];
}
