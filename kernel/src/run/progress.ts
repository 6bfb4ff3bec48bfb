import { stripVTControlCharacters } from "node:util";
import type { CellStatus, RunEvent } from "./execute-notebook.ts";
import type { Colour, Screen } from "./screen.ts";

const FRAME = 100;
const FIRST_HEARTBEAT = 5_000;
const HEARTBEAT = 15_000;

/**
 * Shows the progress of a run, one line per cell. On a terminal the running cell's line is rewritten in place; in a log
 * a cell that takes long gives a sign of life now and then, with what it last printed.
 */
export class Progress {
  readonly #screen: Screen;
  readonly #label: string;
  #cell: { place: string; title: string; started: number } | undefined;
  #lastLine = "";
  #unfinished = "";
  #timer: NodeJS.Timeout | undefined;

  /** @param label stands in front of every line, where several runs share a screen. */
  constructor(screen: Screen, label = "") {
    this.#screen = screen;
    this.#label = label === "" ? "" : screen.paint("dim", `${label} │ `);
  }

  /** Takes the next event of the run. */
  show(event: RunEvent): void {
    switch (event.kind) {
      case "start":
        this.#cell = { place: place(event), title: event.title, started: performance.now() };
        this.#lastLine = "";
        this.#unfinished = "";
        if (this.#screen.isTerminal) this.#draw();
        this.#drawIn(this.#screen.isTerminal ? FRAME : FIRST_HEARTBEAT);
        break;
      case "output":
        this.#remember(event.text);
        break;
      case "end": {
        clearTimeout(this.#timer);
        this.#cell = undefined;
        this.#screen.remove(this);
        const { status, seconds, title } = event.cell;
        const [sign, colour] = SIGNS[status];
        const note = status === "ok" ? "" : ` ${status}`;
        const time = status === "kept" ? "" : ` ${duration(seconds)}`;
        this.#print(
          `${this.#screen.paint(colour, sign)} ${place({ ...event, ...event.cell })} ${title} ${time}${note}`,
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
    this.#screen.remove(this);
  }

  /** Draws the running cell's line after a while, and then again and again. */
  #drawIn(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#draw();
      this.#drawIn(this.#screen.isTerminal ? FRAME : HEARTBEAT);
    }, wait);
  }

  #draw(): void {
    if (!this.#cell) return;
    const { place, title, started } = this.#cell;
    const seconds = (performance.now() - started) / 1000;
    const parts = [`… ${place} ${title}`];
    if (seconds >= 0.1) parts.push(duration(seconds));
    if (this.#lastLine !== "") parts.push(this.#screen.paint("dim", this.#lastLine));
    this.#screen.show(this, this.#label + parts.join("  "));
  }

  #warn(message: string): void {
    this.#print(`${this.#screen.paint("yellow", "!")} ${message}`);
  }

  #print(line: string): void {
    this.#screen.print(this.#label + line);
  }

  #remember(text: string): void {
    const lines = (this.#unfinished + text).slice(-1000).split(/[\r\n]/);
    this.#unfinished = lines.at(-1)!;
    const last = lines.findLast((line) => line.trim() !== "");
    if (last !== undefined) this.#lastLine = stripVTControlCharacters(last).replaceAll("\t", " ").trim().slice(0, 200);
  }
}

const SIGNS = {
  ok: ["✓", "green"],
  failed: ["✗", "red"],
  tolerated: ["✗", "yellow"],
  interrupted: ["■", "yellow"],
  skipped: ["–", "dim"],
  kept: ["=", "dim"],
  replayed: ["↻", "dim"],
} as const satisfies Record<CellStatus, readonly [string, Colour]>;

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
