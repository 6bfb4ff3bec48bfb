import { grouped, percent } from "../picture/numbers.ts";
import type { ExplorerState, RunState } from "./state.ts";

/** What the axes of a layout are called: of principal components, with their share of the variance. */
export function axesOf(
  method: ExplorerState["method"],
  shares: readonly number[] | null,
  isShort = false,
): [x: string, y: string, z: string] {
  const name = (axis: number) => {
    if (method === "given") return `dimension ${axis + 1}`;
    if (method === "tsne") return `t-SNE ${axis + 1}`;
    const share = shares?.[axis];
    return `PC ${axis + 1}${share === undefined ? "" : ` (${percent(share)}${isShort ? "" : " of the variance"})`}`;
  };
  return [name(0), name(1), name(2)];
}

/** What is shown, in a line. */
export function describe(shown: {
  readonly count: number;
  readonly features: number;
  readonly method: ExplorerState["method"];
  readonly run: RunState;
  readonly selected: number;
}): string {
  const { count, features, method, run, selected } = shown;
  const points = `${several(count, "point")} of ${several(features, "feature")}`;
  const how = {
    tsne: run.iteration === 0 ? "t-SNE, not begun" : `t-SNE after ${several(run.iteration, "iteration")}`,
    pca: "principal components",
    given: "",
  }[method];
  const kl = method === "tsne" && run.kl !== null ? `KL divergence ${run.kl.toFixed(3)}` : "";
  const chosen = selected > 0 ? `${grouped(selected)} selected` : "";
  return [points, how, kl, chosen].filter((part) => part !== "").join(" · ");
}

function several(number: number, what: string): string {
  return `${grouped(number)} ${what}${number === 1 ? "" : "s"}`;
}
