"""The debugger, driven by Python's jupyter_client. Run by debugger.test.ts."""

import os
import pathlib
import random
import shutil
import tempfile
import time
import unittest

from debug_client import DebugClient


def murmur2(text, seed):
    """ipykernel's own implementation: clients must compute the same names for cells."""
    from ipykernel.compiler import murmur2_x86

    return murmur2_x86(text, seed)


EVERY_KIND_OF_LINE = """class Counter {
  static made = 0;
  #n = 0;
  constructor(readonly step: number) {
    Counter.made++;
  }
  get value() {
    return this.#n;
  }
  next() {
    this.#n += this.step;
    return this;
  }
}
function* numbers(to: number) {
  for (let i = 0; i < to; i++) {
    yield i;
  }
}
const counter = new Counter(2);
counter
  .next()
  .next();
let text = "";
for (const n of numbers(2)) {
  switch (n) {
    case 0:
      text += "zero";
      break;
    default:
      text += `many ${n}`;
  }
}
const fact = (n: number): number =>
  n <= 1
    ? 1
    : n * fact(n - 1);
try {
  JSON.parse("{");
} catch (error) {
  text += (error as Error).name;
} finally {
  text += ".";
}
const object = {
  one: fact(3),
  two: [1, 2].map((x) =>
    x + 1,
  ),
};
async function later(n: number) {
  await null;
  return n;
}
async function* stream() {
  yield await later(1);
}
for await (const s of stream()) {
  text += s;
}
const [x, y] = await Promise.all([
  later(1),
  later(2),
]);
if (x < y) text += "!";
else text += "?";
do {
  text += "#";
} while (text.length < 3);
label: for (;;) {
  break label;
}
text + counter.value"""


class DebuggerCase(unittest.TestCase):
    """One kernel for all tests of a class; the debugger is on in each."""

    @classmethod
    def setUpClass(cls):
        cls.folder = os.path.realpath(tempfile.mkdtemp(prefix="gradbook-debug-"))
        cls.kernel = DebugClient(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.kernel.close()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.kernel.attach()

    def tearDown(self):
        self.kernel.detach()
        self.kernel.run("'settled'")
        self.kernel.events.clear()
        self.kernel.published.clear()


class Attaching(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.kernel = DebugClient(self.folder)

    def tearDown(self):
        self.kernel.close()
        shutil.rmtree(self.folder)

    def test_the_kernel_says_that_it_can_be_debugged(self):
        self.kernel.client.kernel_info()
        info = self.kernel.client.get_shell_msg(timeout=20)["content"]
        self.assertIn("debugger", info["supported_features"])
        self.assertIs(info["debugger"], True)

    def test_before_the_start_it_tells_its_state_and_refuses_the_rest_in_the_form_of_dap(self):
        kernel = self.kernel
        info = kernel.body("debugInfo")
        self.assertEqual(
            {key: info[key] for key in ("isStarted", "hashMethod", "tmpFileSuffix", "breakpoints", "stoppedThreads")},
            {"isStarted": False, "hashMethod": "Murmur2", "tmpFileSuffix": ".ts", "breakpoints": [], "stoppedThreads": []},
        )
        self.assertTrue(info["richRendering"] and info["copyToGlobals"] and info["exceptionPaths"])
        for command in ("dumpCell", "setBreakpoints", "stackTrace", "continue", "evaluate", "pause"):
            reply = kernel.request(command)
            self.assertIs(reply["success"], False)
            self.assertIn("initialize", reply["message"])
        self.assertIs(kernel.request("dance")["success"], False)

    def test_variables_can_be_inspected_without_starting_it(self):
        kernel = self.kernel
        kernel.run("let counter = 3; const point = { x: 1, y: [2] };")
        variables = {v["name"]: v for v in kernel.body("inspectVariables")["variables"]}
        self.assertEqual(variables["counter"]["value"], "3")
        inside = kernel.variables(variables["point"]["variablesReference"])
        self.assertEqual(inside["y"]["value"], "(1) [2]")
        data = kernel.body("richInspectVariables", variableName="point")["data"]
        self.assertEqual(data["text/plain"], "{ x: 1, y: [ 2 ] }")
        self.assertIs(kernel.body("debugInfo")["isStarted"], False)
        self.assertEqual(kernel.run("counter").result, "3")

    def test_attaching_as_jupyterlab_does(self):
        kernel = self.kernel
        capabilities = kernel.attach()
        self.assertTrue(capabilities["supportsConditionalBreakpoints"] and capabilities["supportsLogPoints"])
        self.assertEqual([f["filter"] for f in capabilities["exceptionBreakpointFilters"]], ["raised", "uncaught"])
        kernel.event("initialized")
        self.assertIs(kernel.body("debugInfo")["isStarted"], True)
        self.assertEqual(kernel.body("threads")["threads"], [{"id": 1, "name": "main"}])
        self.assertTrue(kernel.request("configurationDone")["success"])
        kernel.detach()
        self.assertIs(kernel.body("debugInfo")["isStarted"], False)

    def test_cells_are_named_by_the_hash_that_clients_compute(self):
        kernel = self.kernel
        kernel.attach()
        info = kernel.body("debugInfo")
        random.seed(7)
        texts = ["", "a", "ab", "abc", "abcd", "x = 1\n", "größer – 数 🙂"]
        texts += ["".join(random.choice("aé數🙂 \n{}") for _ in range(random.randrange(60))) for _ in range(40)]
        for text in texts:
            path = kernel.body("dumpCell", code=text)["sourcePath"]
            self.assertEqual(path, f"{info['tmpFilePrefix']}{murmur2(text, info['hashSeed'])}{info['tmpFileSuffix']}")
            self.assertEqual(pathlib.Path(path).read_text(), text)
            self.assertEqual(kernel.body("source", source={"path": path})["content"], text)

    def test_a_kernel_that_is_shut_down_while_stopped_ends_and_leaves_no_files(self):
        kernel = self.kernel
        kernel.attach()
        kernel.debug("const last = 1;\nlast", 2)
        folder = kernel.body("debugInfo")["tmpFilePrefix"]
        self.assertTrue(os.path.isdir(folder))
        self.assertEqual(kernel.control("shutdown_request")["status"], "ok")
        deadline = time.monotonic() + 20
        while kernel.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertFalse(kernel.manager.is_alive())
        self.assertFalse(os.path.isdir(folder))

    def test_the_death_of_the_runtime_ends_it_and_it_can_be_started_again(self):
        kernel = self.kernel
        kernel.attach()
        code = "const doomed = 1;\nprocess.exit(3);"
        cell = kernel.debug(code, 2)
        kernel.resume()
        self.assertEqual(kernel.end(cell).reply["ename"], "RuntimeDied")
        kernel.event("terminated")
        info = kernel.body("debugInfo")
        self.assertEqual((info["isStarted"], info["stoppedThreads"]), (False, []))
        kernel.attach()
        cell = kernel.debug("const alive = 1;\nalive + 1", 2)
        self.assertEqual(kernel.line(), 2)
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "2")

    def test_killing_the_runtime_while_it_is_stopped(self):
        kernel = self.kernel
        pid = kernel.run("process.pid").result
        kernel.attach()
        cell = kernel.debug("const stopped = 1;\nstopped + 1", 2)
        os.kill(int(pid), 9)
        self.assertEqual(kernel.end(cell).reply["ename"], "RuntimeDied")
        kernel.event("terminated")
        self.assertEqual(kernel.run("3 + 4").result, "7")

    def test_a_process_that_ends_says_nothing_of_the_debugger(self):
        kernel = self.kernel
        kernel.attach()
        cell = kernel.end(kernel.begin("process.exit(0)"))
        self.assertNotIn("debugger", cell.stderr)

    def test_restarting_the_kernel_gives_one_that_can_be_debugged(self):
        kernel = self.kernel
        kernel.attach()
        kernel.debug("const before = 1;\nbefore", 2)
        kernel.client.stop_channels()
        kernel.manager.restart_kernel(now=True)
        kernel.client = kernel.manager.client()
        kernel.client.start_channels()
        kernel.client.wait_for_ready(timeout=40)
        kernel.events.clear()
        kernel.published.clear()
        self.assertIs(kernel.body("debugInfo")["isStarted"], False)
        kernel.attach()
        cell = kernel.debug("const after = 1;\nafter", 2)
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "1")


