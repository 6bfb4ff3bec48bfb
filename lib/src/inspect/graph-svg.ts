import type { Graph, GraphNode } from "./graph.ts";
import { linesOf, pathsAround } from "./graph-dot.ts";
import { escaped } from "./text-table.ts";

const fills: Readonly<Record<GraphNode["kind"], string>> = {
  input: "#dbe9f6",
  parameter: "#fbe3c8",
  constant: "#eeeeee",
  operation: "#ffffff",
};

/** Where a box lies: its middle and its size. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const lineHeight = 14;
const letter = 6.4;

/** The graph as an SVG picture, laid out by dagre (Sugiyama, Tagawa and Toda's layers, 1981). */
export async function graphToSvg({ nodes, edges }: Graph): Promise<string> {
  const { Graph: Layout, layout } = await import("@dagrejs/dagre");
  const plan = new Layout({ compound: true, multigraph: true });
  plan.setGraph({ ranksep: 28, nodesep: 16, marginx: 10, marginy: 10 });
  const layers = new Set(nodes.flatMap(({ layer }) => pathsAround(layer)));
  for (const path of layers) {
    plan.setNode(`layer ${path}`, {});
    const parent = pathsAround(path).at(-2);
    if (parent !== undefined) plan.setParent(`layer ${path}`, `layer ${parent}`);
  }
  for (const node of nodes) {
    const lines = linesOf(node);
    const width = Math.max(40, ...lines.map((line) => 16 + letter * line.length));
    plan.setNode(`${node.id}`, { width, height: 10 + lineHeight * lines.length });
    if (node.layer !== "") plan.setParent(`${node.id}`, `layer ${node.layer}`);
  }
  edges.forEach(({ from, to }, i) => {
    plan.setEdge(`${from}`, `${to}`, {}, `${i}`);
  });
  layout(plan);
  const box = (name: string) => plan.node(name) as unknown as Box;
  const { width = 0, height = 0 } = plan.graph() as { readonly width?: number; readonly height?: number };
  const size = { width: Math.ceil(width), height: Math.ceil(height) };
  const arrows = plan.edges().map((edge: object) => {
    const { points } = plan.edge(edge) as unknown as { readonly points: readonly { x: number; y: number }[] };
    return `<path d="${curve(points)}" fill="none" stroke="#555" marker-end="url(#tip)"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="Helvetica, Arial, sans-serif" font-size="11">`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>',
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...[...layers].map((path) => layerBox(path, box(`layer ${path}`))),
    ...arrows,
    ...nodes.map((node) => nodeBox(node, box(`${node.id}`))),
    "</svg>",
    "",
  ].join("\n");
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function rect({ x, y, width, height }: Box, look: string): string {
  return `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}" ${look}/>`;
}

function layerBox(path: string, box: Box): string {
  const label = `<text x="${round(box.x - box.width / 2 + 4)}" y="${round(box.y - box.height / 2 + 11)}" fill="#777">${escaped(path)}</text>`;
  return `${rect(box, 'rx="4" fill="#8888880f" stroke="#bbb"')}${label}`;
}

function nodeBox(node: GraphNode, box: Box): string {
  const corners = node.kind === "operation" ? 2 : 9;
  const look = `rx="${corners}" fill="${fills[node.kind]}" stroke="#333" stroke-width="${node.output ? 2 : 1}"`;
  const lines = linesOf(node);
  const first = box.y - (lineHeight * (lines.length - 1)) / 2 + 4;
  const text = lines.map(
    (line, i) =>
      `<text x="${round(box.x)}" y="${round(first + i * lineHeight)}" text-anchor="middle"${i > 0 ? ' fill="#777"' : ""}>${escaped(line)}</text>`,
  );
  return `${rect(box, look)}${text.join("")}`;
}

/** A smooth line through points, by quadratic curves whose ends lie between them. */
function curve(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points as [{ x: number; y: number }, ...{ x: number; y: number }[]];
  const last = rest.at(-1)!;
  const bends = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1]!;
    const end = i === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${round(point.x)} ${round(point.y)} ${round(end.x)} ${round(end.y)}`;
  });
  const path = bends.length > 0 ? bends.join("") : `L${round(last.x)} ${round(last.y)}`;
  return `M${round(first.x)} ${round(first.y)}${path}`;
}
