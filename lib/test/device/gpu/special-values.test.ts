import { describe, expect, it } from "vitest";
import "../../../src/index.ts";
import { operations } from "../../../src/operations/define.ts";
import { type Case, casesOf } from "../special-values/cases.ts";
import { fault, type Outcome, outcome } from "../special-values/outcomes.ts";
import { notFinite } from "../special-values/placements.ts";
import { gpu } from "./adapter.ts";

/**
 * Their factors are not unique, or a matrix that has none gives NaN where the reference refuses it: a GPU says nothing
 * before its results are read.
 */
const otherwise = new Set(["eigh", "svd", "cholesky"]);
const table = [...operations.values()].filter(({ name, samples }) => samples.length > 0 && !otherwise.has(name));

/**
 * What attention takes off each weight's cotangent it has from the results (Dao et al. 2022, appendix B.4), not from the
 * weights: where cotangents are infinite, infinities of both signs meet in one of the sums and not in the other.
 */
const addsOtherwise = (name: string, { kind, placement }: Case) =>
  name === "attention" && kind === "cotangent" && placement.name.includes("Infinity");

/** In single precision throughout, by approximations of its own. */
const accuracy = { bound: 1e-4 };

describe.skipIf(gpu === null)("on the gpu device", { timeout: 60_000 }, () => {
  it.each(table.map((operation) => [operation.name, operation] as const))(
    "%s with NaN and infinities, however it lies in memory",
    async (_, operation) => {
      const faults: string[] = [];
      for (const one of casesOf(operation, notFinite, false)) {
        if (addsOtherwise(operation.name, one)) continue;
        const got = await outcome(one, { device: "gpu", dtype: "float32" });
        const exact = await outcome(one, { device: "plain", dtype: "float64" });
        let single: Promise<Outcome> | undefined;
        const inSingle = () => {
          single ??= outcome(one, { device: "plain", dtype: "float32" });
          return single;
        };
        const wrong = await fault(one, got, exact, inSingle, accuracy);
        if (wrong !== undefined) faults.push(`${one.title}: ${wrong}`);
      }
      expect(faults).toEqual([]);
    },
  );
});
