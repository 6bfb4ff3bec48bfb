import { inWords, type ProgressState } from "../../series/progress-state.ts";
import { frame, make } from "../frame/frame.ts";
import type { RenderProps } from "../frame/model.ts";

/** A bar that follows the kernel. */
function render({ model, el }: RenderProps): () => void {
  const view = frame(el, { kind: "progress", title: model.get<string>("title"), label: "progress" });
  const bar = make("div", "gb-bar");
  const filling = bar.appendChild(make("div", "gb-filling"));
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", model.get<string>("title") || "progress");
  view.body.append(bar);
  const names = ["title", "unit", "done", "total", "seconds", "state", "note"] as const;
  const show = () => {
    const now = Object.fromEntries(names.map((name) => [name, model.get(name)])) as unknown as ProgressState;
    const share =
      now.total === null ? (now.state === "done" ? 1 : undefined) : now.total === 0 ? 1 : now.done / now.total;
    bar.dataset.state = share === undefined && now.state === "running" ? "unknown" : now.state;
    filling.style.width = `${100 * Math.min(1, share ?? (now.state === "running" ? 0.3 : 0))}%`;
    if (share === undefined) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", String(Math.round(100 * share)));
    view.foot.textContent = inWords(now);
  };
  model.on("change", show);
  view.onEnd(() => model.off("change", show));
  show();
  return view.end;
}

export default { render };
