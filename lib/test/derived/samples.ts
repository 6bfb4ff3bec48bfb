import { operations } from "../../src/operations/define.ts";
import { type Case, casesOf } from "../../src/operations/samples.ts";
import "../../src/index.ts";

export type { Case };
/** Every operation on each of its samples. */
export const cases: readonly Case[] = casesOf(operations.values());
