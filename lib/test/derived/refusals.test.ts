import { describe, expect, it } from "vitest";
import { apply, operations } from "../../src/operations/define.ts";
import { zeros } from "../../src/tensor/create.ts";
import { GradbookError } from "../../src/tensor/errors.ts";
import "../../src/index.ts";

const refusals = [...operations.values()].flatMap((operation) =>
  (operation.refusals ?? []).map((refusal) => ({
    title: `${operation.name} refuses ${JSON.stringify(refusal.shapes)}`,
    operation,
    refusal,
  })),
);

describe("refusals", () => {
  it.each(refusals)("$title", ({ operation, refusal }) => {
    const inputs = refusal.shapes.map((shape, i) =>
      zeros(shape, { dtype: operation.inputs[i] === "indices" ? "int32" : "float32" }),
    );
    const attempt = () => apply(operation, inputs, refusal.options);
    expect(attempt).toThrow(GradbookError);
    expect(attempt).toThrow(refusal.message);
    expect(attempt).toThrow(new RegExp(`^${operation.name}: `));
  });
});
