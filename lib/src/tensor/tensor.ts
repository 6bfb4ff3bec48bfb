import type { Arrays, Device, DType, Scalar, Shape, View } from "../device/device.ts";
import { displayTensor } from "./display.ts";
import { DeviceError, ShapeError } from "./errors.ts";
import { materialise } from "./lazy.ts";
import { currentOwner, type Owner, requireLive } from "./ownership.ts";
import { printTensor } from "./print.ts";
import type { Recorder } from "./recording.ts";
import { showShape, sizeOf } from "./shapes.ts";
import { isContiguous } from "./view.ts";

/** An elementwise result that nobody has needed yet. */
export interface Pending {
  readonly kind: "pending";
  readonly scalar: Scalar;
  readonly operands: readonly Tensor[];
  /** Operations in the unevaluated tree below, so that chains are cut before they grow without bound. */
  readonly depth: number;
  /** Whether it has been folded without being kept: whoever asks next keeps it. */
  folded: boolean;
}
/** A number that needs no memory. */
export interface Constant {
  readonly kind: "constant";
  readonly value: number;
}
/** A parameter before `nn.init`: it has a shape and no values. */
export interface Unset {
  readonly kind: "unset";
  readonly because: string;
}
export interface Stored {
  readonly kind: "stored";
  readonly view: View;
}
/** Inside `vmap`: one example's part of a tensor that holds all of them along its first axis. */
export interface Batched {
  readonly kind: "batched";
  readonly all: Tensor;
  /** How many calls of `vmap` lie around, from 1. */
  readonly level: number;
}
/** What is left of a tensor whose memory was given back: when its scope ended, or when another took its place. */
export interface Released {
  readonly kind: "released";
  readonly by: "scope" | "step" | "replacement";
}
export type State = Stored | Pending | Constant | Unset | Batched | Released;

/** One recorder that follows a tensor, with what it keeps there while it goes backwards, and the next. */
export interface Mark {
  readonly recorder: Recorder;
  readonly next: Mark | null;
  /** Who goes backwards, and what has come back: what another walk has left behind counts for nothing. */
  walk: object | undefined;
  back: unknown;
}

/** Numbers or truth values nested in arrays. */
export type Nested = number | boolean | readonly Nested[];

/**
 * An immutable n-dimensional array on a device. Operations are methods as well as functions: `x.tanh()`, `tanh(x)`.
 *
 * Values are read by promise alone: `await x.data()`, `await x.item()`, `await x.toArray()`; `await x.ready()` computes them.
 */
export class Tensor<D extends DType = DType> {
  /** Where the values lie. */
  readonly device: Device;
  /** What the elements are. */
  readonly dtype: D;
  /** The sizes of the axes; empty for a scalar. */
  readonly shape: Shape;
  /** @internal How the values are held; evaluation replaces a pending state by a stored one. */
  state: State;
  /** @internal Who follows this tensor. */
  marks: Mark | null = null;
  /** @internal How many pending operations read this tensor. */
  uses = 0;
  /** @internal The scope that it belongs to; `null` where the garbage collector looks after it. */
  owner: Owner | null;

  /** @internal Use `tensor(…)`, `zeros(…)` and their like. */
  constructor(device: Device, dtype: D, shape: Shape, state: State) {
    this.device = device;
    this.dtype = dtype;
    this.shape = shape;
    this.state = state;
    const owner = currentOwner();
    this.owner = owner;
    if (owner !== null) owner.tensors.push(this);
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** A copy of the values, row by row. */
  async data(): Promise<Arrays[D]> {
    const view = materialise(this, "data");
    const whole = isContiguous(view) && view.offset === 0 && view.buffer.length === this.size;
    const identity = { kind: "input", index: 0, dtype: this.dtype } as const;
    const buffer = whole ? view.buffer : this.device.map(identity, [view], this.shape, this.dtype);
    const values = await this.device.read(buffer);
    if (!whole) this.device.free(buffer);
    return values as Arrays[D];
  }

  /**
   * Computes the values, where operations on elements still wait to be done together, and copies nothing: what a clock
   * should wait for.
   */
  async ready(): Promise<this> {
    materialise(this, "ready");
    await this.device.finish?.();
    return this;
  }

  /** The one value of a tensor with one element. */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new ShapeError(
        "item",
        `${showShape(this.shape)} has ${this.size} elements, expected 1. Use data() or toArray().`,
        [this.shape],
      );
    }
    requireLive("item", this);
    return (await this.data())[0]!;
  }

  /** The values in nested arrays; a number for a scalar, booleans as 0 and 1. */
  async toArray(): Promise<Nested> {
    requireLive("toArray", this);
    const values = await this.data();
    const nest = (axis: number, from: number): Nested => {
      if (axis === this.rank) return values[from]!;
      const step = sizeOf(this.shape.slice(axis + 1));
      return Array.from({ length: this.shape[axis]! }, (_, i) => nest(axis + 1, from + i * step));
    };
    return nest(0, 0);
  }

  /** `Tensor float32 [64, 10]` and, where the device can tell at once, the values. */
  toString(): string {
    return printTensor(this);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return printTensor(this);
  }

  /** The notebook's view: values at the edges, range, mean and spread, a histogram, and an image as a picture. */
  [Symbol.for("Jupyter.display")](): Promise<Record<string, string>> {
    return displayTensor(this);
  }
}

export type TensorLike = Tensor | number;

/** @internal A tensor over a view. */
export function stored<D extends DType>(device: Device, dtype: D, view: View): Tensor<D> {
  return new Tensor(device, dtype, view.shape, { kind: "stored", view });
}

/** @internal A scalar that costs no memory. */
export function constant<D extends DType>(device: Device, dtype: D, value: number): Tensor<D> {
  return new Tensor<D>(device, dtype, [], { kind: "constant", value });
}

/** @internal One example's part of a tensor that holds all along its first axis. */
export function exampleOf(all: Tensor, level: number): Tensor {
  return new Tensor(all.device, all.dtype, all.shape.slice(1), { kind: "batched", all, level });
}

/** @internal The device of all operands; constants go along with any. */
export function commonDevice(who: string, inputs: readonly Tensor[]): Device {
  let device: Device | undefined;
  for (const input of inputs) {
    if (input.state.kind === "constant") continue;
    if (device === undefined) device = input.device;
    else if (device !== input.device) {
      throw new DeviceError(
        who,
        `one tensor is on ${device.name}, another on ${input.device.name}. Move one: x.to("${device.name}").`,
      );
    }
  }
  return device ?? inputs[0]!.device;
}
