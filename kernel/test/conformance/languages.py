"""What the checks need to know about each kernel: how it is started, and how its language says things."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

root = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Language:
    name: str
    argv: list[str]
    words: dict[str, str]
    """`typescript` or `python`: which of the checks about one language apply."""
    features: frozenset[str] = field(default_factory=frozenset)
    interrupt_mode: str = "message"


typescript = {
    "nothing": "0",
    "assign": "let <name> = <value>;",
    "read": "<name>",
    "add one": "<name> = <name> + 1;",
    "print": "console.log(<value>)",
    "print error": "console.error(<value>)",
    "print three ways": 'console.log("one"); console.error("two"); console.log("three");',
    "print many": "for (let i = 0; i < <n>; i++) console.log(i);",
    "print and result": 'console.log("printed"); 6 * 7',
    "comment": "// only a comment",
    "no result": "undefined",
    "none": "null",
    "throw": 'throw new Error("<message>");',
    "throw after": 'console.log("before"); throw new Error("after");',
    "assign and throw": 'var <name> = <value>; throw new Error("later");',
    "syntax error": "console.log('never'); const = 3",
    "unknown name": "unheardOfName",
    "sleep": "await new Promise((r) => setTimeout(r, <ms>));",
    "busy": "{ const end = Date.now() + <ms>; while (Date.now() < end); }",
    "loop": "while (true) {}",
    "loop and print": 'console.log("in the loop"); while (true) {}',
    "waiting": "await new Promise((r) => setTimeout(r, 600_000));",
    "two lines": "let firstLine = 1;\nfirstLine + 1",
    "function": "function <name>(n: number) { return n * 2; }",
    "raise in function": 'function deep() {\n  throw new RangeError("deep down");\n}\n\ndeep();',
    "raise type": "RangeError",
    "failing expression": "(() => { throw new RangeError('planned') })()",
    "late print": 'setTimeout(() => console.log("late <text>"), <ms>);',
    "child prints": 'require("node:child_process").execSync("echo from a child", { stdio: "inherit" });',
    "child complains": 'require("node:child_process").execSync("echo oops >&2", { stdio: "inherit" });',
    "big print": 'for (let i = 0; i < 50; i++) console.log(String(i % 10).repeat(1_000_000 - 1));',
    "print without newline": 'process.stdout.write("no newline");',
    "emoji": '"😀🎉"',
    "documented": "/** Makes it double. */\nfunction documented(count: number): number {\n  return 2 * count;\n}",
    "documentation": "Makes it double.",
    "record": "let catalogue = { title: 'x', tally: 1 };",
    "member start": "catalogue.ti",
    "member": "title",
    "import standard": 'require("node:path").basename("/a/b")',
    "pid": "process.pid",
    "parse error line": "const ok = 1;\nconst = 3;",
    "complete": json.dumps(["1 + 1", "let a = 1;", "function f() {\n  return 1;\n}", "// note", "f(1,\n  2);"]),
    "incomplete": json.dumps(["for (const x of [1]) {", "f(", "[1, 2,", "`open", "/* open", "const a ="]),
    "invalid": json.dumps(["const a = )", "let 1x = 3", "'open"]),
}

gradbook = typescript | {
    "html": 'display.mime({ "text/html": "<b><text></b>" });',
    "png": 'display.mime({ "image/png": new Uint8Array([137, 80, 78, 71]) });',
    "display": 'display("<text>", { id: "<id>" });',
    "update": 'display("<text>", { id: "<id>" }).update("<new>");',
    "clear": "display.clear();",
    "clear and wait": "display.clear({ wait: true });",
    "show mid-cell": 'console.log("first"); display("second"); console.log("third");',
    "input": 'prompt("<prompt>")',
    "input twice": '`${prompt("<prompt>")}${prompt("<prompt>")}`',
    "password": 'prompt.password("<prompt>")',
    "exit": "process.exit(3)",
    "register target": """import { comms } from "@gradbook/kernel";
