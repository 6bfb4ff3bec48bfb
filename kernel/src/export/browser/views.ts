import type { SavedWidgets } from "../saved-widgets.ts";
import { whenSeen } from "./seen.ts";
import { Widgets } from "./widgets.ts";

/** Draws the views of widgets where they come into sight; where one fails, its picture stays. */
export function showViews(): void {
  const saved = document.querySelector("script#gradbook-widgets")?.textContent;
  if (!saved) return;
  const widgets = new Widgets(JSON.parse(saved) as SavedWidgets);
  whenSeen(document.querySelectorAll<HTMLElement>("div.nb-view[data-model]"), (view) => draw(widgets, view));
}

async function draw(widgets: Widgets, view: HTMLElement): Promise<void> {
  const place = document.createElement("div");
  try {
    await widgets.prepare(view.dataset.model!);
    view.append(place);
    view.classList.add("nb-live");
    await widgets.render(view.dataset.model!, place);
  } catch (error) {
    place.remove();
    view.classList.remove("nb-live");
    const reason = (error instanceof Error ? error.message : String(error)).replaceAll(/blob:\S+/g, "the widget's");
    const textContent = `This is a still picture, because the live view failed: ${reason}`;
    view.append(Object.assign(document.createElement("p"), { className: "nb-failed", textContent }));
  }
}
