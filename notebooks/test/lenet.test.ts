import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install } from "../../kernel/src/install/install.ts";
import { pythonHas, runPython } from "../../kernel/test/run/debian-python.ts";

const notebook = fileURLToPath(new URL("../06-lenet-5/notebook.ipynb", import.meta.url));

interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-lenet-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(!pythonHas("nbclient", "python3-nbclient"))("the LeNet-5 notebook in Jupyter's own client", () => {
  it("runs from top to bottom and shows all its pictures", async () => {
    await install({ prefix: folder });
    // One epoch over a small part of the digits.
    const source = JSON.parse(readFileSync(notebook, "utf8")) as {
      cells: { metadata: { tags?: string[] }; source: string[] }[];
    };
    const parameters = source.cells.find((cell) => cell.metadata.tags?.includes("parameters"))!;
    parameters.source = [
      "const seed = 1998;\n",
      "const epochs = 1;\n",
      "const examples = 1_280;\n",
      'const place = "cpu";',
    ];
    const given = join(folder, "given.ipynb");
    const executed = join(folder, "executed.ipynb");
    writeFileSync(given, JSON.stringify(source));
    const program = `
import os, sys
os.environ["JUPYTER_PATH"] = os.path.join(sys.argv[1], "share", "jupyter")
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[2], 4)
NotebookClient(notebook, timeout=240, kernel_name="gradbook", resources={"metadata": {"path": sys.argv[1]}}).execute()
nbformat.validate(notebook)
nbformat.write(notebook, sys.argv[3])
`;
    runPython(program, folder, given, executed);
    const cells = (JSON.parse(readFileSync(executed, "utf8")) as { cells: { outputs?: Output[] }[] }).cells;
    const outputs = cells.flatMap((cell) => cell.outputs ?? []);
    expect(outputs.filter(({ output_type }) => output_type === "error")).toEqual([]);
    const pictures = outputs.filter(({ data }) => data?.["image/svg+xml"] ?? data?.["text/html"]);
    expect(pictures.length).toBeGreaterThanOrEqual(11);
    const text = JSON.stringify(outputs);
    expect(text).toContain("340,908");
    const metrics = outputs.find(({ data }) => data?.["application/vnd.gradbook.metrics+json"] !== undefined);
    expect(metrics?.data?.["application/vnd.gradbook.metrics+json"]).toMatchObject({
      parameters: 60_000,
      connections: 340_908,
    });
  });
});
