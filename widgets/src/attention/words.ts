import { formatNumber, grouped, percent } from "../picture/numbers.ts";
import type { AttentionState, Example, Focus, MapChoice } from "./example.ts";
import type { SiftedMap } from "./sifted-map.ts";
import { visible } from "./tokens.ts";

type Names = Pick<AttentionState, "layerNames" | "headNames">;

/** What a choice of layer and head is called: `layer 2, head 1`. */
export function choiceName({ layer, head }: MapChoice, example: Example, { layerNames, headNames }: Names): string {
  const heads = head === "mean" ? (example.heads > 1 ? `mean of ${example.heads} heads` : "") : headNames[head]!;
  if (layer === "rollout") return ["rollout through all layers", heads].filter(Boolean).join(", ");
  const layers = example.layers === 1 ? "" : layer === "mean" ? `mean of ${example.layers} layers` : layerNames[layer]!;
  return [layers, example.heads > 1 ? heads : ""].filter(Boolean).join(", ");
}

/** A weight with three digits that count. */
export function weightText(weight: number): string {
  return formatNumber(Number(weight.toPrecision(3)));
}

/** What is left out of a map, in sentences. */
export function siftingWords(map: SiftedMap): string[] {
  const { count, masked } = map;
  const words: string[] = [];
  if (map.choice.layer === "rollout")
    words.push("Rollout: how much of each token is in each place after all layers, which half attend and half keep.");
  if (masked) {
    const names = [
      ...new Set([
        ...map.example.queries.filter((_, query) => map.specialQueries[query]),
        ...map.example.keys.filter((_, key) => map.specialKeys[key]),
      ]),
    ];
    const listed = names.length > 4 ? `${names.length} special tokens` : names.map(visible).join(" ");
    words.push(`Without ${listed}: the other weights of each query are divided by their sum.`);
  }
  if (count.shown + count.broken < count.all)
    words.push(`${grouped(count.shown)} of ${grouped(count.all)} weights, ${percent(map.share)} of the attention.`);
  if (count.broken > 0)
    words.push(`${grouped(count.broken)} ${count.broken === 1 ? "weight is" : "weights are"} not a number (magenta).`);
  return words;
}

/** The n largest weights of a query, or of a key, that are shown. */
export function strongest(
  map: SiftedMap,
  focus: Focus,
  n: number,
): { readonly index: number; readonly weight: number }[] {
  const keys = map.example.keys.length;
  const places =
    focus.query !== null
      ? map.example.keys.map((_, key) => ({ index: key, at: focus.query! * keys + key }))
      : map.example.queries.map((_, query) => ({ index: query, at: query * keys + focus.key! }));
  return places
    .filter(({ at }) => map.shown[at] && map.weights[at]! > 0)
    .map(({ index, at }) => ({ index, weight: map.weights[at]! }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, n);
}

/** Where what is in focus stands: `query 2, key 3`. */
export function placesOf({ image, keys }: Example, { query, key }: Focus, axes: AttentionState["axes"]): string {
  const to = key === null ? "" : image ? `patch ${keys[key]}` : `${axes[1]} ${key}`;
  return [query === null ? "" : `${axes[0]} ${query}`, to].filter(Boolean).join(", ");
}

/** What is in focus, in words: `“zone” → “area”: 0.83`. */
export function focusWords(map: SiftedMap, focus: Focus, axes: AttentionState["axes"]): string {
  const { queries, keys } = map.example;
  const { query, key } = focus;
  const place = (side: "query" | "key") => placesOf(map.example, { query: null, key: null, [side]: focus[side] }, axes);
  const from = query === null ? "" : `“${visible(queries[query]!)}” (${place("query")})`;
  const to = key === null ? "" : map.example.image ? place("key") : `“${visible(keys[key]!)}” (${place("key")})`;
  if (query !== null && key !== null) {
    const special = map.masked && (map.specialQueries[query] || map.specialKeys[key]);
    const at = query * keys.length + key;
    const value = special ? "left out" : weightText(map.weights[at]!);
    const hidden = !special && !map.shown[at] ? ", too small to be shown" : "";
    return `${from} attends to ${to}: ${value}${hidden}`;
  }
  const list = strongest(map, focus, 3);
  const others = query !== null ? keys : queries;
  const named = list.map(({ index, weight }) => `“${visible(others[index]!)}” ${weightText(weight)}`);
  const words = named.join(", ") || "nothing that is shown";
  return query !== null ? `${from} attends to ${words}` : `${to} is attended to by ${words}`;
}

/** The map as text: for each query the key that it attends to most. */
export function mapText(map: SiftedMap, title: string, choice: string): string {
  const { example } = map;
  const sizes = `${example.layers} × ${example.heads} × ${example.queries.length} × ${example.keys.length}`;
  const head = `${title || "attentionMap"}: ${sizes} weights${choice === "" ? "" : `; ${choice}`}`;
  const lines = example.queries.slice(0, 20).flatMap((token, query) => {
    const [most] = strongest(map, { query, key: null }, 1);
    return most ? [`  ${visible(token)} → ${visible(example.keys[most.index]!)} ${weightText(most.weight)}`] : [];
  });
  const more = example.queries.length > 20 ? [`  … ${example.queries.length - 20} more`] : [];
  return [head, ...lines, ...more, ...siftingWords(map)].join("\n");
}
