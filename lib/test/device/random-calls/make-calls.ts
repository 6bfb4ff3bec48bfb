// make-calls.ts SEED FIRST COUNT [PROGRESS [RESULTS]]: makes random calls of the CPU device, on the path that GRADBOOK_CPU
// names, and says as JSON how many gave results and which did not as they should. What call it is at goes to a file, for
// the case that the process ends; what each gave goes to another, as a number.
import { openSync, writeFileSync, writeSync } from "node:fs";
import { cpu } from "../../../src/device/cpu/cpu.ts";
import { plain } from "../../../src/device/cpu/plain/plain.ts";
import type { TypedArray } from "../../../src/device/device.ts";
import { GradbookError } from "../../../src/device/errors.ts";
import { arraysOf, type Call, callOf, tell } from "./calls.ts";
import { areGuardsWhole } from "./guarded/guard.ts";
import { guardScratch, isScratchWhole } from "./guarded/scratch.ts";
import { Random } from "./random.ts";

const [seed, first, count] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const [progress, results] = process.argv.slice(5);
const at = progress === undefined ? undefined : openSync(progress, "w");
const word = new Int32Array(1);
/** For each call what it gave, as a number; 0 for nothing. With an odd one the reference gives the same. */
const given = new Uint32Array(count);
const tally = { results: 0, none: 0, refused: 0, compared: 0 };
const faults: { call: number; what: string }[] = [];

guardScratch();
for (let i = 0; i < count; i++) {
  word[0] = first + i;
  if (at !== undefined) writeSync(at, word, 0, 4, 0);
  const call = callOf(new Random(seed, first + i));
  const what = made(call, i);
  if (what !== undefined) faults.push({ call: first + i, what: `${what}\n  ${call.name} ${tell(call.given)}` });
  if (faults.length >= 20) break;
}
if (results !== undefined) writeFileSync(results, given);
console.log(JSON.stringify({ ...tally, seconds: Math.round(process.cpuUsage().user / 1e6), faults }));

/** Makes a call and looks at all that there is to see; what is wrong, if anything is. */
function made(call: Call, i: number): string | undefined {
  const inputs = arraysOf(call.given);
  const before = inputs.map((array) => array.slice());
  let got: readonly TypedArray[] | undefined;
  let error: unknown;
  try {
    got = call.run(cpu, call.given);
  } catch (thrown) {
    error = thrown;
  }
  if (!areGuardsWhole()) return "memory beside an array was written";
  if (!isScratchWhole()) return "memory between the kernels' regions was written";
  if (inputs.some((array, k) => !isSame(array, before[k]!))) return "an input was written";
  if (error !== undefined) {
    if (call.legal) return `refused: ${(error as Error).stack}`;
    if (!(error instanceof RangeError || error instanceof GradbookError)) return `failed: ${(error as Error).stack}`;
    tally.refused++;
    return undefined;
  }
  if (got === undefined) {
    tally.none++;
    return undefined;
  }
  tally.results++;
  const isExact = call.legal && call.bounds === "exact";
  if (call.legal) given[i] = ((hashOf(got) << 1) | Number(isExact)) >>> 0 || 2;
  return call.legal && call.large !== true && call.bounds !== "unknown" ? compared(call, got) : undefined;
}

/** What of the results is further from the reference's than it may be. */
function compared(call: Call, got: readonly TypedArray[]): string | undefined {
  tally.compared++;
  const expected = call.run(plain, call.given)!;
  const bounds = typeof call.bounds === "function" ? call.bounds(plain) : undefined;
  // The reference is not what is looked at.
  areGuardsWhole();
  for (const [k, wanted] of expected.entries()) {
    const array = got[k]!;
    if (array.length !== wanted.length) return `result ${k} has ${array.length} elements, expected ${wanted.length}`;
    if (array.constructor !== wanted.constructor) return `result ${k} is ${array.constructor.name}`;
    for (let j = 0; j < wanted.length; j++) {
      const [is, want] = [array[j]!, wanted[j]!];
      if (Object.is(is, want)) continue;
      if (bounds !== undefined && Math.abs(is - want) <= bounds[k]![j]!) continue;
      return `element ${j} of result ${k} is ${is}, expected ${want}${bounds ? ` ± ${bounds[k]![j]}` : ""}`;
    }
  }
  return undefined;
}

/** A number for the bits of results, but those of NaN, of which machines have many. */
function hashOf(arrays: readonly TypedArray[]): number {
  let hash = 17;
  for (const array of arrays) {
    hash = Math.imul(hash ^ array.length, 0x01000193);
    if (array instanceof Float64Array) {
      for (let i = 0; i < array.length; i++) if (Number.isNaN(array[i]!)) array[i] = Number.NaN;
    } else if (array instanceof Float32Array) {
      for (let i = 0; i < array.length; i++) if (Number.isNaN(array[i]!)) array[i] = Number.NaN;
    }
    const bytes = array instanceof Uint8Array;
    const words = bytes ? array : new Int32Array(array.buffer, array.byteOffset, array.byteLength / 4);
    for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193) ^ (hash >>> 15);
  }
  return hash;
}

function isSame(a: TypedArray, b: TypedArray): boolean {
  const [left, right] = [a, b].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  return Buffer.compare(left!, right!) === 0;
}
