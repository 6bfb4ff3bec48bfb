import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type JupyterHome, jupyter, jupyterHome, notebookOf, programsThere } from "./jupyter-home.ts";

const available = programsThere({
  [jupyter]: "python3-jupyter-core",
  "/usr/bin/jupyter-nbconvert": "jupyter-nbconvert",
});

// One black point.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
const good = notebookOf(
  `interface Point { x: number; y: number }\nconst points: Point[] = [{ x: 1, y: 2 }, { x: 3, y: 4 }];\npoints`,
  `console.log("a line"); console.error("a complaint"); points.length * 21`,
  `display.mime({ "image/png": Buffer.from("${pixel}", "base64"), "text/plain": "a point" });`,
  `await new Promise((resolve) => setTimeout(resolve, 20));\n"done"`,
);

interface Output {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: string | readonly string[];
  readonly ename?: string;
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
}

describe.skipIf(!available)("jupyter nbconvert --execute", () => {
  let home: JupyterHome;
  beforeAll(async () => {
    home = await jupyterHome();
    await writeFile(join(home.folder, "good.ipynb"), JSON.stringify(good));
    const bad = notebookOf("const kept = 1;", `throw new RangeError("planned");`, "kept + 1");
    await writeFile(join(home.folder, "bad.ipynb"), JSON.stringify(bad));
  });
  afterAll(() => home?.remove());

  const convert = (...words: string[]) =>
    promisify(execFile)(jupyter, ["nbconvert", "--execute", ...words], {
      cwd: home.folder,
      env: home.environment,
      timeout: 150_000,
    });

  const outputsOf = async (file: string) => {
    const notebook = JSON.parse(await readFile(join(home.folder, file), "utf8")) as { cells: { outputs: Output[] }[] };
    return notebook.cells.map((cell) => cell.outputs);
  };

  test("to a notebook fills in every output", async () => {
    await convert("--to", "notebook", "--output", "executed.ipynb", "good.ipynb");
    const [records, printed, picture, last] = await outputsOf("executed.ipynb");
    expect(records![0]!.data).toMatchObject({ "text/html": expect.anything(), "text/plain": expect.anything() });
    expect(printed!.map((output) => output.name ?? output.output_type).sort()).toEqual([
      "execute_result",
      "stderr",
      "stdout",
    ]);
    expect(String(printed!.find((output) => output.data)?.data?.["text/plain"])).toBe("42");
    expect(String(picture![0]!.data?.["image/png"]).trim()).toBe(pixel);
    expect(String(last![0]!.data?.["text/plain"])).toBe("'done'");
  }, 180_000);

  test("to HTML shows text, tables and pictures, and colours the code", async () => {
    await convert("--to", "html", "--output", "page.html", "good.ipynb");
    const page = await readFile(join(home.folder, "page.html"), "utf8");
    expect(page).toContain("a line");
    expect(page).toContain("<table>");
    expect(page).toContain(`data:image/png;base64,${pixel.slice(0, 40)}`);
    // Pygments knows the lexer that the kernel names: keywords are marked.
    expect(page).toMatch(/<span class="k[a-z]*">interface<\/span>/);
  }, 180_000);

  test("stops at a cell that fails, with its error", async () => {
    const failure = await convert("--to", "notebook", "bad.ipynb").then(
      () => undefined,
      (error: { code: number; stderr: string }) => error,
    );
    expect(failure?.code).toBe(1);
    expect(failure?.stderr).toMatch(/Cell \[2\], line 1/);
    expect(failure?.stderr).toContain("RangeError: planned");
  }, 180_000);

  test("goes on after it where errors are allowed", async () => {
    await convert("--allow-errors", "--to", "notebook", "--output", "allowed.ipynb", "bad.ipynb");
    const [, failed, after] = await outputsOf("allowed.ipynb");
    expect(failed![0]).toMatchObject({ output_type: "error", ename: "RangeError" });
    expect(String(after![0]!.data?.["text/plain"])).toBe("2");
  }, 180_000);
});
