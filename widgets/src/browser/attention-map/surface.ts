import { Canvas } from "../frame/canvas.ts";
import { make } from "../frame/frame.ts";

/** Draws the part of something large that can be seen from a place in it. */
export type DrawPart = (
  context: CanvasRenderingContext2D,
  seen: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
) => void;

/**
 * A place that scrolls over something large: a canvas of the size of the place stays put and draws what can be seen
 * from there, so that labels stay at the edges and the size of the whole costs nothing.
 */
export class Surface {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly #whole: HTMLElement;
  readonly #place: HTMLElement;
  readonly #canvas: Canvas;
  readonly #observer: ResizeObserver;

  /** @param resized is told when the place has become wider or narrower */
  constructor(parent: HTMLElement, draw: DrawPart, resized: () => void) {
    this.element = make("div", "gb-surface");
    this.#whole = this.element.appendChild(make("div", "gb-whole"));
    this.#place = this.#whole.appendChild(make("div", "gb-window"));
    parent.append(this.element);
    this.#canvas = new Canvas(this.#place, (context, width, height) =>
      draw(context, { x: this.element.scrollLeft, y: this.element.scrollTop, width, height }),
    );
    this.canvas = this.#canvas.element;
    this.canvas.tabIndex = 0;
    this.element.addEventListener("scroll", () => this.redraw(), { passive: true });
    let width = -1;
    this.#observer = new ResizeObserver(() => {
      this.#fit();
      if (this.element.offsetWidth === width) return;
      width = this.element.offsetWidth;
      resized();
    });
    this.#observer.observe(this.element);
  }

  /** The width that there is for a drawing. */
  get room(): number {
    return this.element.clientWidth;
  }

  /** Says how large the whole is. */
  size(width: number, height: number): void {
    this.#whole.style.width = `${Math.ceil(width)}px`;
    this.#whole.style.height = `${Math.ceil(height)}px`;
    this.#fit();
    this.redraw();
  }

  /** Where an event happened, in the whole, and in the place. */
  at(event: MouseEvent): { readonly x: number; readonly y: number; readonly placeX: number; readonly placeY: number } {
    const { left, top } = this.canvas.getBoundingClientRect();
    const [placeX, placeY] = [event.clientX - left, event.clientY - top];
    return { x: placeX + this.element.scrollLeft, y: placeY + this.element.scrollTop, placeX, placeY };
  }

  /** Scrolls as little as is needed to see a box beyond the labels at the left and at the top. */
  reveal(box: { x: number; y: number; width: number; height: number }, left: number, top: number): void {
    const { element } = this;
    const nearest = (scroll: number, start: number, end: number, label: number, room: number) =>
      Math.min(start - label, Math.max(scroll, end - room));
    element.scrollTo(
      nearest(element.scrollLeft, box.x, box.x + box.width, left, element.clientWidth),
      nearest(element.scrollTop, box.y, box.y + box.height, top, element.clientHeight),
    );
  }

  redraw(): void {
    this.#canvas.redraw();
  }

  end(): void {
    this.#observer.disconnect();
    this.#canvas.end();
    this.element.remove();
  }

  #fit(): void {
    this.#place.style.width = `${this.element.clientWidth}px`;
    this.#place.style.height = `${this.element.clientHeight}px`;
  }
}
