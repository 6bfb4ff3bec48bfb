"""Imports: packages, files beside the notebook, Node's own modules."""

import time

from checks import Area, contains, equal, holds, lacks

FILES = {
    "node_modules/plain/package.json": {"name": "plain", "version": "1.0.0", "main": "index.js", "types": "index.d.ts"},
    "node_modules/plain/index.js": "exports.twice = (n) => 2 * n; exports.fail = () => { throw new Error('from plain'); };",
    "node_modules/plain/index.d.ts": "/** Doubles. */\nexport declare function twice(n: number): number;\nexport declare function fail(): never;",
    "node_modules/modern/package.json": {
        "name": "modern",
        "version": "1.0.0",
        "type": "module",
        "exports": {
            ".": {"types": "./index.d.ts", "import": "./index.js"},
            "./extra": {"types": "./extra.d.ts", "import": "./extra.js"},
            "./parts/*": {"types": "./parts/*.d.ts", "import": "./parts/*.js"},
        },
    },
    "node_modules/modern/index.js": "export const kind = 'module'; export default function hello() { return 'hello'; }",
    "node_modules/modern/index.d.ts": "export declare const kind: string; export default function hello(): string;",
    "node_modules/modern/extra.js": "export const extra = 'extra';",
    "node_modules/modern/extra.d.ts": "export declare const extra: string;",
    "node_modules/modern/parts/one.js": "export const one = 1;",
    "node_modules/modern/parts/one.d.ts": "export declare const one: number;",
    "node_modules/both/package.json": {
        "name": "both",
        "version": "1.0.0",
        "exports": {".": {"types": "./index.d.ts", "import": "./index.mjs", "require": "./index.cjs"}},
    },
    "node_modules/both/index.mjs": "export const way = 'import';",
    "node_modules/both/index.cjs": "exports.way = 'require';",
    "node_modules/both/index.d.ts": "export declare const way: string;",
    "node_modules/awaiting/package.json": {"name": "awaiting", "version": "1.0.0", "type": "module", "main": "index.js", "types": "index.d.ts"},
    "node_modules/awaiting/index.js": "export const value = await Promise.resolve('awaited');",
    "node_modules/awaiting/index.d.ts": "export declare const value: string;",
    "node_modules/callable/package.json": {"name": "callable", "version": "1.0.0", "main": "index.js", "types": "index.d.ts"},
    "node_modules/callable/index.js": "module.exports = function callable() { return 'called'; }; module.exports.part = 1;",
    "node_modules/callable/index.d.ts": "declare function callable(): string; declare namespace callable { const part: number; } export = callable;",
    "node_modules/untyped/package.json": {"name": "untyped", "version": "1.0.0", "main": "index.js"},
    "node_modules/untyped/index.js": "module.exports = { answer: 42 };",
    "node_modules/@scope/pack/package.json": {"name": "@scope/pack", "version": "1.0.0", "main": "index.js", "types": "index.d.ts"},
    "node_modules/@scope/pack/index.js": "exports.scoped = true;",
    "node_modules/@scope/pack/index.d.ts": "export declare const scoped: boolean;",
    "node_modules/failing/package.json": {"name": "failing", "version": "1.0.0", "main": "index.js", "types": "index.d.ts"},
    "node_modules/failing/index.js": "throw new Error('while loading');",
    "node_modules/failing/index.d.ts": "export declare const never: number;",
    "script.js": "export const fromScript = (x) => x + '!';",
    "old.cjs": "exports.fromOld = 'old';",
    "data.json": {"rows": [1, 2, 3]},
    "shapes.ts": 'import { unit } from "./units";\n\nexport interface Square { side: number }\nexport function area(square: Square): string {\n  if (square.side < 0) throw new RangeError("negative");\n  return square.side ** 2 + unit;\n}\n',
    "units.ts": 'export const unit = " cm2";',
    "folder/index.ts": "export const fromFolder = 'folder';",
    "folder/deep/leaf.ts": "import { fromFolder } from '..'; export const leaf = fromFolder + '/leaf';",
    "counter.ts": "export let count = 0; export function up() { return ++count; }",
    "round.ts": "import { trip } from './trip'; export const round = () => 'round ' + trip;",
    "trip.ts": "import { round } from './round'; export const trip = 'trip'; export const both = () => round();",
    "main.ts": "export default class Main { name = 'main'; }",
    "broken.ts": "export const wrong: number = 'text';",
    "changing.ts": "export const version = 'first';",
    "enums.ts": "export enum Level { Low, High = 5 } export namespace Deep { export const inside = 1; }",
}

