/**
 * The errors of the library: a small tagged family with fields, not only text.
 * Messages read "Who: what is, what was expected. How to go on."
 */

import { isOwnFrame } from "./own-frames.ts";

const captures = typeof Error.captureStackTrace === "function";

/** Leaves this library's frames out of an error's stack: the user's line comes first. */
function trim(error: Error): void {
  if (!captures || error.stack === undefined) return;
  const lines = error.stack.split("\n");
  const own = (line: string) => /^\s+at /.test(line) && isOwnFrame(line);
  const kept = lines.filter((line) => !own(line));
  if (kept.some((line) => /^\s+at /.test(line))) error.stack = kept.join("\n");
}

/** @internal Where the user's code is now, as lines of a stack, without this library's own. */
export function userStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Math.max(limit, 60);
  const error = new Error();
  Error.stackTraceLimit = limit;
  trim(error);
  return (error.stack ?? "").split("\n").slice(1).join("\n");
}

/** What the library throws: the message begins with who speaks, `tag` tells the kinds apart without `instanceof`. */
export abstract class GradbookError extends Error {
  abstract readonly tag: string;
  /** Who speaks: an operation, a module's path, a function. */
  readonly who: string;

  constructor(who: string, text: string) {
    const limit = Error.stackTraceLimit;
    // Deep models put many of our frames above the user's line.
    Error.stackTraceLimit = Math.max(limit, 60);
    super(`${who}: ${text}`);
    Error.stackTraceLimit = limit;
    this.who = who;
    this.name = new.target.name;
    trim(this);
  }
}

/** Shapes that do not go together. */
export class ShapeError extends GradbookError {
  readonly tag = "shape";
  readonly shapes: readonly (readonly number[])[];
  constructor(who: string, text: string, shapes: readonly (readonly number[])[] = []) {
    super(who, text);
    this.shapes = shapes;
  }
}

/** An index, axis or label outside its range. */
export class IndexError extends GradbookError {
  readonly tag = "index";
}

/** A dtype that an operation does not take. */
export class DTypeError extends GradbookError {
  readonly tag = "dtype";
}

/** A device that is missing, or tensors on two devices. */
export class DeviceError extends GradbookError {
  readonly tag = "device";
}

/** Data that is missing, damaged or of another format. */
export class DataError extends GradbookError {
  readonly tag = "data";
}

/** An argument or option outside what is allowed. */
export class ArgumentError extends GradbookError {
  readonly tag = "argument";
}

/** Training that cannot go on: a loss that is not finite. */
export class TrainingError extends GradbookError {
  readonly tag = "training";
}
