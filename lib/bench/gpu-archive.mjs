// `npm run bench -- gpu-archive [FILE]`: packs what a bare machine with a GPU needs to run the library into one archive,
// artefacts/gradbook-gpu.tar.gz if not said: this Node, the library as built, Dawn, Vulkan's loader, and SwiftShader, a driver that
// the CPU emulates, as the last resort. For Linux on x64. Unpack it there and run: gradbook-gpu/run.sh
//
// gzip, not xz: a container without anything can unpack it.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = resolve(process.argv[2] ?? here("../../artefacts/gradbook-gpu.tar.gz"));
const mostBytes = 60e6;

/** What the programs in the archive load: the rest of the library's packages read files of data. */
const wanted = ["gradbook", "fast-png", "xz-decompress", "gpu.js", "webgpu", "koffi", "@koromix/koffi-linux-x64"];
/** Parts of packages that do not run there: other systems, sources in C, builds for pages. */
const left = [
  /\.(ts|map)$|(?<!\/LICENSE)\.md$/,
  /\/webgpu\/(build|dist\/(darwin|win32|linux-arm64).*)$/,
  /\/koffi\/(doc|vendor|lib|cnoke\.cjs|.*\.(cc|hh|inc|asm|S|def)|.*\/CMakeLists\.txt)$/,
  /\/koffi-linux-x64\/musl_x64$/,
  /\/gpu\.js\/dist$/,
  /\/(gradbook|lib)\/(src|docs|test|bench|node_modules)$/,
];
/** Chromium's, which Debian's package chromium brings. */
const swiftshader = ["libvk_swiftshader.so", "vk_swiftshader_icd.json"].map((name) => join("/usr/lib/chromium", name));
/** Belong to the system's C library, and cannot be mixed with another one's. */
const ofTheSystem = /^(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util))\.so/;

function run(command, ...words) {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`gpu-archive: ${command} ${words.join(" ")} failed. ${error?.message ?? stderr}`);
  return stdout;
}

function need(path, how) {
  if (!existsSync(path)) throw new Error(`gpu-archive: ${path} is missing. ${how}`);
  return path;
}

/** The shared libraries that a program or a library loads, by name. */
function librariesOf(path) {
  const found = [...run("ldd", path).matchAll(/^\s*(\S+) => (\/\S+)/gm)];
  return new Map(found.filter(([, name]) => !ofTheSystem.test(name)).map(([, name, place]) => [name, place]));
}

/** Where the system has a shared library; undefined where it has none. */
function systemLibrary(name) {
  return ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

function packages(root) {
  const modules = here("../../node_modules");
  const copied = new Set();
  const waiting = [...wanted];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (copied.has(name)) continue;
    copied.add(name);
    const from = realpathSync(need(join(modules, name), "Install everything: npm install"));
    cpSync(from, join(root, "node_modules", name), {
      recursive: true,
      filter: (path) => !left.some((pattern) => pattern.test(path)),
    });
    if (name === "gradbook") continue;
    const { dependencies = {} } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
    waiting.push(...Object.keys(dependencies));
  }
}

if (process.platform !== "linux" || process.arch !== "x64")
  throw new Error(
    `gpu-archive: this is ${process.platform} on ${process.arch}, expected linux on x64, as the archive is for.`,
  );
need(here("../dist/index.js"), "Build the library: npm run build");
for (const path of swiftshader) need(path, "Install it: apt-get install chromium");

const stage = mkdtempSync(join(tmpdir(), "gradbook-gpu-"));
try {
  const root = join(stage, "gradbook-gpu");
  for (const folder of ["bin", "libraries", "drivers", "programs"]) mkdirSync(join(root, folder), { recursive: true });

  packages(root);
  cpSync(here("gpu-archive/run.sh"), join(root, "run.sh"));
  for (const name of ["adapter", "test", "table", "lenet", "bench"])
    cpSync(here(`gpu-archive/${name}.mjs`), join(root, "programs", `${name}.mjs`));
  for (const path of swiftshader) cpSync(path, join(root, "drivers", basename(path)));
  const binaries = [
    [process.execPath, join(root, "bin", "node")],
    [join(root, "node_modules/webgpu/dist/linux-x64/dawn.node")].flatMap((path) => [path, path]),
  ];
  for (const [from, to] of binaries) {
    if (from !== to) cpSync(realpathSync(from), to);
    // A tenth of it is names, for debuggers; binutils need not be there.
    spawnSync("strip", ["--strip-unneeded", to]);
  }

  const loader = systemLibrary("libvulkan.so.1");
  need(loader ?? "libvulkan.so.1", "Install it: apt-get install libvulkan1");
  const libraries = new Map([["libvulkan.so.1", loader]]);
  // NVIDIA's driver wants those of X, even where there is no screen.
  for (const name of ["libX11.so.6", "libXext.so.6", "libX11-xcb.so.1"]) {
    const place = systemLibrary(name);
    if (place !== undefined) libraries.set(name, place);
  }
  for (const path of [...binaries.map(([, to]) => to), ...swiftshader, ...libraries.values()])
    if (/\.(so|node)|\/node$/.test(path)) for (const [name, place] of librariesOf(path)) libraries.set(name, place);
  for (const [name, place] of libraries) cpSync(realpathSync(place), join(root, "libraries", name));

  mkdirSync(dirname(target), { recursive: true });
  run("tar", "--owner=0", "--group=0", "-C", stage, "-czf", target, "gradbook-gpu");
} finally {
  rmSync(stage, { recursive: true });
}
const { size } = statSync(target);
console.log(`${target}: ${(size / 1e6).toFixed(1)} MB`);
if (size > mostBytes) throw new Error(`gpu-archive: that is more than ${mostBytes / 1e6} MB.`);
