import type { ExplorerState } from "../../embedding/state.ts";
import { describe } from "../../embedding/words.ts";
import { button, checkbox, select, toggle } from "../frame/controls.ts";
import { download, fileName, pngOf } from "../frame/download.ts";
import { type Frame, frame, make } from "../frame/frame.ts";
import type { RenderProps } from "../frame/model.ts";
import { Chosen } from "./chosen.ts";
import { type Change, Explorer } from "./explorer.ts";
import type { Tool } from "./gestures.ts";
import { Legend } from "./legend.ts";
import { PointMap } from "./map.ts";
import { Near } from "./near.ts";
import { RunBar } from "./run-bar.ts";
import { Search } from "./search.ts";
import { listen } from "./streamed.ts";
import { tableOf } from "./table.ts";

function initialize({ model }: Pick<RenderProps, "model">): () => void {
  return listen(model);
}

/** Points of many dimensions on a map. */
function render({ model, el }: RenderProps): () => void {
  const explorer = new Explorer(model);
  const title = model.get<string>("title");
  const view = frame(el, { kind: "embedding-explorer", title, label: "embedding explorer" });
  view.onEnd(() => explorer.end());
  const main = make("div", "gb-main");
  const side = make("div", "gb-side");
  const map = new PointMap(main, explorer, view);
  const runs = new RunBar(explorer);
  const legend = new Legend(explorer, view);
  const look = (index: number) => {
    explorer.focus.set(index);
    map.flyTo(index);
  };
  const search = new Search(explorer, (index) => map.flyTo(index));
  const chosen = new Chosen(explorer, (index) => map.flyTo(index));
  const near = new Near(explorer, look);
  side.append(search.element, legend.element, chosen.element, near.element);
  main.append(side);
  view.body.append(runs.element, main);
  const tools = toolbar(explorer, map, view, title);
  const summarise = () => {
    const { count, features } = explorer.points;
    const method = explorer.method.value;
    view.foot.textContent = describe({
      count,
      features,
      method,
      run: explorer.run,
      selected: explorer.selected.length,
    });
  };
  explorer.onChange((changes) => {
    const has = (...names: Change[]) => names.some((name) => changes.has(name));
    map.redraw();
    if (changes.size === 1 && has("map")) {
      runs.showProgress();
      return;
    }
    if (changes.size === 1 && has("camera")) return;
    runs.refresh();
    tools.refresh();
    if (has("method", "inSpace")) map.describe();
    if (has("hidden")) legend.refresh();
    if (has("search")) search.refresh();
    if (has("selected")) chosen.refresh();
    if (has("focus", "k", "measure", "neighbours", "kernel", "method", "inSpace", "tsne2", "tsne3")) near.refresh();
    if (has("focus", "k", "measure", "kernel")) explorer.askForNeighbours();
    if (has("selected") && explorer.selected.length > 0) reveal(side, chosen.element);
    if (has("focus") && explorer.focus.value !== null) reveal(side, near.element);
    summarise();
  });
  summarise();
  return view.end;
}

/** Brings a panel into sight where the panels scroll, beside a wide map: the page itself is not to move. */
function reveal(side: HTMLElement, { offsetTop, offsetHeight }: HTMLElement): void {
  const bottom = offsetTop + offsetHeight - side.clientHeight;
  if (bottom > side.scrollTop) side.scrollTop = bottom;
  if (offsetTop < side.scrollTop) side.scrollTop = offsetTop;
}

/** Which layout, in the plane or in space, what a drag does, what is drawn, and what can be taken away. */
function toolbar(explorer: Explorer, map: PointMap, view: Frame, title: string): { refresh(): void } {
  const words = { tsne: "t-SNE", pca: "PCA", given: "as given" };
  const layout = select(
    { label: "layout", choices: explorer.choices.map((choice) => [choice, words[choice]]) },
    (value) => {
      explorer.camera.set(null);
      explorer.method.set(value as ExplorerState["method"]);
    },
  );
  const inSpace = (wanted: boolean) => {
    explorer.camera.set(null);
    explorer.inSpace.set(wanted);
  };
  const plane = toggle({ label: "2D", hint: "In the plane" }, () => inSpace(false));
  const space = toggle({ label: "3D", hint: "In space: dragging turns the map" }, () => inSpace(true));
  const tools: readonly (readonly [Tool, HTMLButtonElement & { show(on: boolean): void }])[] = [
    ["move", toggle({ label: "Move", icon: "move", hint: "Dragging moves or turns the map" }, () => use("move"))],
    ["box", toggle({ label: "Select in a box", icon: "box", hint: boxHint("box") }, () => use("box"))],
    ["lasso", toggle({ label: "Select with a lasso", icon: "lasso", hint: boxHint("lasso") }, () => use("lasso"))],
  ];
  function use(tool: Tool): void {
    map.tool = tool;
    map.place.dataset.tool = tool;
    for (const [name, control] of tools) control.show(name === tool);
  }
  const home = button({ label: "Show all of the map", icon: "home" }, () => map.home());
  const images = checkbox({ label: "images" }, (on) => explorer.showImages.set(on));
  const names = checkbox({ label: "names" }, (on) => explorer.showNames.set(on));
  layout.element.hidden = explorer.choices.length < 2;
  images.element.hidden = explorer.model.get("thumbnails") === null;
  names.element.hidden = explorer.points.names === null;
  const file = fileName(title, "embedding");
  const png = button({ label: "PNG", hint: "Download the picture as PNG" }, async () => {
    const paper = getComputedStyle(view.root).backgroundColor;
    download(`${file}.png`, await pngOf(map.canvas.element, paper));
  });
  const csv = button({ label: "CSV", hint: "Download the places of all points as CSV" }, () => {
    const table = tableOf(explorer);
    if (table !== undefined) download(`${file}.csv`, table, "text/csv");
  });
  const group = (...elements: HTMLElement[]) => {
    const span = make("span", "gb-group");
    span.append(...elements);
    return span;
  };
  view.tools.append(
    layout.element,
    group(plane, space),
    group(...tools.map(([, control]) => control), home),
    images.element,
    names.element,
    group(png, csv),
  );
  const refresh = () => {
    layout.input.value = explorer.method.value;
    plane.show(!explorer.isInSpace);
    space.show(explorer.isInSpace);
    space.disabled = !explorer.canBeInSpace;
    space.title = space.disabled ? "This layout has two dimensions" : "In space: dragging turns the map";
    images.input.checked = explorer.showImages.value;
    names.input.checked = explorer.showNames.value;
  };
  use("move");
  refresh();
  return { refresh };
}

function boxHint(what: string): string {
  return `Dragging draws a ${what}: its points are selected. Shift adds to the selection, Alt takes away`;
}

export default { initialize, render };
