import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { connected, finished } from "./lab-page.ts";

const patient = { timeout: 60_000 };

describeInLab("a notebook that somebody else has changed on disk", { "both.ipynb": ["# Both", "1 + 1"] }, (lab) => {
  const file = () => join(lab.root, "both.ipynb");
  const onDisk = async () => [JSON.parse(await readFile(file(), "utf8")).cells[1].source].flat().join("");
  const inPage = (page: Page) =>
    page.evaluate<string>("jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.getSource()");
  const type = (page: Page, source: string) =>
    page.evaluate(
      `jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.setSource(${JSON.stringify(source)})`,
    );
  const isDirty = (page: Page) => page.evaluate<boolean>("jupyterapp.shell.currentWidget.context.model.dirty");

  /** Somebody else saves, some time after the page has. */
  async function saveElsewhere(source: string): Promise<void> {
    const notebook = JSON.parse(await readFile(file(), "utf8"));
    notebook.cells[1].source = source;
    const { mtimeMs } = await stat(file());
    await writeFile(file(), JSON.stringify(notebook, null, 1));
    const later = mtimeMs / 1000 + 10;
    await utimes(file(), later, later);
  }

  test("is not written over unasked: Revert takes what is on disk, Overwrite what is in the page", async () => {
    const page = await lab.open("both.ipynb");
    await connected(page);
    const dialog = page.locator(".jp-Dialog");
    const answer = (label: string) => dialog.getByRole("button", { name: label }).click();
    // Until one save has ended, which is after the file is written or read, the page ignores the next.
    const save = () => finished(page, "docmanager:save");

    await type(page, "mine, first");
    await saveElsewhere("theirs, first");
    const cancelled = save();
    await expect.poll(() => dialog.textContent(), patient).toMatch(/both\.ipynb.* has changed on disk/s);
    expect([await onDisk(), await inPage(page)]).toEqual(["theirs, first", "mine, first"]);
    await answer("Cancel");
    await cancelled;
    expect(await dialog.count()).toBe(0);
    expect([await onDisk(), await inPage(page), await isDirty(page)]).toEqual(["theirs, first", "mine, first", true]);

    const reverted = save();
    await dialog.waitFor();
    await answer("Revert");
    await reverted;
    await expect.poll(() => inPage(page), patient).toBe("theirs, first");
    await expect.poll(() => isDirty(page), patient).toBe(false);
    expect(await onDisk()).toBe("theirs, first");

    await type(page, "mine, second");
    await saveElsewhere("theirs, second");
    const overwritten = save();
    await dialog.waitFor();
    expect(await onDisk()).toBe("theirs, second");
    await answer("Overwrite");
    await overwritten;
    await expect.poll(onDisk, patient).toBe("mine, second");
    await expect.poll(() => isDirty(page), patient).toBe(false);
    expect(await inPage(page)).toBe("mine, second");

    // What was overwritten with is where the next change begins: it is saved without a question.
    await type(page, "mine, third");
    await expect.poll(() => isDirty(page), patient).toBe(true);
    await save();
    await expect.poll(onDisk, patient).toBe("mine, third");
    expect(await dialog.count()).toBe(0);
    await page.context().close();
  });
});
