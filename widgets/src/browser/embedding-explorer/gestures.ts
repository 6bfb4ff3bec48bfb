import { boxOf, type Corner } from "./region.ts";

/** What a drag does. */
export type Tool = "move" | "box" | "lasso";

/** What the reader's gestures ask for; places are in CSS pixels inside the map. */
export interface Asked {
  tool(): Tool;
  /** Whether drags turn the map. */
  inSpace(): boolean;
  pan(across: number, down: number): void;
  turn(across: number, down: number): void;
  zoom(factor: number, x: number, y: number): void;
  home(): void;
  /** The region that is being drawn. */
  outline(region: readonly Corner[] | undefined): void;
  /** A region is complete. @param how whether its points replace, join or leave the selection */
  choose(region: readonly Corner[], how: "replace" | "add" | "remove"): void;
  hover(place: Corner | undefined): void;
  click(place: Corner): void;
  /** To the next or the previous point. */
  walk(direction: 1 | -1): void;
  /** Enter: the neighbours of the point walked to; space: selects it. */
  act(what: "focus" | "select"): void;
  clear(): void;
  /** The wheel was turned over a map that does not have the focus: the page scrolls. */
  wheelPassed(): void;
}

/** So few pixels are no drag, but a click of an unsteady hand. */
const still = 4;

/** Listens to pointer, wheel and keyboard. */
export function listenTo(element: HTMLElement, asked: Asked): void {
  let drag: { from: Corner; last: Corner; path: Corner[]; moved: boolean } | undefined;
  const placeOf = (event: MouseEvent): Corner => {
    const { left, top } = element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const regionOf = () => {
    if (!drag) return [];
    return asked.tool() === "box" ? boxOf(drag.from, drag.last) : drag.path;
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const place = placeOf(event);
    drag = { from: place, last: place, path: [place], moved: false };
    element.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
  });
  element.addEventListener("pointermove", (event) => {
    const place = placeOf(event);
    if (!drag) {
      asked.hover(place);
      return;
    }
    if (!drag.moved && Math.hypot(place[0] - drag.from[0], place[1] - drag.from[1]) < still) return;
    const [across, down] = [place[0] - drag.last[0], place[1] - drag.last[1]];
    if (!drag.moved) asked.hover(undefined);
    drag.moved = true;
    drag.last = place;
    if (asked.tool() !== "move") {
      drag.path.push(place);
      asked.outline(regionOf());
    } else if (asked.inSpace() && !event.shiftKey) asked.turn(across, down);
    else asked.pan(across, down);
  });
  const end = (event: PointerEvent) => {
    if (!drag) return;
    const region = regionOf();
    const { moved } = drag;
    drag = undefined;
    asked.outline(undefined);
    if (event.type === "pointercancel") return;
    if (!moved) asked.click(placeOf(event));
    else if (asked.tool() !== "move")
      asked.choose(region, event.shiftKey ? "add" : event.altKey ? "remove" : "replace");
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("pointerleave", () => asked.hover(undefined));
  element.addEventListener(
    "wheel",
    (event) => {
      // A page must not get stuck on a map that it scrolls past.
      if (document.activeElement !== element && !event.ctrlKey) {
        asked.wheelPassed();
        return;
      }
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      asked.zoom(Math.exp(-Math.max(-120, Math.min(120, event.deltaY * lines)) / 300), ...placeOf(event));
    },
    { passive: false },
  );
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (pressed(event, element, asked)) event.preventDefault();
  });
}

/** @returns whether the key means something here */
function pressed({ key, shiftKey }: KeyboardEvent, element: HTMLElement, asked: Asked): boolean {
  const arrow = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
  const [middleX, middleY] = [element.clientWidth / 2, element.clientHeight / 2];
  if (arrow) {
    const [across, down] = arrow as [number, number];
    if (asked.inSpace() && !shiftKey) asked.turn(-30 * across, -30 * down);
    else asked.pan(60 * across, 60 * down);
  } else if (key === "+" || key === "=") asked.zoom(1.3, middleX, middleY);
  else if (key === "-" || key === "_") asked.zoom(1 / 1.3, middleX, middleY);
  else if (key === "0" || key === "Home") asked.home();
  else if (key === "n") asked.walk(1);
  else if (key === "p") asked.walk(-1);
  else if (key === "Enter") asked.act("focus");
  else if (key === " ") asked.act("select");
  else if (key === "Escape") asked.clear();
  else return false;
  return true;
}
