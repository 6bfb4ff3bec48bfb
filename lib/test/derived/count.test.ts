import { expect, it } from "vitest";
import { operations } from "../../src/operations/define.ts";
import * as table from "../../src/operations/table.ts";
import { cases } from "./samples.ts";

const small = cases.filter(({ large }) => !large);
const isFloat = ({ kind, pullback }: { readonly kind?: string; readonly pullback?: unknown }) =>
  pullback !== null && kind !== "bool" && kind !== "int32";

it("every operation has samples, and refuses what can be wrong with it", () => {
  const offered = new Set<unknown>(Object.values(table).flatMap((f) => ("operation" in f ? [f.operation] : [])));
  const list = [...operations.values()].filter((operation) => offered.has(operation));
  expect(list.filter(({ samples }) => samples.length === 0).map(({ name }) => name)).toEqual([]);
  // A function of single numbers takes any shape.
  const elementwise = (operation: (typeof list)[number]) => {
    try {
      return operation.inputs.length === 1 && operation.shape([[2, 3]], 1 as never).toString() === "2,3";
    } catch {
      return false;
    }
  };
  const lax = list.filter((operation) => !elementwise(operation) && (operation.refusals ?? []).length === 0);
  expect(lax.map(({ name }) => name)).toEqual([]);

  const derivatives = small
    .filter(({ operation }) => isFloat(operation))
    .reduce(
      (count, { inputs }) => count + inputs("plain", "float64").filter(({ dtype }) => dtype === "float64").length,
      0,
    );
  const devices = ["float32", "float64", "int32", "bool"].reduce(
    (count, dtype) =>
      count + cases.filter(({ fractions }) => !(fractions && (dtype === "int32" || dtype === "bool"))).length,
    0,
  );
  const refusals = [...operations.values()].reduce((count, { refusals = [] }) => count + refusals.length, 0);
  console.log(
    `${list.length} operations (${operations.size} with their parts) on ${cases.length} samples: ` +
      `${derivatives} gradients, ${derivatives} second derivatives, ${derivatives} jvps, ${small.length} vmaps, ${small.length} in scopes, ` +
      `${devices} agreements of devices, ${refusals} refusals; ` +
      `${3 * derivatives + 2 * small.length + devices + refusals} derived checks.`,
  );
});
