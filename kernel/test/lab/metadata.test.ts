import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { connected, leave } from "./lab-page.ts";

const patient = { timeout: 60_000 };

describeInLab("metadata in JupyterLab", { "metadata.ipynb": ["# Metadata", "1 + 1"] }, (lab) => {
  test("are seen and edited in the panel, whose editors are made when it is opened", async () => {
    const page = await lab.open("metadata.ipynb");
    await connected(page);
    await page.evaluate("jupyterapp.shell.activateById('jp-property-inspector')");
    expect(await page.locator(".jp-MetadataEditorTool").count()).toBe(0);
    await page.locator(".jp-NotebookTools .jp-Collapse-header", { hasText: "Advanced Tools" }).click();
    const notebook = page.locator(".jp-NotebookMetadataEditor .cm-content");
    await expect.poll(() => notebook.textContent(), patient).toContain('"name": "gradbook"');
    const cell = page.locator(".jp-CellMetadataEditor .cm-content");
    await cell.click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText('{"tags": ["first"]}');
    await page.locator(".jp-CellMetadataEditor").getByTitle("Commit changes to data").click();
    const metadata = () =>
      page.evaluate<string>(
        "JSON.stringify(jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getMetadata())",
      );
    await expect.poll(metadata, patient).toContain('"tags":["first"]');
    await leave(page);
  });
});
