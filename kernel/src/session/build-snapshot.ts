import { bundle } from "./bundle.ts";
import { buildSnapshot, snapshotFile } from "./snapshot.ts";

// The entry point of the process that builds the language process's start-up snapshot.

const [file] = process.argv.slice(2);
// Files that have changed in the meantime belong into a snapshot of another name.
if (file && file === snapshotFile())
  await buildSnapshot(file, () => bundle(new URL("./snapshot-main.js", import.meta.url)));
