import type { RidgeView } from "../../histogram/ridges.ts";
import { type SpreadAt, type SpreadSeries, unpackSpreads } from "../../histogram/series.ts";
import { checkbox, field, select } from "../frame/controls.ts";
import { frame, make } from "../frame/frame.ts";
import { type RenderProps, Setting } from "../frame/model.ts";
import { Tooltip } from "../frame/tooltip.ts";
import { Panel } from "./panel.ts";

/** More panels than these are found by their names. */
const most = 48;

const views = [
  ["ridges", "over time"],
  ["overlay", "on one another"],
  ["last", "the last one"],
] as const satisfies readonly (readonly [RidgeView, string])[];

const hint = "Point at a bin to read it, or use the arrow keys; a click on a name enlarges it.";

/** Histograms that grow along training. */
function render({ model, el }: RenderProps): () => void {
  const view = frame(el, { kind: "histograms", title: model.get("title"), label: "histograms" });
  const setting = {
    view: new Setting<RidgeView>(model, "view"),
    logarithmic: new Setting<boolean>(model, "logarithmic"),
    filter: new Setting<string>(model, "filter"),
    large: new Setting<string>(model, "large"),
  };
  const filter = field({ label: "name", type: "search", placeholder: "part of a name" }, (text) =>
    setting.filter.set(text),
  );
  const how = select({ label: "steps", choices: views }, (value) => setting.view.set(value as RidgeView));
  const logarithmic = checkbox(
    { label: "log counts", hint: "Heights by the logarithm of the counts: the few are seen beside the many" },
    (on) => setting.logarithmic.set(on),
  );
  view.tools.append(filter.element, how.element, logarithmic.element);
  const list = view.body.appendChild(make("div", "gb-histogram-list"));
  const tooltip = new Tooltip(view.body);
  const panels = new Map<string, Panel>();
  const tell = (words: readonly string[] | undefined, x: number, y: number, by: "pointer" | "keyboard") => {
    if (!words) {
      tooltip.hide();
      return;
    }
    const { left, top } = view.body.getBoundingClientRect();
    tooltip.show(x - left, y - top, ...words.map((line) => Object.assign(make("div"), { textContent: line })));
    // Read out only where keys were pressed: a pointer is for the eye.
    if (by === "keyboard") view.foot.textContent = words.join(": ");
  };
  const panelOf = (name: string) => {
    const known = panels.get(name);
    if (known) return known;
    const panel = new Panel(() => setting.large.set(setting.large.value === name ? "" : name), tell);
    panels.set(name, panel);
    return panel;
  };
  const show = () => {
    const all = model.get<readonly SpreadSeries[]>("series");
    const wanted = setting.filter.value.trim().toLowerCase();
    const found = all.filter(({ name }) => name.toLowerCase().includes(wanted));
    const large = found.find(({ name }) => name === setting.large.value);
    const seen = large ? [large] : found.slice(0, most);
    if (filter.input.value !== setting.filter.value) filter.input.value = setting.filter.value;
    filter.element.hidden = all.length < 2;
    how.input.value = setting.view.value;
    logarithmic.input.checked = setting.logarithmic.value;
    const unpacked = seen.map((series): [string, SpreadAt[]] => [series.name, unpackSpreads(series)]);
    how.element.hidden = unpacked.every(([, spreads]) => spreads.length < 2);
    const look = { view: setting.view.value, logarithmic: setting.logarithmic.value };
    const elements = unpacked.map(([name, spreads]) => {
      const panel = panelOf(name);
      panel.show(name, spreads, look, large !== undefined);
      return panel.element;
    });
    const same = elements.length === list.children.length && elements.every((one, i) => list.children[i] === one);
    if (!same) list.replaceChildren(...elements);
    const count = large ? all.length : found.length;
    const words =
      all.length === 0
        ? "No values yet."
        : large
          ? `${large.name}, one of ${count}`
          : count > seen.length
            ? `The first ${seen.length} of ${count}; the others are found by their names.`
            : found.length < all.length
              ? `${count} of ${all.length}`
              : hint;
    // What stands there already is not read out again with each step that comes.
    if (view.foot.textContent !== words) view.foot.textContent = words;
  };
  let requested = 0;
  const redraw = () => {
    requested ||= requestAnimationFrame(() => {
      requested = 0;
      show();
    });
  };
  model.on("change", redraw);
  view.onScheme(() => {
    for (const panel of panels.values()) panel.redraw();
  });
  view.onEnd(() => {
    model.off("change", redraw);
    cancelAnimationFrame(requested);
    for (const panel of panels.values()) panel.end();
  });
  show();
  return view.end;
}

export default { render };
