import type { Kernels } from "./kernels.ts";

/** When kernels that nobody uses are ended. */
export interface CullingOptions {
  /** For how many seconds a kernel must have had nothing to do. */
  idleSeconds: number;
  /** Whether kernels are ended to which a page is connected. */
  connected?: boolean;
}

/** Ends kernels that nobody uses. One that is at work is never ended. @returns how to stop looking */
export function cullKernels(kernels: Kernels, { idleSeconds, connected = false }: CullingOptions): () => void {
  const look = () => {
    for (const kernel of kernels.list()) {
      if ((kernel.idleFor ?? 0) < idleSeconds * 1000 || (!connected && kernel.model.connections > 0)) continue;
      // Someone may have ended it just now.
      kernels.shutdown(kernel.id).catch(() => {});
    }
  };
  // Often enough that it makes no difference, seldom enough that it costs nothing.
  const timer = setInterval(look, Math.min(60_000, Math.max(50, idleSeconds * 100))).unref();
  return () => clearInterval(timer);
}
