import { styleText } from "node:util";

/** Where progress is written: a terminal or a log. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** The colours used in progress. */
export type Colour = "green" | "red" | "yellow" | "dim";

/** The terminal cuts a line that is too long; it must not wrap, or it could not be rewritten in place. */
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
const REWRITE = "\r\x1b[2K";

/** Lines that stay, and below them, on a terminal, lines that are rewritten in place: one for each thing under way. */
export class Screen {
  /** Whether lines can be rewritten. */
  readonly isTerminal: boolean;
  readonly #stream: ProgressStream;
  readonly #colours: boolean;
  readonly #live = new Map<object, string>();
  /** How many live lines stand on the terminal now. */
  #drawn = 0;

  constructor(stream: ProgressStream, env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true && env.TERM !== "dumb";
    this.#colours = this.isTerminal && !env.NO_COLOR;
  }

  /** Writes a line that stays. */
  print(line: string): void {
    this.#stream.write(this.isTerminal ? `${this.#erase()}${line}\n${this.#draw()}` : `${line}\n`);
  }

  /** Shows or replaces the live line of something under way. In a log it is a line like others. */
  show(owner: object, line: string): void {
    if (!this.isTerminal) {
      this.print(line);
      return;
    }
    this.#live.set(owner, line);
    this.#stream.write(`${NO_WRAP}${this.#erase()}${[...this.#live.values()].join("\n")}${WRAP}`);
    this.#drawn = this.#live.size;
  }

  /** Takes a live line away with the next thing that is written. */
  remove(owner: object): void {
    this.#live.delete(owner);
  }

  /** Ends the live lines, whatever happened. */
  close(): void {
    this.#live.clear();
    if (this.isTerminal) this.#stream.write(`${this.#erase()}${WRAP}`);
  }

  paint(colour: Colour, text: string): string {
    return this.#colours ? styleText(colour, text) : text;
  }

  #erase(): string {
    const above = this.#drawn - 1;
    this.#drawn = 0;
    return above > 0 ? `\r\x1b[${above}A\x1b[J` : REWRITE;
  }

  #draw(): string {
    if (this.#live.size === 0) return "";
    this.#drawn = this.#live.size;
    return `${NO_WRAP}${[...this.#live.values()].join("\n")}${WRAP}`;
  }
}
