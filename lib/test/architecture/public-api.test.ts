import { expect, it } from "vitest";
import * as gradbook from "../../src/index.ts";

/** What a user can import; a change here is a change of the interface. */
it("exports these names", () => {
  const names = (record: object) => Object.keys(record).sort();
  const { data, inspect, losses, nn, optim, random } = gradbook;
  const spaces = { data, inspect, losses, nn, optim, random, "nn.models": nn.models };
  const surface = {
    "": names(gradbook),
    ...Object.fromEntries(Object.entries(spaces).map(([name, space]) => [name, names(space)])),
  };
  expect(surface).toMatchSnapshot();
});

it("has every operation as a method, too", () => {
  const methods = gradbook.tensor(0) as unknown as Record<string, unknown>;
  for (const { name, inputs } of gradbook.operations.values()) {
    // Operations on any number of tensors have no first one.
    if (inputs.length > 0) expect(methods[name], name).toBeTypeOf("function");
  }
});