imports = Area("imports", feature="typescript", files=FILES)
areas = [imports]

# Code, and what it prints.
GOOD = {
    "Node's own modules": ('import { basename } from "node:path"; console.log(basename("/a/b"));', "b"),
    "Node's own modules without their prefix": ('import os from "os"; console.log(typeof os.cpus);', "function"),
    "Node's own modules as a whole": ('import * as url from "node:url"; console.log(typeof url.fileURLToPath);', "function"),
    "promises of Node's file system": ('import { readFile } from "node:fs/promises"; console.log((await readFile("data.json", "utf8")).length > 5);', "true"),
    "a CommonJS package": ('import { twice } from "plain"; console.log(twice(21));', "42"),
    "a CommonJS package as a whole": ('import * as plain from "plain"; console.log(plain.twice(2));', "4"),
    "a package that is a function": ('import callable from "callable"; console.log(callable(), callable.part);', "called 1"),
    "a package for ES modules only": ('import hello, { kind } from "modern"; console.log(hello(), kind);', "hello module"),
    "a package for ES modules as a whole": ('import * as modern from "modern"; console.log(modern.default(), modern.kind);', "hello module"),
    "a subpath that exports names": ('import { extra } from "modern/extra"; console.log(extra);', "extra"),
    "a subpath that exports covers with a star": ('import { one } from "modern/parts/one"; console.log(one);', "1"),
    "a package that has both kinds": ('import { way } from "both"; console.log(["import", "require"].includes(way));', "true"),
    "a module that awaits while it loads": ('import { value } from "awaiting"; console.log(value);', "awaited"),
    "a package with a scope": ('import { scoped } from "@scope/pack"; console.log(scoped);', "true"),
    "a package without types": ('import untyped from "untyped"; console.log(untyped.answer);', "42"),
    "dynamically": ('console.log((await import("plain")).twice(1), (await import("awaiting")).value);', "2 awaited"),
    "dynamically by a name that is computed": ('const which = "mod" + "ern"; console.log((await import(which)).kind);', "module"),
    "by require": ('console.log(require("plain").twice(4));', "8"),
    "under another name": ('import { twice as double } from "plain"; console.log(double(3));', "6"),
    "for its effect only": ('import "plain"; console.log("loaded");', "loaded"),
    "several in one cell": ('import { twice } from "plain"; import { kind } from "modern"; import data from "./data.json"; console.log(twice(1), kind, data.rows.length);', "2 module 3"),
    "below other statements": ('const above = 1; import { twice as below } from "plain"; console.log(below(above));', "2"),
    "JSON files": ('import data from "./data.json"; console.log(data.rows.length);', "3"),
    "a TypeScript file": ('import { area, type Square } from "./shapes"; const q: Square = { side: 3 }; console.log(area(q));', "9 cm2"),
    "a TypeScript file by its whole name": ('import { unit } from "./units.ts"; console.log(unit);', " cm2"),
    "a TypeScript file by the name of its output": ('import { unit } from "./units.js"; console.log(unit);', " cm2"),
    "a type alone": ('import type { Square } from "./shapes"; const q2: Square = { side: 1 }; console.log(q2.side);', "1"),
    "a folder": ('import { fromFolder } from "./folder"; console.log(fromFolder);', "folder"),
    "a file in a folder": ('import { leaf } from "./folder/deep/leaf"; console.log(leaf);', "folder/leaf"),
    "a JavaScript file": ('import { fromScript } from "./script.js"; console.log(fromScript("js"));', "js!"),
    "a CommonJS file": ('import { fromOld } from "./old.cjs"; console.log(fromOld);', "old"),
    "a default class": ('import Main from "./main"; console.log(new Main().name);', "main"),
    "files that import each other": ('import { both } from "./trip"; console.log(both());', "round trip"),
    "enumerations and namespaces": ('import { Level, Deep } from "./enums"; console.log(Level.High, Level[0], Deep.inside);', "5 Low 1"),
    "a file dynamically": ('const { area: dynamic } = await import("./shapes"); console.log(dynamic({ side: 2 }));', "4 cm2"),
}


