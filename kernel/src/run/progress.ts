import { stripVTControlCharacters, styleText } from "node:util";
import type { RunEvent } from "./execute-notebook.ts";

/** Where progress is written: a terminal or a log. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const FRAME = 100;
const FIRST_HEARTBEAT = 5_000;
const HEARTBEAT = 15_000;
/** The terminal cuts a line that is too long; it must not wrap, or it could not be rewritten in place. */
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
const REWRITE = "\r\x1b[2K";

/**
 * Shows the progress of a run, one line per cell. On a terminal the running cell's line is rewritten in place; in a log
 * a cell that takes long gives a sign of life now and then, with what it last printed.
 */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #terminal: boolean;
  readonly #colours: boolean;
  #cell: { place: string; title: string; started: number } | undefined;
  #lastLine = "";
  #unfinished = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: ProgressStream, env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#stream = stream;
    this.#terminal = stream.isTTY === true && env.TERM !== "dumb";
    this.#colours = this.#terminal && !env.NO_COLOR;
  }

  /** Takes the next event of the run. */
  show(event: RunEvent): void {
    switch (event.kind) {
      case "start":
        this.#cell = { place: place(event), title: event.title, started: performance.now() };
        this.#lastLine = "";
        this.#unfinished = "";
        if (this.#terminal) this.#draw();
        this.#drawIn(this.#terminal ? FRAME : FIRST_HEARTBEAT);
        break;
      case "output":
        this.#remember(event.text);
        break;
      case "end": {
        clearTimeout(this.#timer);
        this.#cell = undefined;
        const { status, seconds, title } = event.cell;
        const [sign, colour] = SIGNS[status];
        const note = status === "ok" ? "" : ` ${status}`;
        this.#line(
          `${this.#paint(colour, sign)} ${place({ ...event, ...event.cell })} ${title}  ${duration(seconds)}${note}`,
        );
        break;
      }
      case "uncaught": {
        const { number, error } = event;
        this.#warn(`an error nobody caught in cell ${number}: ${error.ename}: ${error.evalue.split("\n", 1)[0]}`);
        break;
      }
      case "warning":
        this.#warn(event.message);
        break;
    }
  }

  /** Ends the live line, whatever happened. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#terminal) this.#stream.write(`${REWRITE}${WRAP}`);
  }

  /** Draws the running cell's line after a while, and then again and again. */
  #drawIn(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#draw();
      this.#drawIn(this.#terminal ? FRAME : HEARTBEAT);
    }, wait);
  }

  #draw(): void {
    if (!this.#cell) return;
    const { place, title, started } = this.#cell;
    const seconds = (performance.now() - started) / 1000;
    const parts = [`… ${place} ${title}`];
    if (seconds >= 0.1) parts.push(duration(seconds));
    if (this.#lastLine !== "") parts.push(this.#paint("dim", this.#lastLine));
    const line = parts.join("  ");
    this.#stream.write(this.#terminal ? `${NO_WRAP}${REWRITE}${line}${WRAP}` : `${line}\n`);
  }

  #warn(message: string): void {
    this.#line(`${this.#paint("yellow", "!")} ${message}`);
  }

  #line(text: string): void {
    this.#stream.write(this.#terminal ? `${REWRITE}${text}\n` : `${text}\n`);
  }

  #remember(text: string): void {
    const lines = (this.#unfinished + text).slice(-1000).split(/[\r\n]/);
    this.#unfinished = lines.at(-1)!;
    const last = lines.findLast((line) => line.trim() !== "");
    if (last !== undefined) this.#lastLine = stripVTControlCharacters(last).replaceAll("\t", " ").trim().slice(0, 200);
  }

  #paint(colour: Colour, text: string): string {
    return this.#colours ? styleText(colour, text) : text;
  }
}

type Colour = "green" | "red" | "yellow" | "dim";

const SIGNS = {
  ok: ["✓", "green"],
  failed: ["✗", "red"],
  tolerated: ["✗", "yellow"],
  interrupted: ["■", "yellow"],
  skipped: ["–", "dim"],
} as const;

/** A time as a person would say it: `6 ms`, `0.3 s`, `42 s`, `3 min 05 s`, `1 h 02 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

function place({ number, total }: { number: number; total: number }): string {
  return `[${String(number).padStart(String(total).length)}/${total}]`;
}
