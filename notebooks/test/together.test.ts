import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownKernelSpec } from "../../kernel/src/install/kernelspec.ts";
import { Kernel } from "../../kernel/src/run/kernel.ts";

/** The library and the widgets in the kernel, in a folder where nothing is installed. */
let folder: string;
let kernel: Kernel;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-together-"));
  kernel = await Kernel.start({ name: "gradbook", spec: ownKernelSpec() }, { cwd: folder });
});
afterAll(async () => {
  await kernel.shutdown();
  rmSync(folder, { recursive: true });
});

async function run(code: string, onOutput?: () => void) {
  const messages: { type: string; content: Record<string, unknown> }[] = [];
  for await (const { header, content } of kernel.execute(code)) {
    messages.push({ type: header.msg_type, content: content as Record<string, unknown> });
    if (header.msg_type === "stream") onOutput?.();
  }
  return {
    of: (type: string) => messages.filter((message) => message.type === type).map(({ content }) => content),
    error: () =>
      stripVTControlCharacters(
        (messages.find(({ type }) => type === "error")?.content.traceback as string[] | undefined)?.join("\n") ?? "",
      ),
  };
}

describe("gradbook in a notebook", () => {
  it("is imported with nothing installed beside it", async () => {
    const cell = await run(
      'import { tensor, zeros, nn, train, optim, losses } from "gradbook";\nawait tensor([[1, 2], [3, 4]]).sum().item()',
    );
    expect(cell.error()).toBe("");
    expect(cell.of("execute_result")[0]).toMatchObject({ data: { "text/plain": "10" } });
  });

  it("shows tensors with their values", async () => {
    const cell = await run("tensor([[1, 2.5], [-3, 4]])");
    expect(cell.of("execute_result")[0]).toMatchObject({
      data: { "text/plain": "Tensor float32 [2, 2] \n[[  1 2.5]\n [ -3   4]]" },
    });
  });

  it("has shape errors in plain words, with the user's cell and line and none of the library's", async () => {
    const text = (await run("const x = zeros([64, 400]);\nconst w = zeros([120, 400]);\nx.matmul(w);")).error();
    expect(text).toContain(
      "matmul: [64, 400] × [120, 400]: the inner sizes 400 and 120 differ.\n  x.matmul(w.transpose()) would give [64, 120].",
    );
    expect(text).toMatch(/[Cc]ell.*3/);
    expect(text).toContain("x.matmul(w);");
    expect(text).not.toMatch(/lib\/dist|node:|kernel\/dist/);
  });

  it("names the layer of the user's model in which shapes do not fit", async () => {
    const text = (
      await run(`class LeNet extends nn.Module {
  layers = new nn.Sequential([new nn.Conv2d(1, 3, 5), (x) => x, (x) => x, new nn.Conv2d(6, 16, 5)]);
}
const net = nn.init(new LeNet(), { seed: 1 });
net.layers.forward(zeros([2, 1, 28, 28]));`)
    ).error();
    expect(text).toContain("LeNet.layers.3, Conv2d(6 → 16, 5×5): the input has 3 channels, the filters expect 6.");
    expect(text).toContain("net.layers.forward(zeros([2, 1, 28, 28]));");
  });

  it("refuses a misspelt option before anything runs", async () => {
    const text = (await run("optim.adam({ learningRate: 1 });")).error();
    expect(text).toMatch(/learningRate/);
  });

  it("completes methods and shows the documentation of every one", async () => {
    const code = "zeros([2]).soft";
    const { content: complete } = await kernel.request("complete_request", { code, cursor_pos: code.length });
    expect(complete.matches).toEqual(expect.arrayContaining(["softmax", "softplus"]));
    const { content: all } = await kernel.request("complete_request", { code: "zeros([2]).", cursor_pos: 11 });
    const undocumented: string[] = [];
    for (const name of all.matches as string[]) {
      const expression = `zeros([2]).${name}`;
      const { content } = await kernel.request("inspect_request", {
        code: expression,
        cursor_pos: expression.length - 1,
        detail_level: 0,
      });
      const text = (content.data as Record<string, string>)["text/plain"]!;
      // The declaration, then what its comment says.
      if (text.trim().split("\n").length < 2) undocumented.push(name);
    }
    expect(all.matches).toEqual(expect.arrayContaining(["matmul", "mean", "shape"]));
    expect(all.matches).not.toContain("marks");
    expect(undocumented).toEqual([]);
  });

  it("draws a loss curve while the cell runs", async () => {
    const cell = await run(`import { lossCurve } from "@gradbook/widgets";
class Line extends nn.Module { layer = new nn.Linear(1, 1); forward(x: ReturnType<typeof zeros>) { return this.layer.forward(x); } }
const curve = lossCurve({ title: "A line" });
display(curve);
const batch = { x: tensor([[0], [1]]), y: tensor([[1], [3]]) };
const began = Date.now();
for await (const step of train(nn.init(new Line(), { seed: 1 }), [batch], {
  loss: (m, { x, y }) => losses.squaredError(m.forward(x), y), optimizer: optim.sgd({ rate: 0.1 }), epochs: 1e6,
})) { curve.add(step); if (Date.now() - began > 700) break; }
console.log("done");`);
    expect(cell.error()).toBe("");
    expect(cell.of("display_data").length).toBe(1);
    expect(cell.of("comm_msg").length).toBeGreaterThanOrEqual(3);
    const bundle = cell.of("update_display_data").at(-1)!.data as Record<string, unknown>;
    expect(Object.keys(bundle).sort()).toEqual(["application/vnd.jupyter.widget-view+json", "text/html", "text/plain"]);
  });

  it("keeps the model when training is interrupted", async () => {
    await run("const kept = nn.init(new Line(), { seed: 2 }); const sgd = optim.sgd({ rate: 0.1 });");
    let begun!: () => void;
    const training = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const running = run(
      `for await (const step of train(kept, [batch], { loss: (m, { x, y }) => losses.squaredError(m.forward(x), y), optimizer: sgd, epochs: 1e9 })) { if (step.step === 10) console.log("begun"); }`,
      begun,
    );
    await training;
    await kernel.interrupt();
    expect((await running).error()).not.toBe("");
    const after = await run("sgd.step >= 10");
    expect(after.of("execute_result")[0]).toMatchObject({ data: { "text/plain": "true" } });
  });
});