class Breakpoints(DebuggerCase):
    def test_a_cell_stops_at_its_line_goes_on_and_ends(self):
        kernel = self.kernel
        code = "const first = 1;\nconst second = first + 1;\nsecond * 10"
        (point,) = kernel.breakpoints(code, 2)
        self.assertEqual((point["verified"], point["line"]), (True, 2))
        cell = kernel.begin(code)
        stopped = kernel.event("stopped")
        self.assertEqual((stopped["reason"], stopped["threadId"], stopped["allThreadsStopped"]), ("breakpoint", 1, True))
        self.assertEqual(stopped["hitBreakpointIds"], [point["id"]])
        (frame,) = kernel.frames()
        self.assertRegex(frame["name"], r"^Cell \[\d+\]$")
        self.assertEqual((frame["line"], frame["source"]["path"]), (2, point["source"]["path"]))
        self.assertEqual(kernel.body("debugInfo")["stoppedThreads"], [1])
        kernel.resume()
        kernel.event("continued")
        self.assertEqual(kernel.end(cell).result, "20")
        self.assertEqual(kernel.body("debugInfo")["stoppedThreads"], [])

    def test_lines_are_those_of_typescript_with_types_enums_and_blank_lines(self):
        kernel = self.kernel
        code = """
enum Colour { Red = 1, Green }
interface Point {
  x: number;
  y: number;
}

type Named<T> = T & { name: string };
const origin: Named<Point> = {
  x: 0, y: 0,
  name: "origin",
};
namespace Maths { export const twice = (n: number): number => n * 2; }
abstract class Shape<T extends Point> { constructor(protected readonly at: T) {} abstract area(): number; }
function move(p: Point, by: number): Point {
  const x: number = p.x + by;
  return { x, y: p.y as number };
}
const moved = move(origin, Maths.twice(Colour.Green));
moved.x"""
        self.assertEqual([p["line"] for p in kernel.breakpoints(code, 3, 16, 17, 19)], [9, 16, 17, 19])
        cell = kernel.begin(code)
        for name, line in (("Cell", 9), ("Cell", 19), ("move", 16), ("move", 17)):
            kernel.event("stopped")
            found = kernel.where()
            self.assertEqual((found[0][: len(name)], found[1]), (name, line))
            kernel.resume()
        self.assertEqual(kernel.end(cell).result, "4")

    def test_a_breakpoint_where_nothing_runs_moves_to_the_next_line_that_does(self):
        lines = [p["line"] for p in self.kernel.breakpoints("// a comment\n\nlet moved = 1;\n\n", 1, 3, 5)]
        self.assertEqual(lines, [3, 3, 3])
        (nowhere,) = self.kernel.breakpoints("// only a comment", 1)
        self.assertIs(nowhere["verified"], False)

    def test_it_replaces_the_breakpoints_of_a_cell_and_lists_them(self):
        kernel = self.kernel
        code = "let listed = 1;\nlisted++;\nlisted++;"
        path = kernel.breakpoints(code, 2, 3)[0]["source"]["path"]
        listed = {entry["source"]: [b["line"] for b in entry["breakpoints"]] for entry in kernel.body("debugInfo")["breakpoints"]}
        self.assertEqual(listed, {path: [2, 3]})
        kernel.breakpoints(code)
        self.assertEqual(kernel.body("debugInfo")["breakpoints"], [])
        kernel.end(kernel.begin(code))
        self.assertTrue(kernel.quiet("stopped", 0.2))

    def test_conditions(self):
        kernel = self.kernel
        kernel.run("const limit = 3;")
        code = "let sum = 0;\nfor (let i = 0; i < 10; i++) {\n  sum += i;\n}\nsum"
        kernel.breakpoints(code, {"line": 3, "condition": "i > limit && i % 2 === 1"})
        cell = kernel.begin(code)
        for expected in ("5", "7", "9"):
            kernel.event("stopped")
            self.assertEqual(kernel.value("i"), expected)
            kernel.resume()
        self.assertEqual(kernel.end(cell).result, "45")

    def test_hit_conditions(self):
        kernel = self.kernel
        code = "let hits = 0;\nfor (let i = 0; i < 10; i++) {\n  hits += i;\n}\nhits"
        for condition, expected in (("3", ["2"]), (">= 9", ["8", "9"]), ("%4", ["3", "7"])):
            kernel.breakpoints(code, {"line": 3, "hitCondition": condition})
            cell = kernel.begin(code)
            for value in expected:
                kernel.event("stopped")
                self.assertEqual(kernel.value("i"), value)
                kernel.resume()
            self.assertEqual(kernel.end(cell).result, "45")

    def test_log_points_print_and_do_not_stop(self):
        kernel = self.kernel
        code = "let logged = 0;\nfor (const i of [1, 2]) {\n  logged += i;\n}\nlogged"
        kernel.breakpoints(code, {"line": 3, "logMessage": "i is {i}, twice {[i * 2]} {missing}"})
        cell = kernel.end(kernel.begin(code))
        self.assertEqual(cell.result, "3")
        expected = "i is 1, twice [ 2 ] {missing is not defined}\ni is 2, twice [ 4 ] {missing is not defined}\n"
        self.assertEqual(cell.stdout, expected)

    def test_a_condition_that_cannot_be_read_is_refused_with_the_reason(self):
        points = self.kernel.breakpoints("let broken = 1;", {"line": 1, "condition": "i >"}, {"line": 1, "hitCondition": "often"})
        self.assertEqual([p["verified"] for p in points], [False, False])
        self.assertIn("Unexpected", points[0]["message"])
        self.assertIn('"often"', points[1]["message"])

    def test_a_function_of_an_earlier_cell_stops_when_a_later_cell_calls_it(self):
        kernel = self.kernel
        earlier = "function early(n: number) {\n  const doubled = n * 2;\n  return doubled;\n}"
        kernel.run(earlier)
        kernel.breakpoints(earlier, 3)
        later = "const answer = early(21);\nanswer"
        cell = kernel.begin(later)
        kernel.event("stopped")
        inner, outer = kernel.frames()
        self.assertEqual((inner["name"], inner["line"]), ("early", 3))
        self.assertEqual(outer["line"], 1)
        self.assertNotEqual(inner["source"]["path"], outer["source"]["path"])
        self.assertEqual(kernel.locals()["doubled"]["value"], "42")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "42")

    def test_functions_of_cells_that_ran_before_the_debugger_was_started(self):
        kernel = self.kernel
        kernel.detach()
        earlier = "const before = (n: number) =>\n  n + 1;"
        kernel.run(earlier)
        kernel.attach()
        kernel.breakpoints(earlier, 2)
        cell = kernel.begin("before(1)")
        kernel.event("stopped")
        self.assertEqual(kernel.where(), ("before", 2))
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "2")

    def test_typescript_files_beside_the_notebook(self):
        kernel = self.kernel
        path = os.path.join(self.folder, "area.ts")
        text = "export interface Box {\n  w: number;\n}\n\nexport function area(b: Box): number {\n  const square: number = b.w ** 2;\n  return square;\n}\n"
        pathlib.Path(path).write_text(text)
        (point,) = kernel.breakpoints(None, 6, path=path)
        self.assertEqual(point["line"], 6)
        cell = kernel.begin('import { area } from "./area.ts";\narea({ w: 3 })')
        kernel.event("stopped")
        self.assertEqual(kernel.where(), ("area", 6))
        self.assertEqual(kernel.frames()[0]["source"]["path"], path)
        self.assertEqual(kernel.step("next"), 7)
        self.assertEqual(kernel.locals()["square"]["value"], "9")
        self.assertEqual(kernel.body("source", source={"path": path})["content"], text)
        self.assertIn(path, [m["path"] for m in kernel.body("modules")["modules"]])
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "9")
        # The file changes: its breakpoint is where the line is now.
        pathlib.Path(path).write_text(text.replace("export function", "// moved\n\nexport function"))
        kernel.breakpoints(None, 8, path=path)
        cell = kernel.begin('import { area } from "./area.ts";\narea({ w: 4 })')
        kernel.event("stopped")
        self.assertEqual(kernel.where(), ("area", 8))
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "16")

    def test_javascript_files(self):
        kernel = self.kernel
        path = os.path.join(self.folder, "plain.js")
        pathlib.Path(path).write_text("exports.half = function half(n) {\n  const h = n / 2;\n  return h;\n};\n")
        kernel.breakpoints(None, 3, path=path)
        cell = kernel.begin('import { half } from "./plain.js";\nhalf(8)')
        kernel.event("stopped")
        self.assertEqual(kernel.where(), ("half", 3))
        self.assertEqual(kernel.locals()["h"]["value"], "4")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "4")

    def test_libraries(self):
        kernel = self.kernel
        for name, kind, text in (
            ("old-lib", "commonjs", "exports.grow = function grow(n) {\n  const more = n + 1;\n  return more;\n};\n"),
            ("new-lib", "module", "export function grow(n) {\n  const more = n + 1;\n  return more;\n}\n"),
        ):
            folder = pathlib.Path(self.folder, "node_modules", name)
            folder.mkdir(parents=True)
            (folder / "index.js").write_text(text)
            (folder / "index.d.ts").write_text("export declare function grow(n: number): number;\n")
            entry = '{ "types": "./index.d.ts", "default": "./index.js" }'
            (folder / "package.json").write_text(f'{{ "name": "{name}", "type": "{kind}", "exports": {entry} }}')
            code = f'import {{ grow }} from "{name}";\nconst grown = grow(4);\ngrown'
            # Steps do not enter a library …
            cell = kernel.debug(code, 2)
            self.assertEqual(kernel.step("stepIn"), 3)
            kernel.resume()
            kernel.end(cell)
            kernel.breakpoints(code)
            # … breakpoints do.
            kernel.breakpoints(None, 3, path=str(folder / "index.js"))
            cell = kernel.begin(code)
            kernel.event("stopped")
            self.assertEqual([(f["name"][:4], f["line"]) for f in kernel.frames()], [("grow", 3), ("Cell", 2)])
            self.assertEqual(kernel.locals()["more"]["value"], "5")
            kernel.resume()
            self.assertEqual(kernel.end(cell).result, "5")
            kernel.breakpoints(None, 2, path=str(folder / "index.js"))
            cell = kernel.begin(code)
            kernel.event("stopped")
            self.assertEqual(kernel.step("next"), 3)
            self.assertEqual(kernel.where()[0], "grow")
            kernel.resume()
            self.assertEqual(kernel.end(cell).result, "5")

    def test_every_line_that_takes_a_breakpoint_stops_there(self):
        kernel = self.kernel
        count = EVERY_KIND_OF_LINE.count("\n") + 1
        offered = {p["line"] for p in kernel.breakpoints(EVERY_KIND_OF_LINE, *range(1, count + 1))}
        cell = kernel.begin(EVERY_KIND_OF_LINE)
        hit = set()
        while not kernel.quiet("stopped", 2):
            hit.add(kernel.line())
            kernel.resume()
        self.assertEqual(kernel.end(cell).result, "'zeromany 1SyntaxError.1!#4'")
        self.assertEqual(hit - offered, set())
        # One is never reached, and a chain of calls begins with its first call.
        self.assertEqual(offered - hit, {21, 66})

    def test_a_debugger_statement_stops(self):
        kernel = self.kernel
        cell = kernel.begin("const here = 1;\ndebugger;\nhere")
        kernel.event("stopped")
        self.assertEqual(kernel.line(), 2)
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "1")

    def test_callbacks_that_run_after_their_cell(self):
        kernel = self.kernel
        code = "setTimeout(() => {\n  console.log('late');\n}, 300);"
        kernel.breakpoints(code, 2)
        kernel.run(code)
        kernel.event("stopped")
        self.assertEqual(kernel.line(), 2)
        kernel.resume()
        kernel.event("continued")


