import type { Focus } from "../../attention/example.ts";
import { visible } from "../../attention/tokens.ts";
import { placesOf, strongest, weightText } from "../../attention/words.ts";
import { make } from "../frame/frame.ts";
import type { Tooltip } from "../frame/tooltip.ts";
import type { Scene } from "./scene.ts";
import type { Surface } from "./surface.ts";

/** A drawing with tokens in it. */
export interface Pointed {
  readonly surface: Surface;
  at(event: MouseEvent): Focus | null;
  middle(focus: Focus): { readonly x: number; readonly y: number };
  reveal(focus: Focus): void;
}

/** Follows pointer and keys on a drawing. @param move where an arrow leads from a focus */
export function followPointing(
  drawing: Pointed,
  scene: Scene,
  tooltip: Tooltip,
  move: (from: Focus, across: number, down: number) => Focus,
): void {
  const { canvas, element } = drawing.surface;
  const tell = (focus: Focus | null, x: number, y: number) => {
    scene.point(focus);
    canvas.style.cursor = focus ? "pointer" : "default";
    if (!focus) return tooltip.hide();
    tooltip.show(x + element.offsetLeft, y + element.offsetTop, told(scene, focus));
  };
  canvas.addEventListener("pointermove", (event) => {
    const { placeX, placeY } = drawing.surface.at(event);
    tell(drawing.at(event), placeX, placeY);
  });
  canvas.addEventListener("pointerleave", () => tell(null, 0, 0));
  canvas.addEventListener("blur", () => tell(null, 0, 0));
  canvas.addEventListener("click", (event) => {
    const focus = drawing.at(event);
    if (focus || scene.state.pin) scene.pin(focus);
  });
  canvas.addEventListener("keydown", (event) => {
    const step = arrows[event.key];
    if (step) {
      const from = scene.cursor ?? scene.state.pin;
      const focus = from ? move(from, ...step) : move({ query: 0, key: 0 }, 0, 0);
      drawing.reveal(focus);
      const { x, y } = drawing.middle(focus);
      tell(focus, x, y);
    } else if (event.key === "Enter" && scene.cursor) scene.pin(scene.cursor);
    else if (event.key === "Escape" && (scene.state.pin || scene.cursor)) {
      if (scene.state.pin) scene.pin(null);
      tell(null, 0, 0);
    } else return;
    event.preventDefault();
  });
}

const arrows: Readonly<Record<string, readonly [across: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What stands beside the pointer: the weight of a cell, or the largest weights of a token. */
function told({ map, state }: Scene, focus: Focus): HTMLElement {
  const { queries, keys } = map.example;
  const box = make("div");
  const line = (text: string, strong = false) => {
    const element = box.appendChild(make(strong ? "strong" : "div"));
    element.textContent = text;
  };
  const { query, key } = focus;
  if (query !== null && key !== null) {
    line(`${visible(queries[query]!)} → ${visible(keys[key]!)}`, true);
    const at = query * keys.length + key;
    if (map.masked && (map.specialQueries[query] || map.specialKeys[key])) line("left out");
    else line(`${weightText(map.weights[at]!)}${map.shown[at] ? "" : ", not shown"}`);
    line(placesOf(map.example, focus, state.axes));
    return box;
  }
  line(query !== null ? `${visible(queries[query]!)} attends to` : `${visible(keys[key!]!)} is attended to by`, true);
  const table = make("table");
  const others = query !== null ? keys : queries;
  for (const { index, weight } of strongest(map, focus, 5)) {
    const row = table.insertRow();
    row.insertCell().textContent = visible(others[index]!);
    row.insertCell().textContent = weightText(weight);
  }
  if (table.rows.length === 0) line("nothing that is shown");
  box.append(table);
  return box;
}
