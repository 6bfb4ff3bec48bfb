import { isDead, measure, statisticsOf } from "../../layers/channel-statistics.ts";
import type { LayerTile } from "../../layers/layer-tiles.ts";
import { formatNumber } from "../../picture/numbers.ts";
import { sheetRange } from "../../picture/tiles.ts";
import type { Asked } from "./asking.ts";
import type { Scene } from "./scene.ts";

/** What is to be seen, in a sentence. */
export function wordsAbout(scene: Scene): string {
  const { entry, mode, rows, shading, inputs, channels, dead, seen, exact } = scene;
  if (rows.length === 0) return entry.name;
  const name = entry.name === "" ? "" : `${entry.name}: `;
  const { tileHeight, tileWidth } = shading;
  const size = `${tileHeight} × ${tileWidth}`;
  const [one, many] = mode === "filters" ? ["filter", "filters"] : ["map", "maps"];
  const on = mode === "filters" ? ` on ${counted(inputs, "input", "inputs")}` : "";
  const [low, high] = sheetRange(
    rows.flat().map(({ tile }) => tile),
    "all",
  );
  const parts = [
    `${name}${counted(channels, one, many)} of ${size}${on}`,
    `${formatNumber(low)} … ${formatNumber(high)}`,
  ];
  if (rows.length < channels) parts.push(`the first ${rows.length} are kept`);
  if (dead.size > 0) parts.push(`${dead.size} dead${seen > 1 ? ` for all ${seen} inputs seen` : ""}`);
  if (!exact) parts.push("values to 1/254 of each tile’s range");
  return parts.join("; ");
}

/** A tile in numbers. */
export function wordsOfTile(scene: Scene, { tile, channel }: LayerTile): string {
  const statistics = statisticsOf(measure(tile.values, 1), 0);
  const { low, high, mean, norm } = statistics;
  const range = isDead(statistics)
    ? `${formatNumber(low)} everywhere`
    : `${formatNumber(low)} … ${formatNumber(high)}, mean ${formatNumber(mean)}, norm ${formatNumber(norm)}`;
  return `${tile.name}: ${range}${scene.dead.has(channel) ? "; dead" : ""}`;
}

/** Why something that was computed for an input is not to be seen. */
export function wordsOfAsked(asked: Asked, what: string): string {
  if (asked === "alone") return `${what}: not saved for this input. Run the cell to have it computed.`;
  return asked === "waiting" ? `${what}: waiting for the kernel …` : `${what}: ${asked.because}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