class Stepping(DebuggerCase):
    code = """function inner(n: number): number {
  const squared = n ** 2;
  return squared;
}
const one = inner(1); const two = inner(2);
let total = one;
total += inner(3);
console.log(total);
const last = [1, 2].map((x) => x + total);
last"""

    def test_over_lines(self):
        kernel = self.kernel
        cell = kernel.debug(self.code, 5)
        self.assertEqual([kernel.step("next") for _ in range(5)], [6, 7, 8, 9, 10])
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "[ 11, 12 ]")

    def test_into_a_function_and_out_of_it(self):
        kernel = self.kernel
        cell = kernel.debug(self.code, 7)
        kernel.step("stepIn")
        self.assertEqual(kernel.where(), ("inner", 2))
        self.assertEqual(kernel.step("next"), 3)
        kernel.step("stepOut")
        self.assertIn(kernel.line(), (7, 8))
        self.assertTrue(kernel.where()[0].startswith("Cell"))
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "[ 11, 12 ]")

    def test_into_enters_callbacks_but_neither_node_nor_the_kernel(self):
        kernel = self.kernel
        cell = kernel.debug(self.code, 8)
        self.assertEqual(kernel.step("stepIn"), 9)
        kernel.step("stepIn")
        self.assertEqual(kernel.line(), 9)
        self.assertEqual(kernel.locals()["x"]["value"], "1")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "[ 11, 12 ]")

    def test_into_a_variable_of_an_earlier_cell_does_not_enter_how_cells_share_it(self):
        kernel = self.kernel
        kernel.run("let shared = 1;")
        cell = kernel.debug("const a = shared + 1;\nshared = a;\nshared", 1)
        self.assertEqual([kernel.step("stepIn") for _ in range(2)], [2, 3])
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "2")

    def test_over_top_level_awaits_lands_on_the_next_line(self):
        kernel = self.kernel
        code = """const wait = (ms: number) => new Promise<number>((r) => setTimeout(r, ms, ms));
const a = await wait(30);
const b = (await wait(10)) + a;
for await (const x of [1, 2]) {
  console.log(x);
}
a + b"""
        cell = kernel.debug(code, 2)
        self.assertEqual([kernel.step("next") for _ in range(3)], [3, 4, 5])
        self.assertEqual(kernel.locals()["b"]["value"], "40")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "70")

    def test_over_awaits_in_functions_and_shows_who_awaits_them(self):
        kernel = self.kernel
        code = """const nap = () => new Promise((r) => setTimeout(r, 10));
async function work(n: number): Promise<number> {
  await nap();
  return n + 1;
}
const done = await work(1);
done"""
        cell = kernel.debug(code, 3)
        self.assertEqual(kernel.step("next"), 4)
        frames = kernel.frames()
        self.assertEqual(frames[0]["name"], "work")
        self.assertTrue(any(f["name"].startswith("await in Cell") and f["line"] == 6 for f in frames[1:]), frames)
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "2")

    def test_past_the_end_lets_the_cell_end_and_stops_in_nothing_of_the_kernel(self):
        kernel = self.kernel
        cell = kernel.debug("const only = 1;", 1)
        kernel.body("next", threadId=1)
        self.assertEqual(kernel.end(cell).reply["status"], "ok")
        self.assertTrue(kernel.quiet("stopped"))
        self.assertEqual(kernel.body("debugInfo")["stoppedThreads"], [])

    def test_continue_goes_to_the_next_breakpoint(self):
        kernel = self.kernel
        cell = kernel.debug(self.code, 5, 8)
        kernel.resume()
        kernel.event("stopped")
        self.assertEqual(kernel.line(), 8)
        kernel.resume()
        self.assertEqual(kernel.end(cell).stdout, "10\n")

    def test_a_step_is_refused_when_nothing_is_stopped(self):
        self.assertIs(self.kernel.request("next", threadId=1)["success"], False)


