import type { Focus } from "../../attention/example.ts";
import { choiceName, focusWords, siftingWords } from "../../attention/words.ts";
import { grouped } from "../../picture/numbers.ts";
import { button, toggle } from "../frame/controls.ts";
import { download, fileName, pngOf } from "../frame/download.ts";
import { frame, make } from "../frame/frame.ts";
import type { RenderProps } from "../frame/model.ts";
import { Tooltip } from "../frame/tooltip.ts";
import { HeatMap } from "./heat-map.ts";
import { ColourKey } from "./key.ts";
import { Lines, most } from "./lines.ts";
import { LookedAt } from "./looked-at.ts";
import { type Paints, paintsFor } from "./paints.ts";
import { Panel } from "./panel.ts";
import { followPointing, type Pointed } from "./pointing.ts";
import { Scene } from "./scene.ts";
import { Stamps } from "./stamps.ts";

const howToRead = "Point at a word or a weight to read it, or use the arrow keys; a click pins it.";

/** Who attends to whom: a heat map or lines, the heads to choose from, the image that is looked at. */
function render({ model, el }: RenderProps): () => void {
  const scene = new Scene(model);
  const view = frame(el, { kind: "attention-map", title: model.get<string>("title"), label: "attention map" });
  let paints: Paints = paintsFor(view.scheme);
  const now = () => paints;

  const kinds = (["heat map", "lines"] as const).map((kind) => {
    const element = toggle({ label: kind }, () => scene.set("view", kind));
    return { kind, element };
  });
  const group = make("span", "gb-group");
  group.append(...kinds.map(({ element }) => element));
  const save = button({ label: "download as PNG", icon: "download" }, async () => {
    const { canvas } = drawings[scene.state.view].surface;
    download(`${fileName(scene.state.title, "attention")}.png`, await pngOf(canvas, paints.paper));
  });
  view.tools.append(group, save);

  const panel = new Panel(view.body, scene);
  const sides = view.body.appendChild(make("div", "gb-sides"));
  const main = sides.appendChild(make("div", "gb-main"));
  const drawings = { "heat map": new HeatMap(main, scene, view, now), lines: new Lines(main, scene, view, now) };
  const image = new LookedAt(sides, scene, now);
  const stamps = new Stamps(sides, scene, view);
  const key = new ColourKey(view.body, scene);
  const hint = view.foot.appendChild(make("div"));
  const sifting = view.foot.appendChild(make("div"));
  const reads = view.foot.appendChild(make("div", "gb-reads"));
  const tooltip = new Tooltip(view.body);
  followPointing(drawings["heat map"], scene, tooltip, (from, across, down) => cellBeside(scene, from, across, down));
  followPointing(drawings.lines, scene, tooltip, (from, across, down) => tokenBeside(scene, from, across, down));

  const look = () => {
    const { state } = scene;
    for (const { kind, element } of kinds) element.show(kind === state.view);
    for (const kind of ["heat map", "lines"] as const) {
      const drawing: Pointed & { layout(): void } = drawings[kind];
      drawing.surface.element.hidden = kind !== state.view;
      const { queries, keys } = scene.map.example;
      const label = `${kind} of ${queries.length} ${state.axes[0]} tokens and ${keys.length} ${state.axes[1]} tokens`;
      drawing.surface.canvas.setAttribute("role", "application");
      drawing.surface.canvas.setAttribute("aria-label", `${label}: arrows move, Enter pins, Escape releases`);
    }
    drawings[state.view].layout();
    key.show(paints);
    panel.show();
    image.draw();
  };
  const words = () => {
    const { map, state, focus } = scene;
    const choice = choiceName(state, map.example, state);
    const sentence = choice === "" ? [] : [`${choice[0]!.toUpperCase()}${choice.slice(1)}.`];
    const lines = state.view === "lines" ? drawings.lines.count : 0;
    const crowd = lines > most ? [`At most the strongest ${grouped(most)} of ${grouped(lines)} lines at once.`] : [];
    sifting.textContent = [...sentence, ...siftingWords(map), ...crowd].join(" ");
    hint.textContent = focus || sifting.textContent !== "" ? "" : howToRead;
    const pinned = state.pin ? "Pinned: " : "";
    reads.textContent = focus ? `${pinned}${focusWords(map, focus, state.axes)}` : "";
  };
  scene.on("look", () => {
    look();
    words();
  });
  scene.on("focus", () => {
    drawings[scene.state.view].redraw();
    image.draw();
    words();
  });
  scene.on("map", () => {
    look();
    stamps.mark();
    if (scene.state.masked !== masked) stamps.paint();
    masked = scene.state.masked;
    words();
  });
  let masked = scene.state.masked;
  scene.on("data", () => {
    panel.build();
    stamps.build();
    look();
    words();
  });
  view.onScheme((scheme) => {
    paints = paintsFor(scheme);
    stamps.paint();
    for (const drawing of Object.values(drawings)) drawing.recolour();
    key.show(paints);
    image.draw();
  });
  look();
  words();
  view.onEnd(() => {
    stamps.end();
    for (const drawing of Object.values(drawings)) drawing.end();
    scene.end();
  });
  return view.end;
}

function within(index: number, count: number): number {
  return Math.max(0, Math.min(count - 1, index));
}

/** From a cell to the one beside it; from a token into its row or column. */
function cellBeside(scene: Scene, { query, key }: Focus, across: number, down: number): Focus {
  const { queries, keys } = scene.map.example;
  return { query: within((query ?? 0) + down, queries.length), key: within((key ?? 0) + across, keys.length) };
}

/** From a token to the one below or above it; across, to the other column. */
function tokenBeside(scene: Scene, { query, key }: Focus, across: number, down: number): Focus {
  const { queries, keys } = scene.map.example;
  const right = across === 0 ? query === null : across > 0;
  const index = (query ?? key ?? 0) + down;
  return right ? { query: null, key: within(index, keys.length) } : { query: within(index, queries.length), key: null };
}

export default { render };
