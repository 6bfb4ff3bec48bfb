import { createHash, join } from "../device/node.ts";
import { DataError } from "../tensor/errors.ts";
import { readWhole } from "./files.ts";

/** `checkpoint.json`: everything of a checkpoint that is no tensor, and the checksums of the files beside it. */
export interface CheckpointNote {
  readonly gradbook: "checkpoint";
  readonly version: 1;
  readonly step: number;
  /** Its place in the order of saving, from 1; those of before there was one count as earliest. */
  readonly saved?: number;
  readonly epoch: number;
  readonly batch: number;
  readonly metric: number | null;
  readonly keys: Readonly<Record<string, readonly [number, number]>>;
  readonly card: Readonly<Record<string, string | number>>;
  readonly memory: unknown;
  readonly sha256: Readonly<Record<string, string>>;
}

const hint = "Checkpoints.save writes it.";

/** The note of the checkpoint in a folder. */
export async function readNote(folder: string): Promise<CheckpointNote> {
  const path = join(folder, "checkpoint.json");
  const text = new TextDecoder().decode(await readWhole(path, "Checkpoints", hint));
  let note: Partial<CheckpointNote> | null;
  try {
    note = JSON.parse(text);
  } catch {
    throw new DataError("Checkpoints", `${path} is no JSON; was it cut off?`);
  }
  if (note?.gradbook !== "checkpoint" || typeof note.sha256 !== "object")
    throw new DataError("Checkpoints", `${path} is no note of a checkpoint, expected one.`);
  if (note.version !== 1)
    throw new DataError("Checkpoints", `${path} is of version ${note.version}, expected 1. A newer Gradbook reads it.`);
  return note as CheckpointNote;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A file's bytes, if they are those that were written. */
export async function verified(path: string, expected: string | undefined): Promise<Uint8Array> {
  const bytes = await readWhole(path, "Checkpoints", hint);
  if (sha256(bytes) !== expected)
    throw new DataError("Checkpoints", `${path} is not what was written: its checksum differs. Use an earlier one.`);
  return bytes;
}
