/** The version whose inside is known. */
export const KNOWN = "2.24.1";

let said = false;

/** Says once that gpu.js is not what it should be, and that nothing depends on it. */
export function sayOtherwise(error: unknown): void {
  if (said) return;
  said = true;
  const what = (error instanceof Error ? error.message : String(error)).replace(/\.?$/, ".");
  console.warn(
    `device("gpu"): the compiler of gpu.js is not as expected, that of version ${KNOWN}: ${what} Every operation is computed all the same, by our own WGSL. For gpu.js to compile elementwise ones again: npm install gpu.js@${KNOWN}.`,
  );
}