class Looking(DebuggerCase):
    def test_locals_closures_and_the_notebook(self):
        kernel = self.kernel
        kernel.run("const earlier = 'from before'; let changing = 5;")
        code = """const factor = 3;
function outer(n: number) {
  const held = n + factor;
  return () => {
    const local = held * 2;
    return local;
  };
}
outer(1)()"""
        kernel.debug(code, 6)
        scopes = kernel.scopes()
        self.assertEqual([list(scopes)[0], list(scopes)[-1]], ["Locals", "Globals"])
        self.assertEqual(kernel.variables(scopes["Locals"])["local"]["value"], "8")
        self.assertEqual(kernel.variables(scopes["Closure (outer)"])["held"]["value"], "4")
        notebook = kernel.variables(scopes["Globals"])
        self.assertEqual((notebook["earlier"]["value"], notebook["changing"]["value"]), ("'from before'", "5"))
        for names in map(kernel.variables, scopes.values()):
            self.assertFalse({"exports", "require", "__cell", "arguments"} & set(names))

    def test_values_and_their_parts(self):
        kernel = self.kernel
        code = """class Point { #hidden = 1; constructor(readonly x: number) {} get twice() { return this.x * 2; } }
const o = { a: { b: { c: [1, { d: "deep" }] } }, "odd key": 1n, f() {}, n: null, u: undefined, s: Symbol("s") };
const m = new Map<unknown, unknown>([["k", [1]], [{ id: 1 }, "v"]]);
const s = new Set(["x", "y"]);
const p = new Point(4);
const t = new Float32Array([1, 2.5]);
const e = new TypeError("wrong");
const q = Promise.resolve(7);
const text = "it's"; const nan = NaN; const zero = -0; const yes = true; const day = new Date(0); const re = /x+/g;
0;"""
        kernel.debug(code, 10)
        v = kernel.locals()
        plain = {n: v[n]["value"] for n in ("text", "nan", "zero", "yes", "re")}
        self.assertEqual(plain, {"text": '"it\'s"', "nan": "NaN", "zero": "-0", "yes": "true", "re": "/x+/g"})
        self.assertEqual(v["p"]["type"], "Point")
        self.assertEqual(v["e"]["value"].split(" …")[0], "TypeError: wrong")
        part = v["o"]
        for name in ("a", "b", "c", "1", "d"):
            part = kernel.variables(part["variablesReference"])[name]
        self.assertEqual((part["value"], part["evaluateName"]), ("'deep'", "o.a.b.c[1].d"))
        self.assertEqual(kernel.value(part["evaluateName"]), "'deep'")
        o = kernel.variables(v["o"]["variablesReference"])
        self.assertEqual((o["odd key"]["value"], o["n"]["value"], o["u"]["value"]), ("1n", "null", "undefined"))
        entries = kernel.variables(v["m"]["variablesReference"])
        self.assertEqual(entries["'k'"]["value"], "(1) [1]")
        self.assertEqual(entries["{id: 1}"]["value"], "'v'")
        self.assertEqual([x["value"] for x in list(kernel.variables(v["s"]["variablesReference"]).values())[:2]], ["'x'", "'y'"])
        point = kernel.variables(v["p"]["variablesReference"])
        self.assertEqual((point["x"]["value"], point["#hidden"]["value"]), ("4", "1"))
        self.assertEqual(kernel.variables(v["t"]["variablesReference"])["1"]["value"], "2.5")
        self.assertEqual(kernel.variables(v["q"]["variablesReference"])["[[PromiseResult]]"]["value"], "7")

    def test_getters_are_called_when_somebody_asks(self):
        kernel = self.kernel
        kernel.debug("let asked = 0;\nconst lazy = { get now() { return ++asked; } };\n0;", 3)
        now = kernel.variables(kernel.locals()["lazy"]["variablesReference"])["now"]
        self.assertEqual(kernel.locals()["asked"]["value"], "0")
        self.assertEqual(kernel.variables(now["variablesReference"])["value"]["value"], "1")

    def test_long_arrays_come_in_pages_or_ranges(self):
        kernel = self.kernel
        kernel.debug("const long = Array.from({ length: 25000 }, (_, i) => i * 2);\n0;", 2)
        long = kernel.locals()["long"]
        self.assertEqual(long["indexedVariables"], 25000)
        page = kernel.variables(long["variablesReference"], filter="indexed", start=24990, count=5)
        self.assertEqual({n: v["value"] for n, v in page.items()}, {str(i): str(i * 2) for i in range(24990, 24995)})
        ranges = kernel.variables(long["variablesReference"])
        self.assertLessEqual(len(ranges), 101)
        inside = kernel.variables(ranges["[20000 … 24999]"]["variablesReference"])
        hundred = kernel.variables(inside["[20100 … 20199]"]["variablesReference"])
        self.assertEqual(hundred["20150"]["value"], "40300")

    def test_expressions_in_a_frame(self):
        kernel = self.kernel
        kernel.run("import { basename } from 'node:path'; let outside = 10;")
        code = "function g(a: number) {\n  const b = a + 1;\n  return b;\n}\ng(1);"
        kernel.debug(code, 3)
        self.assertEqual(kernel.value("a + b"), "3")
        self.assertEqual(kernel.value("{ a, b }"), "{a: 1, b: 2}")
        self.assertEqual(kernel.value("outside * b"), "20")
        self.assertEqual(kernel.value("basename('/x/y')"), "'y'")
        self.assertEqual(kernel.value("[1, 2].map((x) => x + outside)"), "(2) [11, 12]")
        reference = kernel.evaluate("({ deep: [b] })")["body"]["variablesReference"]
        self.assertEqual(kernel.variables(reference)["deep"]["value"], "(1) [2]")
        failed = kernel.evaluate("missing + 1")
        self.assertEqual((failed["success"], failed["message"]), (False, "ReferenceError: missing is not defined"))
        self.assertIs(kernel.evaluate("outside = 11", context="hover")["success"], False)
        kernel.value("outside = 12")
        self.assertEqual(kernel.value("outside"), "12")
        self.assertEqual(kernel.body("evaluate", expression="'outside' in globalThis", context="repl")["result"], "false")

    def test_an_expression_that_does_not_end_is_given_up(self):
        kernel = self.kernel
        cell = kernel.debug("let patient = 1;\npatient", 2)
        self.assertIs(kernel.evaluate("while (true) {}")["success"], False)
        self.assertEqual(kernel.value("patient"), "1")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "1")

    def test_expressions_while_nothing_is_stopped(self):
        kernel = self.kernel
        kernel.run("const idle = [1, 2, 3];")
        reply = kernel.body("evaluate", expression="idle.length + 1", context="repl")
        self.assertEqual(reply["result"], "4")

    def test_changing_variables(self):
        kernel = self.kernel
        code = "let n = 1;\nconst box = { inner: 'a' };\nlet shown = '';\nshown = `${n} ${box.inner}`;\nshown"
        cell = kernel.debug(code, 4)
        reference = kernel.scopes()["Locals"]
        answer = kernel.body("setVariable", variablesReference=reference, name="n", value="20 + 1")
        self.assertEqual(answer["value"], "21")
        box = kernel.locals()["box"]["variablesReference"]
        kernel.body("setVariable", variablesReference=box, name="inner", value="'b'.repeat(n)")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, f"'21 {'b' * 21}'")

    def test_rich_views_of_variables(self):
        kernel = self.kernel
        kernel.run("const table = [{ a: 1 }, { a: 2 }];")
        code = "function h() {\n  const rich = { [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>rich</b>' }) };\n  const plain = 'text';\n  return [rich, plain];\n}\nh();"
        kernel.debug(code, 4)
        frame = kernel.frames()[0]["id"]
        self.assertEqual(kernel.body("richInspectVariables", variableName="rich", frameId=frame)["data"], {"text/html": "<b>rich</b>"})
        self.assertEqual(kernel.body("richInspectVariables", variableName="plain", frameId=frame)["data"], {"text/plain": "'text'"})
        self.assertIn("<table", kernel.body("richInspectVariables", variableName="table", frameId=frame)["data"]["text/html"])
        self.assertIs(kernel.request("richInspectVariables", variableName="no name", frameId=frame)["success"], False)

    def test_a_local_copied_to_the_globals_is_known_to_later_cells(self):
        kernel = self.kernel
        cell = kernel.debug("function k() {\n  const secret = { found: 42 };\n  return 0;\n}\nk();", 3)
        frame = kernel.frames()[0]["id"]
        kernel.body("copyToGlobals", srcVariableName="secret", dstVariableName="copied", srcFrameId=frame)
        self.assertEqual(kernel.variables(kernel.scopes()["Globals"])["copied"]["value"], "{found: 42}")
        kernel.resume()
        kernel.end(cell)
        self.assertEqual(kernel.run("copied.found + 1").result, "43")

    def test_completions(self):
        kernel = self.kernel
        kernel.debug("const subject = { alpha: 1, alpine: 2, beta: 3 };\n0;", 2)
        frame = kernel.frames()[0]["id"]
        complete = lambda text: [t["label"] for t in kernel.body("completions", text=text, column=len(text) + 1, frameId=frame)["targets"]]
        self.assertEqual(complete("1 + subject.al"), ["alpha", "alpine"])
        self.assertIn("subject", complete("su"))


