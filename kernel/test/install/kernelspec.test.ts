import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dataFolders, type Surroundings, userDataFolder } from "../../src/install/jupyter-folders.ts";
import { findKernelSpecs } from "../../src/install/kernelspec.ts";
import { newFolder } from "../run/scripted.ts";

const around = (
  platform: NodeJS.Platform,
  env: Record<string, string> = {},
  home = platform === "win32" ? "C:\\Users\\Ada" : "/home/ada",
): Surroundings => ({ platform, env, home });

describe("Jupyter's data folders", () => {
  it("follow the rules of each system for the user's own", () => {
    expect(userDataFolder(around("linux"))).toBe("/home/ada/.local/share/jupyter");
    expect(userDataFolder(around("linux", { XDG_DATA_HOME: "/data" }))).toBe("/data/jupyter");
    expect(userDataFolder(around("darwin", {}, "/Users/ada"))).toBe("/Users/ada/Library/Jupyter");
    const roaming = "C:\\Users\\Ada\\AppData\\Roaming";
    expect(userDataFolder(around("win32", { APPDATA: roaming }))).toBe(`${roaming}\\jupyter`);
    expect(userDataFolder(around("win32"))).toBe("C:\\Users\\Ada\\.jupyter\\data");
    expect(userDataFolder(around("darwin", { JUPYTER_DATA_DIR: "/mine" }))).toBe("/mine");
  });

  it("are searched in order: JUPYTER_PATH, the active environment, the user's, the system's", () => {
    const env = { JUPYTER_PATH: "/one:/two", VIRTUAL_ENV: "/venv" };
    expect(dataFolders(around("linux", env))).toEqual([
      "/one",
      "/two",
      "/venv/share/jupyter",
      "/home/ada/.local/share/jupyter",
      "/usr/local/share/jupyter",
      "/usr/share/jupyter",
    ]);
    expect(dataFolders(around("win32", { JUPYTER_PATH: "C:\\one;D:\\two", PROGRAMDATA: "C:\\PD" }))).toEqual([
      "C:\\one",
      "D:\\two",
      "C:\\Users\\Ada\\.jupyter\\data",
      "C:\\PD\\jupyter",
    ]);
  });
});

describe("looking for kernelspecs", () => {
  function kernel(data: string, name: string, text: string): void {
    mkdirSync(join(data, "kernels", name), { recursive: true });
    writeFileSync(join(data, "kernels", name, "kernel.json"), text);
  }
  const spec = (title: string) =>
    JSON.stringify({ argv: ["run", "{connection_file}"], display_name: title, language: "x" });

  it("prefers the first folder, ignores case, and passes over what is broken", async () => {
    const [first, second, home] = [newFolder(), newFolder(), newFolder()];
    kernel(first, "Alpha", spec("first"));
    kernel(second, "alpha", spec("second"));
    kernel(second, "beta", spec("beta"));
    kernel(second, "broken", "{");
    kernel(second, "empty", "{}");
    const found = await findKernelSpecs(around("linux", { JUPYTER_PATH: `${first}:${second}` }, home));
    expect(found).toContainEqual({
      name: "alpha",
      folder: join(first, "kernels", "Alpha"),
      spec: JSON.parse(spec("first")),
    });
    const names = found.map(({ name }) => name);
    expect(names).toContain("beta");
    expect(names).not.toContain("broken");
    expect(names).not.toContain("empty");
    expect(names.filter((name) => name === "alpha")).toHaveLength(1);
  });
});
