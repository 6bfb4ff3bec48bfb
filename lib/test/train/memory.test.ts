import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** The bytes in use after garbage collection, every so many steps, of a training in a process of its own. */
function measured(model: "cnn" | "lstm", steps: number): Promise<number[]> {
  const script = fileURLToPath(new URL("./memory.mjs", import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--expose-gc", script, model, String(steps)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`${script} ended with ${code}.`)),
    );
  });
}

describe("memory", () => {
  it.each(["cnn", "lstm"] as const)(
    "stays flat over 1,000 training steps of a %s",
    async (model) => {
      const samples = await measured(model, 1000);
      const mib = samples.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(" ");
      console.log(`${model}: MiB in use after every 100 steps: ${mib}`);
      // The first 300 steps compile kernels and fill pools.
      const [start, ...later] = samples.slice(2);
      for (const bytes of later) expect(Math.abs(bytes / start! - 1), mib).toBeLessThan(0.05);
    },
    600_000,
  );
});
