import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { describe, expect, it } from "vitest";
import { install, liesInCache, uninstall } from "../../src/install/install.ts";
import type { Surroundings } from "../../src/install/jupyter-folders.ts";
import { newFolder } from "../run/scripted.ts";

const linux = (home: string, env: Record<string, string> = {}): Surroundings => ({ platform: "linux", home, env });

describe("installing the kernelspec", () => {
  it("writes a kernel.json that starts from anywhere, and the logos", async () => {
    const home = newFolder();
    const folder = await install({}, linux(home));
    expect(folder).toBe(join(home, ".local/share/jupyter/kernels/gradbook"));
    expect(readdirSync(folder).sort()).toEqual(["kernel.json", "logo-64x64.png", "logo-svg.svg"]);
    const spec = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8"));
    expect(spec).toMatchObject({
      argv: [process.execPath, expect.any(String), "kernel", "--connection-file", "{connection_file}"],
      display_name: "TypeScript (Gradbook)",
      language: "typescript",
      interrupt_mode: "message",
    });
    expect(isAbsolute(spec.argv[1]) && existsSync(spec.argv[1])).toBe(true);
  });

  it("has a logo of 64 × 64 pixels", async () => {
    const folder = await install({ prefix: newFolder() });
    const png = readFileSync(join(folder, "logo-64x64.png"));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([64, 64]);
  });

  it("goes under a prefix, into the active environment, or under another name", async () => {
    const [prefix, environment] = [newFolder(), newFolder()];
    expect(await install({ prefix, name: "Gradbook-Next" })).toBe(join(prefix, "share/jupyter/kernels/gradbook-next"));
    expect(await install({ sysPrefix: true }, linux("/home/ada", { CONDA_PREFIX: environment }))).toBe(
      join(environment, "share/jupyter/kernels/gradbook"),
    );
  });

  it("is refused without an active environment, and under a name that Jupyter does not allow", async () => {
    await expect(install({ sysPrefix: true }, linux("/home/ada"))).rejects.toThrow(
      /no Python environment is active.*--prefix/,
    );
    await expect(install({ name: "a/b" }, linux("/home/ada"))).rejects.toThrow(/"a\/b" has other signs/);
  });

  it("is refused where another kernel has that name, and renews our own", async () => {
    const prefix = newFolder();
    const folder = await install({ prefix });
    const file = join(folder, "kernel.json");
    const old = { ...JSON.parse(readFileSync(file, "utf8")), argv: ["/gone/node", "/gone/bin/gradbook.js", "kernel"] };
    writeFileSync(file, JSON.stringify(old));
    await install({ prefix });
    expect(JSON.parse(readFileSync(file, "utf8")).argv[0]).toBe(process.execPath);
    const other = JSON.stringify({ argv: ["python3"], display_name: "Other", language: "python" });
    writeFileSync(file, other);
    await expect(install({ prefix })).rejects.toThrow(/another kernel \(Other\).*--name NAME/);
    expect(readFileSync(file, "utf8")).toBe(other);
  });

  it("says in words why a folder cannot be written", async () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    await expect(install({ prefix: file })).rejects.toThrow(
      /cannot be changed: a part of that path is a file.*--prefix/,
    );
    if (process.platform === "linux")
      await expect(install({ prefix: "/proc" })).rejects.toThrow(/cannot be changed: (there can be no|you may not)/);
  });

  it("notices a copy in npx's cache, which will not last", () => {
    expect(liesInCache("/home/ada/.npm/_npx/1f2e/node_modules/@gradbook/kernel/bin/gradbook.js")).toBe(true);
    expect(liesInCache("/home/ada/work/node_modules/@gradbook/kernel/bin/gradbook.js")).toBe(false);
  });
});

describe("uninstalling", () => {
  it("removes what install wrote", async () => {
    const place = { prefix: newFolder() };
    const folder = await install(place);
    expect(await uninstall(place)).toBe(folder);
    expect(existsSync(folder)).toBe(false);
    await expect(uninstall(place)).rejects.toThrow(/holds no kernelspec.*gradbook list/);
  });

  it("does not touch another kernel of that name", async () => {
    const prefix = newFolder();
    const folder = join(prefix, "share/jupyter/kernels/gradbook");
    mkdirSync(folder, { recursive: true });
    const other = { argv: ["python3", "-m", "other"], display_name: "Other", language: "python" };
    writeFileSync(join(folder, "kernel.json"), JSON.stringify(other));
    await expect(uninstall({ prefix })).rejects.toThrow(/starts another kernel \(Other\)/);
    expect(existsSync(folder)).toBe(true);
  });
});
