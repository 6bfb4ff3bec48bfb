import { dirname, resolve } from "node:path";
import { Kernels } from "../server/kernels.ts";
import { chooseKernel } from "./choose-kernel.ts";
import { readNotebook } from "./notebook-file.ts";

/**
 * Starts the kernels of the notebooks that are run first, before the server and its client are loaded: both take time,
 * and this way at the same time. What is wrong with a notebook is told when it is run.
 */
export async function headStart(paths: readonly string[], kernel: string | undefined): Promise<Kernels> {
  const kernels = new Kernels(process.cwd(), [], false);
  const prepare = async (path: string) => {
    const { name, env } = await chooseKernel(await readNotebook(path), kernel);
    await kernels.prepare({ name, cwd: resolve(dirname(path)), ...(env && { env }) });
  };
  await Promise.allSettled(paths.map(prepare));
  return kernels;
}
