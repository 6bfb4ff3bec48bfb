import type { Reader } from "./reader.ts";

/** What keys do, in words. */
export const keysInWords =
  "Left and right arrows read the values, + and − zoom, arrows with Shift move, Home shows everything, Escape ends.";

/** What keys do while the pictures have the focus. */
export function listenToKeys(plots: HTMLElement, reader: Reader, read: () => void): void {
  plots.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target !== plots) return;
    const done = act(event, reader);
    if (!done) return;
    event.preventDefault();
    if (done === "read") read();
  });
  plots.addEventListener("blur", () => reader.lookAway());
}

function act({ key, shiftKey }: KeyboardEvent, reader: Reader): "read" | boolean {
  const far = 80;
  switch (key) {
    case "ArrowLeft":
    case "ArrowRight": {
      const sign = key === "ArrowLeft" ? -1 : 1;
      if (shiftKey) reader.pan(sign * far);
      else reader.step(sign);
      return shiftKey || "read";
    }
    case "PageUp":
    case "PageDown":
      reader.step(key === "PageUp" ? -20 : 20);
      return "read";
    case "ArrowUp":
    case "ArrowDown":
      if (shiftKey) reader.panUp(key === "ArrowUp" ? -0.2 : 0.2);
      return shiftKey;
    case "+":
    case "=":
      reader.zoom(0.7);
      return true;
    case "-":
    case "−":
    case "_":
      reader.zoom(1 / 0.7);
      return true;
    case "Home":
    case "0":
      reader.reset();
      return true;
    case "Escape":
      if (reader.grip) reader.cancel();
      reader.lookAway();
      return true;
    default:
      return false;
  }
}
