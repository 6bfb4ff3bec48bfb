import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runSuite } from "../python/suite.ts";
import { pythonHas } from "../run/debian-python.ts";

const suite = fileURLToPath(new URL("debugger_test.py", import.meta.url));
const available = pythonHas("jupyter_client, ipykernel.compiler", "jupyter-client python3-ipykernel");
const groups = ["Attaching", "Breakpoints", "Stepping", "Looking", "Exceptions", "WhileStopped"];

describe("the debugger, driven by jupyter_client", () => {
  test.skipIf(!available).each(groups)(
    "%s",
    async (group) => {
      const { status, stderr } = await runSuite(suite, [group], 230_000);
      expect(stderr).toMatch(/\nRan \d+ tests in .*\n\nOK/);
      expect(status).toBe(0);
    },
    240_000,
  );
});
