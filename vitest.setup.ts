import { homedir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";

// The same cases each time, unless asked for others: GRADBOOK_SEED=7 npm test.
fc.configureGlobal({ seed: Number(process.env.GRADBOOK_SEED ?? 1998) });

// Kernels under test leave the user's own history alone.
process.env.GRADBOOK_HISTORY ??= "off";

// Kernels that a test gives a home of their own find the snapshot of their language process all the same: without it
// each of them starts slowly, and builds it again beside what is tested.
if (process.platform !== "win32")
  process.env.XDG_CACHE_HOME ??= join(homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache");
