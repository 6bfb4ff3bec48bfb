import type { Reader } from "./reader.ts";
import type { ScenePanel } from "./scene.ts";

/** Less than this is a click, in pixels. */
const slack = 4;

/**
 * What the pointer does on a panel's picture. The wheel zooms once the curve has the focus, or with Ctrl held: otherwise
 * it scrolls the notebook, as everywhere.
 */
export function listenToPointer(
  plot: HTMLElement,
  reader: Reader,
  parts: { panel: () => ScenePanel | undefined; focused: () => boolean; focus: () => void },
): void {
  const placeOf = ({ clientX, clientY }: MouseEvent): [number, number] => {
    const { left, top } = plot.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    parts.focus();
    const at = placeOf(event);
    reader.grip = { at, pans: event.shiftKey, last: at };
    plot.setPointerCapture(event.pointerId);
    // Or the page would select the words around.
    event.preventDefault();
  });
  plot.addEventListener("pointermove", (event) => {
    const at = placeOf(event);
    const panel = parts.panel();
    const { grip } = reader;
    if (!grip || !panel) return reader.lookAt(at[0]);
    if (grip.pans) {
      reader.pan(grip.last[0] - at[0], grip.last[1] - at[1], panel);
      grip.last = at;
    } else if (reader.drag || Math.hypot(at[0] - grip.at[0], at[1] - grip.at[1]) >= slack) {
      reader.dragTo(panel, grip.at, at);
    }
  });
  plot.addEventListener("pointerup", () => {
    if (reader.grip) reader.drop();
  });
  plot.addEventListener("pointercancel", () => reader.cancel());
  plot.addEventListener("pointerleave", () => reader.lookAway());
  plot.addEventListener("dblclick", () => reader.reset());
  plot.addEventListener(
    "wheel",
    (event) => {
      if (!parts.focused() && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      // Lines and pages where a wheel does not count in pixels.
      const pixels = (event.deltaY || event.deltaX) * ([1, 16, 400][event.deltaMode] ?? 1);
      reader.zoom(Math.exp(Math.max(-1, Math.min(1, pixels / 400))), placeOf(event)[0]);
    },
    { passive: false },
  );
}
