import { writeSync } from "node:fs";
import { encodeFrame } from "./framing.ts";
import type { Frame } from "./messages.ts";

/** Where the supervisor listens for frames. */
export const frameDescriptor = 3;

const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Sends a frame and returns when the operating system has it: output arrives while a loop runs,
 * nothing is lost when the process dies, and buffers may be changed right afterwards.
 */
export function send(frame: Frame): void {
  for (const bytes of encodeFrame(frame)) write(bytes);
}

function write(bytes: Uint8Array): void {
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += writeSync(frameDescriptor, bytes, sent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      // The pipe is full: give the supervisor a moment to read.
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}
