import type { Axis } from "../../picture/axis.ts";
import type { Zoom } from "../../series/curve-state.ts";
import type { Setting } from "../frame/model.ts";
import { further, nearest } from "./places.ts";
import type { Scene, ScenePanel } from "./scene.ts";
import { between, moved, stretched, whole, within } from "./zoom.ts";

/** What a drag has enclosed so far, in pixels of a panel: a stretch of one axis, or a box. */
export interface Drag {
  readonly panel: ScenePanel;
  readonly x: readonly [from: number, to: number] | null;
  readonly y: readonly [from: number, to: number] | null;
}

/** Where the pointer was pressed on a panel's picture and where it was last, in pixels. */
export interface Grip {
  readonly at: readonly [x: number, y: number];
  /** Whether it moves what is to be seen, instead of enclosing it. */
  readonly pans: boolean;
  last: readonly [x: number, y: number];
}

/** A drag in one direction is a zoom in that direction alone, until it is so far from straight, in pixels. */
const straight = 14;

/** What the reader does with the pictures, by pointer or by keys: where they look, and how they zoom. */
export class Reader {
  readonly #zoom: Setting<Zoom>;
  readonly #scene: () => Scene;
  readonly #changed: () => void;
  /** Where the crosshair is, as a value on the horizontal axis. */
  cross: number | undefined;
  drag: Drag | undefined;
  /** As long as the pointer is pressed, and what it does was not cancelled. */
  grip: Grip | undefined;

  constructor(parts: { zoom: Setting<Zoom>; scene: () => Scene; changed: () => void }) {
    this.#zoom = parts.zoom;
    this.#scene = parts.scene;
    this.#changed = parts.changed;
  }

  lookAt(pixel: number): void {
    const scene = this.#scene();
    const inside = pixel >= scene.left - 4 && pixel <= scene.right + 4;
    this.#cross(inside ? nearest(scene, pixel) : undefined);
  }

  lookAway(): void {
    this.#cross(undefined);
  }

  /** Moves the crosshair by so many points; it appears at the end of the lines. */
  step(by: number): void {
    const scene = this.#scene();
    const next =
      this.cross === undefined ? nearest(scene, by > 0 ? scene.left : scene.right) : further(scene, this.cross, by);
    if (next === undefined) return;
    this.#cross(next);
    // A zoom follows it.
    const pixel = scene.x.at(next);
    const beyond = pixel < scene.left ? pixel - scene.left - 20 : pixel > scene.right ? pixel - scene.right + 20 : 0;
    if (beyond !== 0) this.pan(beyond);
  }

  /** Shows `factor` times as much of the horizontal axis as before, around a place in pixels. */
  zoom(factor: number, around = this.#middle()): void {
    const scene = this.#scene();
    const x = stretched(scene.x, around, factor, scene.wholeX);
    this.#zoom.set({ ...this.#zoom.value, x });
  }

  /** Moves what is to be seen by so many pixels; `down` in one panel. */
  pan(right: number, down = 0, panel?: ScenePanel): void {
    const scene = this.#scene();
    const { x, y } = this.#zoom.value;
    const unit = panel?.group.unit ?? "";
    const nextY = panel && down !== 0 && y[unit] ? { ...y, [unit]: flipped(panel.y, -down) } : y;
    this.#zoom.set({ x: x && moved(scene.x, right, scene.wholeX), y: nextY });
  }

  /** Moves all panels that are zoomed up or down by a part of their height. */
  panUp(part: number): void {
    for (const panel of this.#scene().panels) this.pan(0, part * (panel.bottom - panel.top), panel);
  }

  reset(): void {
    this.#zoom.set(whole);
  }

  /** A drag from one place of a panel to another, so far. */
  dragTo(panel: ScenePanel, from: readonly [number, number], to: readonly [number, number]): void {
    const [wide, high] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
    this.drag = {
      panel,
      x: wide < straight && high >= straight ? null : [Math.min(from[0], to[0]), Math.max(from[0], to[0])],
      y: high < straight ? null : [Math.min(from[1], to[1]), Math.max(from[1], to[1])],
    };
    this.#changed();
  }

  /** The drag is over: what it encloses is shown. */
  drop(): void {
    const { drag } = this;
    this.grip = undefined;
    this.drag = undefined;
    this.#changed();
    if (!drag) return;
    const scene = this.#scene();
    const { x, y } = this.#zoom.value;
    const { unit } = drag.panel.group;
    this.#zoom.set({
      x: drag.x ? within(between(scene.x, ...drag.x), scene.wholeX) : x,
      y: drag.y ? { ...y, [unit]: between(drag.panel.y, ...drag.y) } : y,
    });
  }

  /** The drag, or what may become one, is over, and nothing of it is shown. */
  cancel(): void {
    this.grip = undefined;
    this.drag = undefined;
    this.#changed();
  }

  #middle(): number {
    const scene = this.#scene();
    const cross = this.cross === undefined ? Number.NaN : scene.x.at(this.cross);
    return cross >= scene.left && cross <= scene.right ? cross : (scene.left + scene.right) / 2;
  }

  #cross(value: number | undefined): void {
    if (value === this.cross) return;
    this.cross = value;
    this.#changed();
  }
}

/** A vertical axis moved by so many pixels. */
function flipped(axis: Axis, pixels: number): readonly [number, number] {
  const [bottom, top] = [axis.at(axis.low), axis.at(axis.high)];
  return [axis.valueAt(bottom + pixels), axis.valueAt(top + pixels)];
}
