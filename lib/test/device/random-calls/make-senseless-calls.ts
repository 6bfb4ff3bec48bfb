// make-senseless-calls.ts SEED FIRST COUNT [PROGRESS]: calls functions of the public surface with any arguments, and says
// as JSON how many gave results and which did not end as they may: with arguments of the types that they ask for by a
// result or one of our errors, with others also as JavaScript fails; never otherwise, and nothing is written elsewhere.
import { openSync, writeSync } from "node:fs";
import { GradbookError } from "../../../src/index.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { areGuardsWhole } from "./guarded/guard.ts";
import { guardScratch, isScratchWhole } from "./guarded/scratch.ts";
import { Random } from "./random.ts";
import { type SenselessCall, senselessCallOf } from "./senseless.ts";

const [seed, first, count] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const [progress] = process.argv.slice(5);
const at = progress === undefined ? undefined : openSync(progress, "w");
const word = new Int32Array(1);
const tally = { results: 0, refused: 0, failed: 0 };
const faults: { call: number; what: string }[] = [];

guardScratch();
for (let i = 0; i < count && faults.length < 40; i++) {
  word[0] = first + i;
  if (at !== undefined) writeSync(at, word, 0, 4, 0);
  const call = senselessCallOf(new Random(seed, first + i));
  const what = await made(call);
  if (what !== undefined) faults.push({ call: first + i, what: `${what}\n  ${call.name}(${call.told})` });
}
console.log(JSON.stringify({ ...tally, seconds: Math.round(process.cpuUsage().user / 1e6), faults }));

async function made({ call, isTyped }: SenselessCall): Promise<string | undefined> {
  try {
    await valuesOf(call());
    tally.results++;
  } catch (error) {
    // What TypeScript would not let pass may fail as JavaScript does.
    const isOurs = error instanceof GradbookError;
    if (!isOurs && (isTyped || !(error instanceof TypeError || error instanceof RangeError)))
      return `failed: ${(error as Error)?.stack ?? String(error)}`;
    tally[isOurs ? "refused" : "failed"]++;
  }
  if (!areGuardsWhole()) return "memory beside an array was written";
  return isScratchWhole() ? undefined : "memory between the kernels' regions was written";
}

/** Has results computed, of which some are so only when they are asked for. */
async function valuesOf(result: unknown): Promise<void> {
  const given = await result;
  if (given instanceof Tensor) await given.data();
  else if (typeof given === "object" && given !== null && !ArrayBuffer.isView(given))
    for (const each of Object.values(given)) if (each instanceof Tensor) await each.data();
}
