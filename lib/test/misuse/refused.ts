import { expect, it } from "vitest";
import { GradbookError } from "../../src/index.ts";

/** A mistake, how it is made, and how the message that refuses it reads. */
export type Mistake = readonly [what: string, attempt: () => unknown, message: RegExp];

/** One test for each mistake: its error is one of ours, has DESIGN's form and begins its stack at the user's line. */
export function refused(mistakes: readonly Mistake[]): void {
  it.each(mistakes)("%s is refused in words", async (_what, attempt, message) => {
    const error: unknown = await (async () => attempt())().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(GradbookError);
    const { message: text, stack = "" } = error as GradbookError;
    expect(text).toMatch(message);
    // Who: what is, what was expected.
    expect(text).toMatch(/^[^:\n]+: \S/);
    expect(text).toMatch(/[.?)\]]$/);
    expect(text).not.toMatch(/undefined|\[object|=>|function \(/);
    expect(text.length).toBeLessThan(400);
    // The user's line comes first.
    expect(stack.split("\n").find((line) => /^\s+at /.test(line))).not.toMatch(/lib\/src\//);
  });
}
