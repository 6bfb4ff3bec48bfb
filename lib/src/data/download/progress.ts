import { node } from "../../device/node.ts";

/** Where progress goes: standard error, so that what a program prints remains clean. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** The progress of a download: a bar on a terminal, one line at the end elsewhere. */
export class Progress {
  readonly #name: string;
  readonly #screen: Screen;
  readonly #began = performance.now();
  #shown = Number.NEGATIVE_INFINITY;

  constructor(name: string, screen: Screen = node("process").stderr) {
    this.#name = name;
    this.#screen = screen;
  }

  /** So many bytes have come; all in all `total`, if that is known. */
  update(bytes: number, total: number | undefined): void {
    if (this.#screen.isTTY !== true || performance.now() - this.#shown < 100) return;
    this.#shown = performance.now();
    const part = total === undefined ? "" : ` ${bar(bytes / total)} ${Math.floor((100 * bytes) / total)} %`;
    const of = total === undefined ? "" : ` of ${size(total)}`;
    this.#screen.write(`\r\x1b[K${this.#name}${part}, ${size(bytes)}${of}`);
  }

  /** All is there. */
  done(bytes: number): void {
    const seconds = (performance.now() - this.#began) / 1000;
    const start = this.#screen.isTTY === true ? "\r\x1b[K" : "";
    this.#screen.write(`${start}${this.#name}: downloaded ${size(bytes)} in ${seconds.toFixed(1)} s\n`);
  }

  /** Clears the bar. */
  stop(): void {
    if (this.#screen.isTTY === true) this.#screen.write("\r\x1b[K");
  }
}

function bar(part: number): string {
  const full = Math.round(24 * Math.min(1, part));
  return "█".repeat(full) + "░".repeat(24 - full);
}

function size(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
