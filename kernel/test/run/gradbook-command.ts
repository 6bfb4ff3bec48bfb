import { spawn } from "node:child_process";
import { programFile } from "../../src/install/kernelspec.ts";

/** Runs the built command in a Jupyter folder, and meanwhile what is to happen to it. */
export function gradbook(
  words: string[],
  { jupyter, meanwhile = () => {} }: { jupyter: string; meanwhile?: (interrupt: () => void) => unknown },
) {
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const env = { ...process.env, JUPYTER_PATH: jupyter, JUPYTER_DATA_DIR: jupyter };
    const child = spawn(process.execPath, [programFile, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (piece: string) => {
        text[name] += piece;
      });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, ...text }));
    void meanwhile(() => child.kill("SIGINT"));
  });
}