let opened: unknown[] = [];
let received: unknown[] = [];
let closed = 0;
comms.register("echo", (comm, { data }) => {
  opened.push(data);
  comm.onMessage(({ data, buffers }) => {
    received.push(data);
    comm.send({ echo: data }, { buffers });
  });
  comm.onClose(() => { closed++; });
});""",
    "failing target": 'comms.register("failing", () => { throw new Error("no entry"); });',
    "open comm": 'const opening = comms.open("front", { hello: 1 }, { buffers: [new Uint8Array([1, 2, 3])] });',
    "send comm": 'opening.send({ more: 2 }, { buffers: [new Uint8Array([4, 5])] });',
    "close comm": "opening.close({ bye: 3 });",
    "comms opened": "JSON.stringify(opened)",
    "comms closed": "closed",
    "wait for comm": "{ const before = received.length; console.log('waiting'); while (received.length === before) await new Promise((r) => setTimeout(r, 5)); }",
}

tslab = typescript | {
    "html": 'import { display as tslabDisplay } from "tslab"; tslabDisplay.html("<b><text></b>");',
    "png": 'import { display as tslabPng } from "tslab"; tslabPng.png(new Uint8Array([137, 80, 78, 71]));',
    "exit": "process.exit(3)",
}

python = {
    "nothing": "0",
    "assign": "<name> = <value>",
    "read": "<name>",
    "add one": "<name> = <name> + 1",
    "print": "print(<value>)",
    "print error": "import sys; print(<value>, file=sys.stderr)",
    "print three ways": 'import sys\nprint("one"); print("two", file=sys.stderr); print("three")',
    "print many": "for i in range(<n>): print(i)",
    "print and result": 'print("printed"); 6 * 7',
    "comment": "# only a comment",
    "no result": "None",
    "throw": 'raise ValueError("<message>")',
    "throw after": 'print("before"); raise ValueError("after")',
    "assign and throw": '<name> = <value>; raise ValueError("later")',
    "syntax error": "print('never'); = 3",
    "unknown name": "unheard_of_name",
    "sleep": "import asyncio; await asyncio.sleep(<ms> / 1000)",
    "busy": "import time\nend = time.time() + <ms> / 1000\nwhile time.time() < end: pass",
    "loop": "while True: pass",
    "loop and print": 'print("in the loop", flush=True)\nwhile True: pass',
    "waiting": "import asyncio; await asyncio.sleep(600)",
    "two lines": "first_line = 1\nfirst_line + 1",
    "function": "def <name>(n): return n * 2",
    "raise in function": 'def deep():\n    raise IndexError("deep down")\n\n\ndeep()',
    "raise type": "IndexError",
    "failing expression": "[][1]",
    "late print": 'import threading; threading.Timer(<ms> / 1000, lambda: print("late <text>")).start()',
    "child prints": 'import subprocess; _ = subprocess.run(["echo", "from a child"])',
    "child complains": 'import subprocess; _ = subprocess.run("echo oops >&2", shell=True)',
    "big print": "for i in range(50): print(str(i % 10) * (1_000_000 - 1))",
    "print without newline": 'import sys; _ = sys.stdout.write("no newline")',
    "emoji": '"😀🎉"',
    "documented": 'def documented(count):\n    """Makes it double."""\n    return 2 * count',
    "documentation": "Makes it double.",
    "record": "class Catalogue: title = 'x'; tally = 1\ncatalogue = Catalogue()",
    "member start": "catalogue.ti",
    "member": "title",
    "import standard": 'import posixpath; posixpath.basename("/a/b")',
    "pid": "import os; os.getpid()",
    "parse error line": "ok = 1\n= 3",
    "complete": json.dumps(["1 + 1", "a = 1", "def f():\n  return 1\n\n", "# note", "f(1,\n  2)"]),
    "incomplete": json.dumps(["for x in [1]:", "f(", "[1, 2,", '"""open', "if True:", "a = \\"]),
    "invalid": json.dumps(["a = )", "1x = 3", "'open"]),
    "html": 'from IPython.display import *; display(HTML("<b><text></b>"))',
    "png": 'from IPython.display import *; display(Image(data=bytes([137, 80, 78, 71, 13, 10, 26, 10]), format="png"))',
    "display": 'from IPython.display import *; _ = display("<text>", display_id="<id>")',
    "update": 'from IPython.display import *; display("<text>", display_id="<id>").update("<new>")',
    "clear": "from IPython.display import *; clear_output()",
    "clear and wait": "from IPython.display import *; clear_output(wait=True)",
    "show mid-cell": 'from IPython.display import *\nprint("first"); display("second"); print("third")',
    "input": 'input("<prompt>")',
    "input twice": 'input("<prompt>") + input("<prompt>")',
    "password": 'import getpass; getpass.getpass("<prompt>")',
    "exit": "import os; os._exit(3)",
    "register target": """opened, received, closed = [], [], [0]
def target(comm, opening):
    opened.append(opening["content"]["data"])
    def on_message(message):
        received.append(message)
        comm.send({"echo": message["content"]["data"]}, buffers=message["buffers"])
    comm.on_msg(on_message)
    def on_close(message): closed[0] += 1
    comm.on_close(on_close)
get_ipython().kernel.comm_manager.register_target("echo", target)""",
    "failing target": """def failing(comm, opening): raise ValueError("no entry")
get_ipython().kernel.comm_manager.register_target("failing", failing)""",
    "open comm": """from ipykernel.comm import Comm
opening = Comm(target_name="front", data={"hello": 1}, buffers=[bytes([1, 2, 3])])""",
    "send comm": 'opening.send({"more": 2}, buffers=[bytes([4, 5])])',
    "close comm": 'opening.close({"bye": 3})',
    "comms opened": "import json; json.dumps(opened, separators=(',', ':'))",
    "comms closed": "closed[0]",
    "wait for comm": "import asyncio\nbefore = len(received)\nwhile len(received) == before: await asyncio.sleep(0.005)",
}

node = shutil.which("node") or "node"
protocol = frozenset({"stdin", "comms", "history", "interrupt", "debug", "usage"})

languages = {
    "gradbook": Language(
        "gradbook",
        [node, str(root / "kernel" / "bin" / "gradbook.js"), "kernel", "--connection-file", "{connection_file}"],
        gradbook,
        protocol | {"typescript", "gradbook", "subshells", "welcome", "survives", "display ids"},
    ),
    "ipykernel": Language(
        "ipykernel",
        [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        python,
        protocol | {"python", "display ids"},
        "signal",
    ),
    "tslab": Language(
        "tslab",
        [node, str(root / "node_modules" / "tslab" / "bin" / "tslab"), "kernel", "--config-path={connection_file}"],
        tslab,
        protocol | {"typescript"},
        "signal",
    ),
}
