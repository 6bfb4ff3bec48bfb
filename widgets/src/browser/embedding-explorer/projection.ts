import type { Camera } from "../../embedding/state.ts";

/** All of the map from the front, a little turned in space. */
export const home: Camera = { x: 0, y: 0, zoom: 1, yaw: 0.6, pitch: 0.35 };

/** Pixels between the outermost points and the edge. */
const margin = 34;

/** How far the eye is from the middle of the map, in halves of its size. */
const eye = 4;

/** Places on the screen in CSS pixels, and how near they are: from −1, far, to 1. */
export interface Placed {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly depth: Float32Array;
}

/** The box around a map. */
export interface Bounds {
  readonly middle: readonly [x: number, y: number, z: number];
  readonly half: readonly [x: number, y: number, z: number];
  /** Half of the longest side: the unit of the camera. */
  readonly unit: number;
}

/** The box around positions `[n, dimensions]`; those that are no numbers do not count. */
export function boundsOf(positions: Float32Array, dimensions: number): Bounds {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < positions.length; i++) {
    const value = positions[i]!;
    const axis = i % dimensions;
    if (!Number.isFinite(value)) continue;
    if (value < low[axis]!) low[axis] = value;
    if (value > high[axis]!) high[axis] = value;
  }
  const middle = [0, 1, 2].map((axis) => (low[axis]! <= high[axis]! ? (low[axis]! + high[axis]!) / 2 : 0));
  const half = [0, 1, 2].map((axis) => (low[axis]! <= high[axis]! ? (high[axis]! - low[axis]!) / 2 : 0));
  const unit = Math.max(...half) || 1;
  return { middle: middle as [number, number, number], half: half as [number, number, number], unit };
}

/** From a map to the screen, as the camera looks at it. */
export class Projection {
  readonly #bounds: Bounds;
  readonly #camera: Camera;
  readonly #inSpace: boolean;
  readonly #width: number;
  readonly #height: number;
  readonly #turn: readonly number[];
  /** Pixels of half a map. */
  readonly scale: number;

  constructor(bounds: Bounds, camera: Camera, inSpace: boolean, width: number, height: number) {
    this.#bounds = bounds;
    this.#camera = camera;
    this.#inSpace = inSpace;
    this.#width = width;
    this.#height = height;
    this.scale = fit(bounds, inSpace, width, height) * camera.zoom;
    const [cosYaw, sinYaw] = [Math.cos(camera.yaw), Math.sin(camera.yaw)];
    const [cosPitch, sinPitch] = [Math.cos(camera.pitch), Math.sin(camera.pitch)];
    this.#turn = inSpace
      ? [
          cosYaw,
          0,
          sinYaw,
          sinPitch * sinYaw,
          cosPitch,
          -sinPitch * cosYaw,
          -cosPitch * sinYaw,
          sinPitch,
          cosPitch * cosYaw,
        ]
      : [1, 0, 0, 0, 1, 0, 0, 0, 1];
  }

  /** The same map, looked at in another way. */
  with(camera: Camera): Projection {
    return new Projection(this.#bounds, camera, this.#inSpace, this.#width, this.#height);
  }

  /** Puts all positions `[n, dimensions]` on the screen. */
  place(positions: Float32Array, dimensions: number, into: Placed): void {
    const { middle, unit } = this.#bounds;
    const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = this.#turn as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const { x: left, y: low } = this.#camera;
    const [centreX, centreY] = [this.#width / 2, this.#height / 2];
    const count = into.x.length;
    for (let i = 0, at = 0; i < count; i++, at += dimensions) {
      const u = (positions[at]! - middle[0]) / unit;
      const v = (positions[at + 1]! - middle[1]) / unit;
      if (!this.#inSpace) {
        into.x[i] = centreX + (u - left) * this.scale;
        into.y[i] = centreY - (v - low) * this.scale;
        into.depth[i] = 0;
        continue;
      }
      const w = dimensions === 3 ? (positions[at + 2]! - middle[2]) / unit : 0;
      const near = zx * u + zy * v + zz * w;
      const closer = (this.scale * eye) / (eye - near);
      into.x[i] = centreX + (xx * u + xy * v + xz * w - left) * closer;
      into.y[i] = centreY - (yx * u + yy * v + yz * w - low) * closer;
      into.depth[i] = Math.max(-1, Math.min(1, near));
    }
  }

  /** The place of one point, given in halves of the map from its middle. */
  at(u: number, v: number, w: number): { readonly x: number; readonly y: number } {
    const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = this.#turn as number[];
    const near = this.#inSpace ? zx! * u + zy! * v + zz! * w : 0;
    const closer = this.#inSpace ? (this.scale * eye) / (eye - near) : this.scale;
    return {
      x: this.#width / 2 + (xx! * u + xy! * v + xz! * w - this.#camera.x) * closer,
      y: this.#height / 2 - (yx! * u + yy! * v + yz! * w - this.#camera.y) * closer,
    };
  }

  /** The camera that has a point of the map in its middle. */
  towards(position: ArrayLike<number>, zoom: number): Camera {
    const { middle, unit } = this.#bounds;
    const [u, v, w] = [0, 1, 2].map((axis) => ((position[axis] ?? middle[axis]!) - middle[axis]!) / unit) as [
      number,
      number,
      number,
    ];
    const [xx, xy, xz, yx, yy, yz] = this.#turn as number[];
    const x = xx! * u + xy! * v + xz! * w;
    const y = yx! * u + yy! * v + yz! * w;
    return { ...this.#camera, x, y, zoom };
  }

  /** The camera after a drag by so many pixels. */
  dragged(across: number, down: number): Camera {
    const { x, y } = this.#camera;
    return { ...this.#camera, x: x - across / this.scale, y: y + down / this.scale };
  }

  /** The camera that is nearer by a factor, with the same point of the map under the pointer. */
  zoomed(factor: number, pointerX: number, pointerY: number): Camera {
    const { x, y, zoom } = this.#camera;
    const next = Math.min(400, Math.max(0.2, zoom * factor));
    // What is under the pointer is so far from the middle before, and after.
    const shift = 1 / this.scale - 1 / ((this.scale * next) / zoom);
    return {
      ...this.#camera,
      zoom: next,
      x: x + (pointerX - this.#width / 2) * shift,
      y: y - (pointerY - this.#height / 2) * shift,
    };
  }
}

/** Pixels of half a map when all of it is to be seen. */
function fit({ half, unit }: Bounds, inSpace: boolean, width: number, height: number): number {
  const room = [Math.max(20, width / 2 - margin), Math.max(20, height / 2 - margin)] as const;
  // A cube that is turned needs more room than its sides.
  if (inSpace) return Math.min(...room) / 1.15;
  const fits = [room[0] / (half[0] / unit || 1e-9), room[1] / (half[1] / unit || 1e-9)];
  return Math.min(...fits);
}

/** How far between two cameras, for a flight from one to the other. */
export function between(from: Camera, to: Camera, share: number): Camera {
  const mix = (a: number, b: number) => a + (b - a) * share;
  return {
    x: mix(from.x, to.x),
    y: mix(from.y, to.y),
    // Equal shares of a flight are equal factors.
    zoom: from.zoom * (to.zoom / from.zoom) ** share,
    yaw: mix(from.yaw, to.yaw),
    pitch: mix(from.pitch, to.pitch),
  };
}
