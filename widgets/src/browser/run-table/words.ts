import { formatNumber } from "../../picture/numbers.ts";
import { numberOf } from "../../runs/cell.ts";
import type { SeenRuns } from "../../runs/seen.ts";

/** What is seen, in words: how many runs, and which are the best. */
export function wordsOfRuns({ columns, runs }: SeenRuns, all: number, most: number): string {
  if (all === 0) return "No runs yet.";
  const count = runs.length < all ? `${runs.length} of ${all} runs` : all === 1 ? "1 run" : `${all} runs`;
  const shown = runs.length > most ? `, the first ${most} are shown` : "";
  const bests = columns.flatMap(({ name, best }) => {
    if (best === undefined) return [];
    const winners = runs.filter(({ cells }) => numberOf(cells[name]) === best);
    const who = winners.length > 1 ? `${winners.length} runs` : `run ${winners[0]!.name}`;
    return [`best ${name} ${formatNumber(best)} (${who})`];
  });
  return [`${count}${shown}`, ...bests.slice(0, 3)].join("; ");
}
