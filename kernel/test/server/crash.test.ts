import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newFolder } from "../run/scripted.ts";
import { asking } from "./asking.ts";
import { startProcess } from "./server-process.ts";

const notebookOf = (version: number) => ({
  cells: [
    { cell_type: "code", id: "a", execution_count: null, metadata: {}, outputs: [], source: `${version} `.repeat(2e5) },
  ],
  metadata: { version },
  nbformat: 4,
  nbformat_minor: 5,
});

describe("a server that is killed while it saves", () => {
  it("leaves a whole notebook each time, the old one or the new one", async () => {
    const root = newFolder();
    const names = ["a.ipynb", "b.ipynb", "c.ipynb"];
    for (const name of names) writeFileSync(join(root, name), JSON.stringify(notebookOf(0)));
    let version = 0;
    let last = 0;
    for (let time = 0; time < 6; time++) {
      const { child, ...address } = await startProcess(root);
      const ask = asking(address);
      let saved = 0;
      const saving = names.map(async (name) => {
        try {
          for (;;) {
            await ask("PUT", `api/contents/${name}`, { type: "notebook", content: notebookOf(++version) });
            saved++;
          }
        } catch {
          // The server is gone.
        }
      });
      while (saved < 3) await delay(5);
      // At another moment of the work each time.
      await delay(17 * time);
      child.kill("SIGKILL");
      await Promise.all(saving);
      for (const name of names) {
        const { cells, metadata } = JSON.parse(readFileSync(join(root, name), "utf8"));
        expect(cells[0].source.join("")).toBe(`${metadata.version} `.repeat(2e5));
        expect(metadata.version).toBeLessThanOrEqual(version);
        last = Math.max(last, metadata.version);
      }
    }
    expect(last).toBeGreaterThan(6);
    const visible = readdirSync(root).filter((name) => !name.startsWith("."));
    expect(visible.sort()).toEqual(names);
  });
});
