import { make } from "./frame.ts";

/** Draws on a canvas whose unit is a CSS pixel. */
export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void;

/** A canvas that is as sharp as the screen, follows the size of its place, and is drawn at most once a frame. */
export class Canvas {
  readonly element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #draw: Draw;
  readonly #observer: ResizeObserver;
  #requested = 0;
  width = 0;
  height = 0;

  /** @param place sized by its style: the canvas fills it. */
  constructor(place: HTMLElement, draw: Draw) {
    this.element = make("canvas", "gb-canvas");
    this.#context = this.element.getContext("2d")!;
    this.#draw = draw;
    place.append(this.element);
    this.#observer = new ResizeObserver(() => this.#fit(place));
    this.#observer.observe(place);
    this.#fit(place);
  }

  /** Draws before the next frame. */
  redraw(): void {
    this.#requested ||= requestAnimationFrame(() => this.now());
  }

  end(): void {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#requested);
  }

  #fit(place: HTMLElement): void {
    const { clientWidth, clientHeight } = place;
    if (clientWidth === 0 || clientHeight === 0) return;
    const density = devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * density), Math.round(clientHeight * density)];
    this.width = clientWidth;
    this.height = clientHeight;
    if (this.element.width === width && this.element.height === height) return;
    this.element.width = width;
    this.element.height = height;
    // At once: an emptied canvas would flicker until the next frame.
    this.now();
  }

  /** Draws at once. */
  now(): void {
    cancelAnimationFrame(this.#requested);
    this.#requested = 0;
    if (this.width === 0) return;
    const density = this.element.width / this.width;
    this.#context.setTransform(density, 0, 0, density, 0, 0);
    this.#context.clearRect(0, 0, this.width, this.height);
    this.#draw(this.#context, this.width, this.height);
  }
}
