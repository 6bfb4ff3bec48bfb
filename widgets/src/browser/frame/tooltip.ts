import { make } from "./frame.ts";

/** Words beside the pointer. They are for the eye: what they say must be reachable by the keyboard, too. */
export class Tooltip {
  readonly element: HTMLElement;
  readonly #place: HTMLElement;

  /** @param place positioned, so that coordinates are those inside it */
  constructor(place: HTMLElement) {
    this.#place = place;
    this.element = make("div", "gb-tooltip");
    this.element.hidden = true;
    place.append(this.element);
  }

  /** Shows content near a point, on the side where there is room. */
  show(x: number, y: number, ...content: readonly (Node | string)[]): void {
    const { element } = this;
    element.replaceChildren(...content);
    element.hidden = false;
    const { clientWidth, clientHeight } = this.#place;
    const { offsetWidth, offsetHeight } = element;
    const left = x + 14 + offsetWidth <= clientWidth ? x + 14 : Math.max(0, x - 14 - offsetWidth);
    const top = Math.max(0, Math.min(y + 14, clientHeight - offsetHeight));
    element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
