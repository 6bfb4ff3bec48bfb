import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runSuite } from "../python/suite.ts";
import { pythonHas } from "../run/debian-python.ts";

const suite = fileURLToPath(new URL("../python/comms_test.py", import.meta.url));
const available = pythonHas("jupyter_client, nbclient, nbformat", "jupyter-client python3-nbclient python3-nbformat");

test.skipIf(!available)(
  "comms and widgets work with Python's jupyter_client and nbclient",
  async () => {
    const { stderr } = await runSuite(suite, [], 110_000);
    expect(stderr).toMatch(/Ran 5 tests[\s\S]*\nOK\n/);
  },
  120_000,
);
