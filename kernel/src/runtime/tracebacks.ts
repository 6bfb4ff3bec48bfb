import { createRequire } from "node:module";
import { dirname, relative, sep } from "node:path";
import { errorText, excerpt } from "../display/excerpt.ts";
import { textOf } from "../display/text.ts";
import type { ErrorContent } from "../protocol/messages.ts";
import type { Place, Sources } from "./sources.ts";
import { isKernelFile, pathOf, placePattern, placeText } from "./stacks.ts";

const frameLine = /^\s+at (?:(.*) \((.*)\)|(?:async )?(.*))$/;
const refusedPattern = /^(gradbook:.+):(\d+)\n.*\n( *)\^/;
const sharedName = /(?<![\w$.])exports\.(?=[\p{ID_Start}$_])/gu;
const filePattern = /^(.*):(\d+):(\d+)$/;

interface Frame {
  readonly call: string;
  readonly where: string;
  readonly file: string;
  readonly place: Place | undefined;
}

/** Turns what was thrown into what the user should see: their cell and line on top, none of our frames. */
export class Tracebacks {
  readonly #sources: Sources;
  readonly #folder: string;
  #libraries: readonly string[] | undefined;

  constructor(sources: Sources, folder: string) {
    this.#sources = sources;
    this.#folder = folder;
  }

  describe(thrown: unknown): ErrorContent {
    try {
      const { name, message } = this.#nameAndMessage(thrown, this.#framesOf(thrown));
      return { ename: name, evalue: message, traceback: this.#lines(thrown, new Set()) };
    } catch {
      // It throws when it is looked at, as proxies and getters can; its cell must end all the same.
      const message = textOf(thrown);
      return { ename: "Thrown", evalue: message, traceback: [errorText("Thrown", message)] };
    }
  }

  #lines(thrown: unknown, seen: Set<unknown>): string[] {
    seen.add(thrown);
    const frames = this.#framesOf(thrown);
    const { name, message } = this.#nameAndMessage(thrown, frames);
    const top = frames.find((frame) => frame.place)?.place;
    const lines = top ? excerpt(this.#nameOf(top), top.source.text, top.line, top.column) : [];
    lines.push(errorText(name, message));
    for (const frame of frames) lines.push(`    at ${this.#describeFrame(frame)}`);
    if (thrown instanceof AggregateError)
      for (const error of thrown.errors) if (!seen.has(error)) lines.push(...this.#lines(error, seen));
    if (thrown instanceof Error && thrown.cause !== undefined && !seen.has(thrown.cause))
      lines.push("Caused by:", ...this.#lines(thrown.cause, seen));
    return lines;
  }

  #framesOf(thrown: unknown): Frame[] {
    const stack = (thrown as { stack?: unknown } | null | undefined)?.stack;
    if (typeof stack !== "string") return [];
    const refused = thrown instanceof SyntaxError ? this.#refusedAt(stack) : undefined;
    const frames = stack.split("\n").flatMap((line) => this.#parse(line) ?? []);
    if (refused) frames.unshift({ call: "", where: "", file: "", place: refused });
    const firstOfUser = frames.findIndex((frame) => frame.place);
    return frames.filter((frame, index) => (firstOfUser >= 0 && index >= firstOfUser) || !this.#isLibrary(frame.file));
  }

  /** Where code that never started to run is wrong: V8 writes it above the message, with the line and a caret. */
  #refusedAt(stack: string): Place | undefined {
    const [, file = "", line, before = ""] = refusedPattern.exec(stack) ?? [];
    return this.#sources.placeOf(file, Number(line), before.length + 1);
  }

  // Cells reach each other's variables through an object of which the user knows nothing.
  #nameAndMessage(thrown: unknown, frames: readonly Frame[]): { name: string; message: string } {
    const { name, message } = nameOf(thrown);
    const isOurs = thrown instanceof TypeError && frames[0]?.place?.source.isCell;
    return { name, message: isOurs ? message.replace(sharedName, "") : message };
  }

  #parse(line: string): Frame | undefined {
    const match = frameLine.exec(line);
    if (!match) return undefined;
    const [, call = "", inCall, alone] = match;
    const where = inCall ?? alone ?? "";
    const written = placePattern.exec(where);
    if (written) {
      const [, name = "", lineText, columnText] = written;
      const place = this.#sources.placeIn(name, Number(lineText), Number(columnText) - 1);
      return place && { call, where, file: "", place };
    }
    const [, location = "", lineText, columnText] = filePattern.exec(where) ?? [];
    const file = pathOf(location);
    // A stack that was not made readable, such as the debugger's, still has the places of converted code.
    const place = this.#sources.placeOf(file, Number(lineText), Number(columnText));
    const hidden = location === "" || location.startsWith("node:") || location === "<anonymous>" || isKernelFile(file);
    if (!place && hidden) return undefined;
    return { call, where: `${this.#short(file)}:${lineText}:${columnText}`, file, place };
  }

  #describeFrame({ call, where, place }: Frame): string {
    const text = place ? placeText(this.#nameOf(place), place.line, place.column) : where;
    return call === "" ? text : `${call} (${text})`;
  }

  #nameOf({ source }: Place): string {
    return source.isCell ? source.name : this.#short(source.name);
  }

  #short(file: string): string {
    const path = relative(this.#folder, file);
    return path.startsWith("..") ? file : path;
  }

  // The libraries installed with the kernel blame the line that called them, not their own.
  #isLibrary(file: string): boolean {
    this.#libraries ??= ["gradbook", "@gradbook/widgets"].flatMap((name) => {
      try {
        return [dirname(dirname(createRequire(import.meta.url).resolve(name))) + sep];
      } catch {
        return [];
      }
    });
    return this.#libraries.some((folder) => file.startsWith(folder));
  }
}

function nameOf(thrown: unknown): { name: string; message: string } {
  if (thrown instanceof Error || isErrorLike(thrown))
    return { name: String(thrown.name || thrown.constructor?.name || "Error"), message: String(thrown.message) };
  return { name: "Thrown", message: textOf(thrown) };
}

function isErrorLike(thrown: unknown): thrown is Error {
  return (
    typeof thrown === "object" &&
    thrown !== null &&
    typeof (thrown as Error).name === "string" &&
    typeof (thrown as Error).message === "string" &&
    typeof (thrown as Error).stack === "string"
  );
}
