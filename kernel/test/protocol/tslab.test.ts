import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FoundKernelSpec, ownKernelSpec } from "../../src/install/kernelspec.ts";
import { Kernel } from "../../src/run/kernel.ts";
import { newFolder } from "../run/scripted.ts";

const tslabFolder = dirname(createRequire(import.meta.url).resolve("tslab/package.json"));
const tslab: FoundKernelSpec = {
  name: "tslab",
  spec: {
    argv: [process.execPath, join(tslabFolder, "bin", "tslab"), "kernel", "--config-path={connection_file}"],
    display_name: "TypeScript",
    language: "typescript",
  },
};
const ours: FoundKernelSpec = { name: "gradbook", spec: ownKernelSpec() };

// Written for tslab: each uses its module in another way.
const cells = [
  `import * as tslab from "tslab";
   tslab.display.html("Hello <b>Type</b>Script");
   tslab.display.javascript("element.textContent = 1");
   tslab.display.markdown("# Title");
   tslab.display.latex("$x^2$");
   tslab.display.svg("<svg></svg>");
   tslab.display.text("plain");`,
  `import { display } from "tslab";
   display.png(new Uint8Array([137, 80, 78, 71]));
   display.jpeg(Buffer.from([255, 216, 255]));
   display.gif(new Uint8Array([0, 71, 73, 70, 0]).subarray(1, 4));
   display.pdf(Buffer.from("%PDF-"));
   display.raw("application/vnd.custom", "text");
   display.raw("application/octet-stream", new Uint8Array([1, 2, 3]));`,
  `import { newDisplay, Display } from "tslab";
   let first: Display = newDisplay();
   let second = newDisplay();
   first.text("progress: 1%");
   second.html("<i>other</i>");
   for (let n = 2; n <= 4; n++) first.text(\`progress: \${n}%\`);`,
  `first.markdown("from a later cell"); second.png(new Uint8Array([1]));`,
  `await new Promise<void>((resolve) => setTimeout(() => { display.text("from a callback"); resolve(); }, 10));
   await Promise.all([1, 2].map(async (n) => { await 0; display.html(\`async \${n}\`); }));`,
  `const required = require("tslab"); required.display.text("required");
   (await import("tslab")).newDisplay().text("imported");`,
  `const { tslab: own, typescript, node } = tslab.versions; display.text([own, typescript, node].join());`,
];

interface Shown {
  readonly type: string;
  readonly data: unknown;
  /** Which of the displays seen so far it is. */
  readonly place: number | undefined;
}

/** What a kernel shows for each cell; of display ids, only which are the same matters, and only where there are updates. */
async function shownBy(kernel: Kernel): Promise<Shown[][]> {
  const ids: string[] = [];
  const outputs: { type: string; data: unknown; id: string | undefined }[][] = [];
  for (const cell of cells) {
    const execution = kernel.execute(cell);
    const shown: (typeof outputs)[number] = [];
    for await (const { header, content } of execution) {
      // tslab prints results; errors, of types too, it prints to stderr.
      if (header.msg_type === "error" || content.name === "stderr")
        throw new Error(`${cell}: ${JSON.stringify(content)}`);
      if (!/display_data$/.test(header.msg_type)) continue;
      const { data, transient } = content as { data: unknown; transient: { display_id?: string } };
      shown.push({ type: header.msg_type, data, id: transient.display_id });
      if (header.msg_type === "update_display_data" && !ids.includes(transient.display_id!))
        ids.push(transient.display_id!);
    }
    outputs.push(shown);
  }
  return outputs.map((shown) =>
    shown.map(({ type, data, id }) => ({ type, data, place: ids.includes(id!) ? ids.indexOf(id!) : undefined })),
  );
}

describe("cells written for tslab", () => {
  let folder: string;
  let gradbook: Kernel;
  beforeAll(async () => {
    // tslab finds types only where they are installed.
    folder = newFolder();
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(join(dirname(tslabFolder), "@types"), join(folder, "node_modules", "@types"));
    symlinkSync(tslabFolder, join(folder, "node_modules", "tslab"));
    gradbook = await Kernel.start(ours, { cwd: newFolder() });
  });
  afterAll(() => gradbook.shutdown());

  test("show the same as in tslab itself", async () => {
    const reference = await Kernel.start(tslab, { cwd: folder });
    try {
      const expected = await shownBy(reference);
      expect(expected.flat()).toHaveLength(25);
      expect(await shownBy(gradbook)).toEqual(expected);
    } finally {
      await reference.shutdown();
    }
  }, 60_000);

  test("show the same where another tslab is installed beside the notebook", async () => {
    const other = newFolder();
    const installed = join(other, "node_modules", "tslab");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), JSON.stringify({ name: "tslab", version: "0.0.1", main: "old.js" }));
    writeFileSync(join(installed, "old.js"), "throw new Error('the other tslab was loaded');");
    const kernel = await Kernel.start(ours, { cwd: other });
    try {
      const shown = await shownBy(kernel);
      expect(shown.flat()).toHaveLength(25);
    } finally {
      await kernel.shutdown();
    }
  }, 60_000);

  test("may keep the module in a variable, which tslab itself refuses", async () => {
    const kept = gradbook.execute(`const kept = await import("tslab"); kept.display.text(typeof kept.newDisplay);`);
    expect(await kept.reply).toMatchObject({ content: { status: "ok" } });
  });

  test("are completed by what tslab has", async () => {
    const code = `import * as t from "tslab"; t.display.`;
    const { content } = await gradbook.request("complete_request", { code, cursor_pos: code.length });
    expect(content.matches).toEqual("gif html javascript jpeg latex markdown pdf png raw svg text".split(" "));
  });

  test("are checked by tslab's types", async () => {
    const failed = gradbook.execute(`import * as t from "tslab"; t.display.html(3);`);
    const { content } = await failed.reply;
    expect(content).toMatchObject({ status: "error", evalue: expect.stringContaining("'number' is not assignable") });
  });
});