@imports.each("a cell imports {}", GOOD)
def _(kernel, case):
    code, printed = case
    run = kernel.ok(code)
    equal((run.stdout, run.stderr), (printed + "\n", ""))


@imports.check("what a cell imports is there in later cells, with its types")
def _(kernel):
    kernel.ok('import { twice as kept } from "plain";')
    equal(kernel.prints("console.log(kept(5));"), "10\n")
    contains(kernel.run("kept('x')").content["evalue"], "not assignable to parameter of type 'number'")


@imports.check("an import replaces a variable of the same name, and the other way round")
def _(kernel):
    kernel.ok("const way = 5;")
    kernel.ok('import { way } from "both";')
    equal(kernel.prints("console.log(way.length > 0);"), "true\n")
    kernel.ok("const way = 6;")
    equal(kernel.prints("console.log(way.toFixed());"), "6\n")


@imports.check("a module keeps its state from cell to cell")
def _(kernel):
    kernel.ok('import { up } from "./counter"; up();')
    equal(kernel.prints("up(); console.log(up());"), "3\n")


@imports.check("a file that was edited is loaded anew")
def _(kernel):
    equal(kernel.prints('import { version } from "./changing"; console.log(version);'), "first\n")
    kernel.write("changing.ts", "export const version = 'second, with more letters';")
    end = time.monotonic() + 10
    printed = ""
    while "second" not in printed and time.monotonic() < end:
        time.sleep(0.3)
        printed = kernel.prints('import { version } from "./changing"; console.log(version);')
    equal(printed, "second, with more letters\n")


@imports.check("a file that appears later is found")
def _(kernel):
    equal(kernel.run('import { fresh } from "./fresh";').status, "error")
    kernel.write("fresh.ts", "export const fresh = 'fresh';")
    end = time.monotonic() + 10
    while (run := kernel.run('import { fresh } from "./fresh"; console.log(fresh);')).status != "ok":
        holds(time.monotonic() < end, f"it is still not found: {run.trace}")
        time.sleep(0.3)
    equal(run.stdout, "fresh\n")


@imports.check("a type error in an imported file is told with its file", feature="gradbook")
def _(kernel):
    run = kernel.run('import { wrong } from "./broken"; console.log(wrong);')
    equal(run.status, "error")
    contains(run.trace, "broken.ts")


@imports.check("an error inside an imported file names its line in TypeScript")
def _(kernel):
    trace = kernel.run('import { area } from "./shapes";\narea({ side: -1 });').trace
    contains(trace, "shapes")
    contains(trace, "5")


@imports.check("an error inside a package names the package's function")
def _(kernel):
    contains(kernel.run('import { fail } from "plain"; fail();').trace, "from plain")


@imports.check("a package that fails while loading fails its cell, and may be tried again")
def _(kernel):
    for _ in range(2):
        run = kernel.run('import { never } from "failing"; console.log(never);')
        equal(run.status, "error")
        contains(run.trace + run.content["evalue"], "while loading")
    equal(kernel.value("6 * 7"), "42")


