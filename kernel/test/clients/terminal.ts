import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export const tmux = "/usr/bin/tmux";

/** A program on a real terminal screen, which tmux keeps: what a reader would see, and keys as a reader presses them. */
export class Terminal {
  readonly #socket: string;
  /** Questions that may come at any time, at the end of the screen, and the key that answers each. */
  readonly answers = new Map<RegExp, string>();

  constructor(command: string, options: { folder: string; environment: Readonly<Record<string, string>> }) {
    this.#socket = `gradbook-${process.pid}-${Math.floor(performance.now())}`;
    // A server of its own, without anybody's settings.
    execFileSync(
      tmux,
      [
        "-L",
        this.#socket,
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-x",
        "110",
        "-y",
        "40",
        "-c",
        options.folder,
        command,
      ],
      { env: { ...options.environment, TERM: "xterm-256color" } },
    );
  }

  #tmux(...words: string[]): string {
    return execFileSync(tmux, ["-L", this.#socket, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** The text on the screen, with what has scrolled away. */
  get screen(): string {
    return this.#tmux("capture-pane", "-p", "-S", "-500");
  }

  /** Types text. */
  type(text: string): void {
    // A semicolon at the end would end tmux's command.
    this.#tmux("send-keys", "-l", text.replace(/;$/, "\\;"));
  }

  /** Presses keys by tmux's names: `Enter`, `Tab`, `C-c` … */
  press(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  /** Waits until the screen shows something. */
  async shows(pattern: RegExp | string, milliseconds = 40_000): Promise<string> {
    const end = performance.now() + milliseconds;
    for (;;) {
      const { screen } = this;
      if (typeof pattern === "string" ? screen.includes(pattern) : pattern.test(screen)) return screen;
      for (const [question, key] of this.answers) if (question.test(screen.trimEnd())) this.press(key);
      if (performance.now() > end)
        throw new Error(`Terminal: ${pattern} did not appear within ${milliseconds} ms. The screen:\n${screen}`);
      await sleep(100);
    }
  }

  /** Waits until the program has ended. */
  async ends(milliseconds = 20_000): Promise<void> {
    const end = performance.now() + milliseconds;
    while (this.running) {
      if (performance.now() > end) throw new Error(`Terminal: the program still runs. The screen:\n${this.screen}`);
      await sleep(100);
    }
  }

  get running(): boolean {
    try {
      this.#tmux("has-session");
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.running) this.#tmux("kill-server");
  }
}
