import { spawn } from "node:child_process";

/** Runs a trial in a process of its own; one that does not end is ended. */
export function run(
  words: string[],
  milliseconds: number,
): Promise<{ status: number | string | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const failed = (error: unknown) => resolve({ status: null, stdout: "", stderr: String(error) });
    try {
      const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"], timeout: milliseconds });
      const text = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const)
        child[name].setEncoding("utf8").on("data", (piece: string) => {
          text[name] += piece;
        });
      child.once("error", failed);
      child.once("close", (code, signal) => resolve({ status: signal ?? code, ...text }));
    } catch (error) {
      failed(error);
    }
  });
}