MISSING = {
    "a package": ('import { x } from "no-such-package";', "no-such-package"),
    "a file": ('import { x } from "./no-such-file";', "no-such-file"),
    "a name in a package": ('import { noSuchName } from "plain";', "noSuchName"),
    "a name in a file": ('import { noSuchName } from "./units";', "noSuchName"),
    "a package that is imported dynamically": ('await import("no-such-" + "package");', "no-such-package"),
    "a package that is required": ('require("no-such-package");', "no-such-package"),
    "a subpath that exports does not name": ('import { x } from "modern/hidden";', "modern/hidden"),
}


@imports.each("{} that does not exist is an error that names it", MISSING)
def _(kernel, case):
    code, name = case
    run = kernel.run(code)
    equal(run.status, "error")
    contains(run.trace + run.content["evalue"], name)


@imports.check("the reader is told how to get a package that is missing", feature="gradbook")
def _(kernel):
    contains(kernel.run('await import("no-such-" + "package");').content["evalue"], "npm install no-such-package")


@imports.check("types of Node are known in any folder")
def _(kernel):
    equal(kernel.prints('const c = new AbortController(); const b: Buffer = Buffer.from("a"); console.log(typeof fetch, process.argv.length > 0, b.length, c.signal.aborted);'), "function true 1 false\n")


@imports.check("the folder of the notebook is the working directory")
def _(kernel):
    equal(kernel.prints("console.log(process.cwd());"), f"{kernel.folder.resolve()}\n")


@imports.check("__dirname and require.resolve lead to the notebook's folder")
def _(kernel):
    contains(kernel.prints('console.log(require.resolve("plain"));'), str(kernel.folder.resolve()))


DISPLAYS = {
    "html": ('display.html("<b>x</b>");', "text/html", "<b>x</b>"),
    "markdown": ('display.markdown("# x");', "text/markdown", "# x"),
    "latex": ('display.latex("$x$");', "text/latex", "$x$"),
    "svg": ('display.svg("<svg/>");', "image/svg+xml", "<svg/>"),
    "javascript": ('display.javascript("1");', "text/javascript", "1"),
    "text": ('display.text("x");', "text/plain", "x"),
    "png": ("display.png(new Uint8Array([1, 2, 3]));", "image/png", "AQID"),
    "jpeg": ("display.jpeg(new Uint8Array([1, 2, 3]));", "image/jpeg", "AQID"),
    "gif": ("display.gif(new Uint8Array([1, 2, 3]));", "image/gif", "AQID"),
    "pdf": ("display.pdf(new Uint8Array([1, 2, 3]));", "application/pdf", "AQID"),
    "raw": ('display.raw("text/x-own", "y");', "text/x-own", "y"),
}


@imports.each("tslab's display.{} shows its type", DISPLAYS)
def _(kernel, case):
    code, mime, content = case
    # In a function: the display of other cells stays what it is.
    (shown,) = kernel.ok(f'{{ const {{ display }} = require("tslab"); {code} }}').of("display_data")
    equal(shown["content"]["data"][mime].strip(), content)


@imports.check("tslab's display is imported like anything")
def _(kernel):
    (shown,) = kernel.ok('import { display as tslabDisplay } from "tslab"; tslabDisplay.html("<b>y</b>");').of("display_data")
    equal(shown["content"]["data"]["text/html"], "<b>y</b>")


@imports.check("tslab's newDisplay overwrites what it has shown")
def _(kernel):
    run = kernel.ok('import { newDisplay } from "tslab"; const d1 = newDisplay(); d1.text("one"); d1.text("two");')
    shown = [m for m in run.published if m["msg_type"] in ("display_data", "update_display_data")]
    equal([m["msg_type"] for m in shown], ["display_data", "update_display_data"])
    equal(len({m["content"]["transient"]["display_id"] for m in shown}), 1)


@imports.check("tslab's versions are known")
def _(kernel):
    contains(kernel.prints('import * as tslab1 from "tslab"; console.log(tslab1.versions.node);'), ".")


@imports.check("tslab's display takes its own types only")
def _(kernel):
    run = kernel.run('import { display as strictDisplay } from "tslab"; strictDisplay.png("not bytes");')
    equal(run.status, "error")
    lacks(run.types, "display_data")