class Exceptions(DebuggerCase):
    code = """function risky(n: number) {
  if (n > 1) throw new RangeError(`too large: ${n}`);
  return n;
}
try {
  risky(2);
} catch {}
await Promise.resolve();
risky(3);"""

    def test_uncaught_ones_stop_also_after_an_await(self):
        kernel = self.kernel
        kernel.body("setExceptionBreakpoints", filters=["uncaught"])
        cell = kernel.begin(self.code)
        stopped = kernel.event("stopped")
        self.assertEqual((stopped["reason"], stopped["text"]), ("exception", "RangeError: too large: 3"))
        self.assertEqual([f["line"] for f in kernel.frames()], [2, 9])
        info = kernel.body("exceptionInfo", threadId=1)
        self.assertEqual(info["exceptionId"], "RangeError")
        kernel.resume()
        self.assertEqual(kernel.end(cell).reply["ename"], "RangeError")

    def test_raised_ones_stop_wherever_they_are_caught(self):
        kernel = self.kernel
        kernel.body("setExceptionBreakpoints", filters=["raised"])
        cell = kernel.begin(self.code)
        for text in ("RangeError: too large: 2", "RangeError: too large: 3"):
            self.assertEqual(kernel.event("stopped")["text"], text)
            kernel.resume()
        kernel.end(cell)

    def test_caught_in_promises(self):
        kernel = self.kernel
        kernel.body("setExceptionBreakpoints", filters=["uncaught"])
        code = """const fail = async (when: number) => { await new Promise((r) => setTimeout(r, when)); throw new Error("planned"); };
const caught = await fail(1).catch(() => "caught");
let also = "";
try { await fail(1); } catch { also = "also"; }
caught + also"""
        self.assertEqual(kernel.end(kernel.begin(code)).result, "'caughtalso'")
        self.assertTrue(kernel.quiet("stopped", 0.2))

    def test_none_stop_unless_asked_for(self):
        kernel = self.kernel
        kernel.body("setExceptionBreakpoints", filters=[])
        self.assertEqual(kernel.end(kernel.begin(self.code)).reply["ename"], "RangeError")
        self.assertTrue(kernel.quiet("stopped", 0.2))


