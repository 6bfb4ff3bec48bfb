import { expect, it } from "vitest";
import * as kernel from "../src/index.ts";

/** What a user can import; a change here is a change of the interface. */
it("exports these names", () => {
  expect(Object.keys(kernel).sort()).toMatchInlineSnapshot(`
    [
      "Execution",
      "ExpectationError",
      "InstallError",
      "Kernel",
      "KernelClient",
      "KernelError",
      "checkMetrics",
      "display",
      "findKernelSpecs",
      "install",
      "ownKernelSpec",
      "parseExpectations",
      "readExpectations",
      "runNotebook",
      "uninstall",
    ]
  `);
});
