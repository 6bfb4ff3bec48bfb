import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CellReport } from "../../src/run/execute-notebook.ts";
import { duration, Progress } from "../../src/run/progress.ts";
import { Screen } from "../../src/run/screen.ts";

const start = { kind: "start", number: 2, total: 12, title: "train(model)" } as const;
const end = (status: CellReport["status"], seconds: number) =>
  ({ kind: "end", total: 12, cell: { number: 2, id: "x", title: "train(model)", status, seconds } }) as const;
const output = (text: string) => ({ kind: "output", text }) as const;

let written = "";
const stream = (isTTY: boolean) => ({
  isTTY,
  write: (text: string) => {
    written += text;
  },
});

beforeEach(() => {
  written = "";
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("progress in a log", () => {
  it("is one line for a quick cell", () => {
    const progress = new Progress(new Screen(stream(false), {}));
    progress.show(start);
    progress.show(end("ok", 1.25));
    progress.close();
    expect(written).toBe("✓ [ 2/12] train(model)  1.3 s\n");
  });

  it("gives a sign of life of a long cell after 5 s and then every 15 s, with what it last printed", () => {
    const progress = new Progress(new Screen(stream(false), {}));
    progress.show(start);
    vi.advanceTimersByTime(4_900);
    expect(written).toBe("");
    progress.show(output("epoch 1\nepoch 2 …"));
    vi.advanceTimersByTime(200);
    progress.show(output(" done\n\n"));
    vi.advanceTimersByTime(15_000);
    progress.show(end("failed", 20));
    vi.advanceTimersByTime(60_000);
    expect(written.split("\n")).toEqual([
      "… [ 2/12] train(model)  5.0 s  epoch 2 …",
      "… [ 2/12] train(model)  20 s  epoch 2 … done",
      "✗ [ 2/12] train(model)  20 s failed",
      "",
    ]);
  });
});

describe("progress on a terminal", () => {
  it("rewrites the running cell's line, without ever wrapping it", () => {
    const progress = new Progress(new Screen(stream(true), { NO_COLOR: "1" }));
    progress.show(start);
    progress.show(output("\x1b[32m10 %\x1b[0m\r20 %"));
    vi.advanceTimersByTime(100);
    progress.show(end("ok", 0.15));
    expect(written).toBe(
      [
        "\x1b[?7l\r\x1b[2K… [ 2/12] train(model)\x1b[?7h",
        "\x1b[?7l\r\x1b[2K… [ 2/12] train(model)  0.1 s  20 %\x1b[?7h",
        "\r\x1b[2K✓ [ 2/12] train(model)  0.1 s\n",
      ].join(""),
    );
  });
});

describe("progress of several notebooks at once", () => {
  const both = (isTTY: boolean) => {
    const screen = new Screen(stream(isTTY), { NO_COLOR: "1" });
    return { screen, a: new Progress(screen, "a"), b: new Progress(screen, "b") };
  };

  it("has the notebook's name in front of each line of a log", () => {
    const { a, b } = both(false);
    a.show(start);
    b.show(start);
    b.show(end("ok", 1));
    a.show(end("failed", 2));
    expect(written).toBe("b │ ✓ [ 2/12] train(model)  1.0 s\na │ ✗ [ 2/12] train(model)  2.0 s failed\n");
  });

  it("has one line for each on a terminal, below the cells that are done", () => {
    const { screen, a, b } = both(true);
    a.show(start);
    b.show(start);
    a.show(end("ok", 1));
    screen.close();
    expect(drawn(written)).toEqual(["a │ ✓ [ 2/12] train(model)  1.0 s", ""]);
    written = written.slice(0, written.lastIndexOf("\r"));
    expect(drawn(written)).toEqual(["a │ ✓ [ 2/12] train(model)  1.0 s", "b │ … [ 2/12] train(model)"]);
  });
});

const escape = String.fromCharCode(27);
const codes = new RegExp(`${escape}\\[\\??(\\d*[A-Za-z])|[\\r\\n]|[^${escape}\\r\\n]+`, "g");

/** What stands on a terminal after this was written to it: it knows the few codes that are used. */
function drawn(text: string): string[] {
  const lines = [""];
  let row = 0;
  for (const [piece, code] of text.matchAll(codes)) {
    if (piece === "\n") lines[++row] ??= "";
    else if (code === "2K") lines[row] = "";
    else if (code?.endsWith("A")) row -= Number(code.slice(0, -1));
    else if (code === "J") lines.splice(row, Number.POSITIVE_INFINITY, "");
    else if (!code && piece !== "\r") lines[row] += piece;
  }
  return lines;
}

describe("a duration", () => {
  it.each([
    [0.006, "6 ms"],
    [0.2, "0.2 s"],
    [9.99, "10 s"],
    [59.7, "1 min 00 s"],
    [185, "3 min 05 s"],
    [3720, "1 h 02 min"],
  ])("of %d s reads %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