class WhileStopped(DebuggerCase):
    def test_control_heartbeat_and_completion_answer_and_the_cell_stays_busy(self):
        kernel = self.kernel
        kernel.run("const catalogue = { title: 'x' };")
        cell = kernel.debug("const held = 1;\nheld", 2)
        self.assertEqual(kernel.control("kernel_info_request")["status"], "ok")
        self.assertTrue(kernel.client.is_alive())
        self.assertTrue(kernel.client.hb_channel.is_beating())
        kernel.client.complete("catalogue.")
        reply = kernel.client.get_shell_msg(timeout=20)
        self.assertIn("title", reply["content"]["matches"])
        self.assertFalse(any(kernel._is_idle(m, cell) for m in kernel.published))
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "1")

    def test_an_interrupt_ends_the_cell_there_and_keeps_the_variables(self):
        kernel = self.kernel
        kernel.run("let reached = 0;")
        for code in ("reached = 1;\nreached = 2;\nreached = 3;", "await null; reached = 1;\nreached = 2;\nreached = 3;"):
            cell = kernel.debug(code, 2)
            kernel.control("interrupt_request")
            end = kernel.end(cell)
            self.assertEqual(end.reply["ename"], "KeyboardInterrupt")
            self.assertIn("line 2", "".join(end.reply["traceback"]))
            kernel.event("continued")
            self.assertEqual(kernel.body("debugInfo")["stoppedThreads"], [])
            self.assertEqual(kernel.run("reached").result, "1")
        cell = kernel.debug("const again = 1;\nagain", 2)
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "1")

    def test_an_interrupt_of_a_busy_cell_is_no_stop_and_does_not_end_the_debugger(self):
        kernel = self.kernel
        kernel.body("setExceptionBreakpoints", filters=["uncaught", "raised"])
        for code in ("while (true) {}", "await new Promise(() => {});", "for (;;) { await null; }"):
            cell = kernel.begin(code)
            self.assertTrue(kernel.quiet("stopped", 0.6))
            kernel.control("interrupt_request")
            self.assertEqual(kernel.end(cell).reply["ename"], "KeyboardInterrupt")
            self.assertTrue(kernel.quiet("stopped", 0.2))
        cell = kernel.debug("const still = 1;\nstill", 2)
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "1")

    def test_an_interrupt_lets_code_that_heeds_the_signal_end_by_itself(self):
        kernel = self.kernel
        code = """const signal = (globalThis as unknown as Record<symbol, AbortSignal>)[Symbol.for("Jupyter.signal")]!;
let turns = 0;
while (!signal.aborted) {
  turns++;
}
`heeded after ${turns}`"""
        cell = kernel.debug(code, 4)
        kernel.control("interrupt_request")
        self.assertEqual(kernel.end(cell).result, "'heeded after 1'")

    def test_an_interrupt_of_a_loop_full_of_breakpoints(self):
        kernel = self.kernel
        code = "let turns = 0;\nwhile (true) {\n  turns++;\n}"
        cell = kernel.debug(code, 3)
        kernel.resume()
        kernel.event("stopped")
        kernel.control("interrupt_request")
        self.assertEqual(kernel.end(cell).reply["ename"], "KeyboardInterrupt")
        self.assertEqual(kernel.run("turns").result, "1")

    def test_pausing_an_endless_loop(self):
        kernel = self.kernel
        cell = kernel.begin("let spins = 0;\nlet go = true;\nwhile (go) {\n  spins++;\n}\n'out'")
        self.assertTrue(kernel.quiet("stopped", 0.6))
        kernel.body("pause", threadId=1)
        self.assertEqual(kernel.event("stopped")["reason"], "pause")
        self.assertIn(kernel.line(), (3, 4))
        kernel.value("go = false")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "'out'")

    def test_pausing_a_loop_that_lives_in_node(self):
        kernel = self.kernel
        cell = kernel.begin("import { statSync } from 'node:fs';\nlet run = true;\nwhile (run) statSync('/');\n'out'")
        self.assertTrue(kernel.quiet("stopped", 0.6))
        kernel.body("pause", threadId=1)
        kernel.event("stopped")
        self.assertEqual(kernel.line(), 3)
        kernel.value("run = false")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "'out'")

    def test_pausing_a_cell_that_awaits_stops_where_it_goes_on(self):
        kernel = self.kernel
        cell = kernel.begin("let beats = 0;\nwhile (beats >= 0) {\n  await new Promise((r) => setTimeout(r, 20));\n  beats++;\n}\n'out'")
        self.assertTrue(kernel.quiet("stopped", 0.6))
        kernel.body("pause", threadId=1)
        self.assertEqual(kernel.event("stopped")["reason"], "pause")
        self.assertIn(kernel.line(), (2, 3, 4))
        kernel.value("beats = -5")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "'out'")

    def test_disconnecting_lets_the_cell_go_on(self):
        kernel = self.kernel
        cell = kernel.debug("const free = 1;\nfree + 1", 2)
        kernel.detach()
        self.assertEqual(kernel.end(cell).result, "2")
        self.assertEqual(kernel.body("debugInfo")["breakpoints"], [])
        kernel.run("const free2 = 1;\nfree2 + 1")

    def test_restarting_the_session_keeps_the_breakpoints(self):
        kernel = self.kernel
        code = "const again = 1;\nagain + 1"
        kernel.breakpoints(code, 2)
        kernel.events.clear()
        kernel.body("restart")
        kernel.event("initialized")
        cell = kernel.begin(code)
        kernel.event("stopped")
        kernel.resume()
        self.assertEqual(kernel.end(cell).result, "2")

    def test_terminating_ends_the_cell_and_the_session(self):
        kernel = self.kernel
        cell = kernel.debug("let stuck = 1;\nwhile (true) stuck++;", 2)
        kernel.body("terminate")
        self.assertEqual(kernel.end(cell).reply["ename"], "KeyboardInterrupt")
        self.assertTrue(any(e["event"] == "terminated" for e in kernel.events))
        self.assertIs(kernel.body("debugInfo")["isStarted"], False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
