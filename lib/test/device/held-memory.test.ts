import { expect, it } from "vitest";
import { random } from "../../src/index.ts";

it("products hold none of the factors that came by, in a loop that waits for nothing", () => {
  const [a, b] = [random.seed(1).normal([16, 700]), random.seed(2).normal([700, 700])];
  const before = process.memoryUsage().arrayBuffers;
  // 2 MB each.
  for (let i = 0; i < 300; i++) a.matmul(b.add(i));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(300e6);
});

it("an elementwise result that is folded step by step is not computed from the beginning each time", async () => {
  let x = random.seed(1).normal([64, 1024]);
  for (let k = 0; k < 5; k++) {
    x = x.tanh();
    x.sum();
  }
  // What was folded once and is asked for again has its values then.
  expect(x.state.kind).toBe("pending");
  x.sum();
  expect(x.state.kind).toBe("stored");
});
