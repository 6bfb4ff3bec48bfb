"""Code that brings its process down, and errors that nobody catches."""

import os
import signal
import subprocess
import time

from checks import Area, contains, equal, holds, lacks, matches, plain
from kernel import Kernel

crashes = Area("crashes", feature="typescript", environment={"NODE_OPTIONS": "--max-old-space-size=300"})
uncaught = Area("errors that nobody catches", feature="typescript")
lifetime = Area("shutting down")
areas = [crashes, uncaught, lifetime]

DEATHS = {
    "process.exit(3)": ("process.exit(3);", r"exit"),
    "process.exit(0)": ("process.exit(0);", r"exit"),
    "process.exit after an await": ("await null; process.exit(1);", r"exit"),
    "process.exit in a function it calls": ("const leave = () => process.exit(2); leave();", r"exit"),
    "process.reallyExit": ("(process as any).reallyExit(7);", r"7"),
    "process.abort": ("process.abort();", r"SIGABRT|abort"),
    "SIGSEGV": ("process.kill(process.pid, 'SIGSEGV'); while (true) {}", r"SIGSEGV"),
    "SIGKILL": ("process.kill(process.pid, 'SIGKILL'); while (true) {}", r"SIGKILL"),
    "SIGTERM": ("process.kill(process.pid, 'SIGTERM'); while (true) {}", r"SIGTERM"),
    "lack of memory": ("const hoard: object[] = []; for (;;) hoard.push(new Array(1e5).fill({}));", r"memory"),
    "lack of memory after an await": (
        "await null; const heap: object[] = []; for (;;) heap.push(new Array(1e5).fill({}));",
        r"memory",
    ),
    "a fault in native code": (
        "require('node:v8').setFlagsFromString('--allow-natives-syntax'); new Function('%AbortJS(\"native fault\")')();",
        r"SIG|abort|crash",
    ),
}


@crashes.each("a cell killed by {} gets a reply that says why, and that the variables are gone", DEATHS)
def _(kernel, case):
    code, why = case
    kernel.ok("var before = 1;")
    run = kernel.run("console.log('last words');\n" + code, 60)
    equal(run.status, "error")
    equal(run.stdout, "last words\n")
    matches(run.content["evalue"], why)
    matches(run.content["evalue"], "variables are gone")
    equal(run.types[-2:], ["error", "status"])


@crashes.each("after {} the next cell runs in a fresh runtime", DEATHS)
def _(kernel, case):
    kernel.ok("var before = 1;")
    equal(kernel.run(case[0], 60).status, "error")
    equal(kernel.value("6 * 7"), "42")
    equal(kernel.run("before").status, "error")


@crashes.check("a fresh runtime answers within two seconds")
def _(kernel):
    times = []
    for _ in range(3):
        kernel.run("process.exit(1)")
        begun = time.monotonic()
        kernel.value("6 * 7")
        times.append(time.monotonic() - begun)
    holds(min(times) < 2, f"the best of three took {min(times):.2f} s")


@crashes.check("counts go on after a crash")
def _(kernel):
    before = kernel.run("process.exit(1)").count
    equal(kernel.run("1").count, before + 1)


@crashes.check("cells behind one that crashes are aborted")
def _(kernel):
    asked = [kernel.begin("await new Promise((r) => setTimeout(r, 100)); process.exit(1);"), kernel.begin("1")]
    equal([kernel.end(one).status for one in asked], ["error", "aborted"])


@crashes.check("a runtime that dies between cells is replaced, and the reader told")
def _(kernel):
    asked = kernel.begin("setTimeout(() => process.exit(4), 100);")
    kernel.end(asked)
    kernel.quiet(0.6)
    equal(kernel.value("6 * 7"), "42")
    told = [m["content"]["text"] for m in kernel.published if m["msg_type"] == "stream" and m["content"]["name"] == "stderr"]
    contains("".join(told), "variables are gone")


@crashes.check("heartbeat and control answer while the runtime is replaced")
def _(kernel):
    asked = kernel.begin("process.exit(1)")
    holds(kernel.beats(), "no heartbeat")
    equal(kernel.reply(kernel.send("control", "kernel_info_request", {}), 5)["content"]["status"], "ok")
    kernel.end(asked)


@crashes.check("twenty crashes in a row are survived")
def _(kernel):
    for _ in range(20):
        equal(kernel.run("process.exit(1)").status, "error")
    equal(kernel.value("6 * 7"), "42")


@crashes.check("a stack that is too deep is an error, and nothing is lost")
def _(kernel):
    kernel.ok("var kept = 42; function deeper(): number { return deeper() + 1; }")
    run = kernel.run("deeper()")
    equal((run.status, run.content["ename"]), ("error", "RangeError"))
    equal(kernel.value("kept"), "42")


ASTRAY = {
    "a timer": "setTimeout(() => { throw new RangeError('astray'); }, 20);",
    "a promise": "Promise.reject(new RangeError('astray'));",
    "an async function": "(async () => { await null; throw new RangeError('astray'); })();",
    "setImmediate": "setImmediate(() => { throw new RangeError('astray'); });",
    "queueMicrotask": "queueMicrotask(() => { throw new RangeError('astray'); });",
    "process.nextTick": "process.nextTick(() => { throw new RangeError('astray'); });",
    "an event": "{ const e = new (require('node:events').EventEmitter)(); setTimeout(() => e.emit('error', new RangeError('astray')), 20); }",
    "a file's callback": "require('node:fs').stat('/', () => { throw new RangeError('astray'); });",
}


@uncaught.each("an error in {} is shown with its cell, and nothing is lost", ASTRAY)
def _(kernel, code):
    kernel.ok("var kept = 42;")
    asked = kernel.begin(code)
    kernel.end(asked)
    message = kernel.until(
        lambda: next((m for m in kernel.under(asked) if m["msg_type"] in ("stream", "error")), None), "the error"
    )
    text = message["content"].get("text") or "\n".join(message["content"]["traceback"])
    contains(text, "astray")
    contains(text, "RangeError")
    equal(kernel.value("kept"), "42")


@uncaught.check("an interval that throws each time is told each time, and the kernel goes on")
def _(kernel):
    asked = kernel.begin("const failing = setInterval(() => { throw new Error('again'); }, 30);")
    kernel.end(asked)
    kernel.quiet(0.5)
    equal(kernel.value("clearInterval(failing); 6 * 7"), "42")
    text = plain("".join(m["content"].get("text", "") for m in kernel.under(asked)))
    holds(text.count("Error: again") >= 3, f"it was told {text.count('Error: again')} times")


@uncaught.check("a rejection that is handled later is no error")
def _(kernel):
    run = kernel.ok("const rejected = Promise.reject(new Error('handled')); await rejected.catch(() => {});")
    equal(run.stderr, "")


@uncaught.check("a listener of the user's own hears uncaught errors")
def _(kernel):
    kernel.ok("let heard = ''; process.once('uncaughtException', (error) => { heard = error.message; });")
    kernel.ok("setTimeout(() => { throw new Error('for the listener'); }, 10);")
    kernel.quiet(0.2)
    equal(kernel.value("heard"), "'for the listener'")


def gone(process, seconds=5):
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


class Fresh:
    """A kernel of its own for a check that ends it."""

    def __init__(self, kernel):
        self.kernel = Kernel(kernel.language, patience=kernel.client.patience)

    def __enter__(self):
        return self.kernel

    def __exit__(self, *_):
        self.kernel.stop()


@lifetime.each("a request to shut down is answered with restart {}", {"true": True, "false": False})
def _(kernel, restart):
    with Fresh(kernel) as fresh:
        reply = fresh.reply(fresh.send("control", "shutdown_request", {"restart": restart}), 5)
        equal(reply["msg_type"], "shutdown_reply")
        equal((reply["content"]["status"], reply["content"]["restart"]), ("ok", restart))
        holds(gone(fresh.process), "the process did not end")


@lifetime.check("the process ends with status 0")
def _(kernel):
    with Fresh(kernel) as fresh:
        fresh.send("control", "shutdown_request", {"restart": False})
        holds(gone(fresh.process), "the process did not end")
        equal(fresh.process.returncode, 0)


@lifetime.check("a request to shut down on shell is obeyed, too")
def _(kernel):
    with Fresh(kernel) as fresh:
        fresh.reply(fresh.send("shell", "shutdown_request", {"restart": False}), 5)
        holds(gone(fresh.process), "the process did not end")


@lifetime.check("all clients hear of it")
def _(kernel):
    with Fresh(kernel) as fresh:
        other = fresh.another_client()
        other.connect()
        asked = fresh.send("control", "shutdown_request", {"restart": False})
        equal(other.heard(asked, "shutdown_reply")["content"]["restart"], False)
        other.close()


@lifetime.check("it is obeyed while a cell loops")
def _(kernel):
    with Fresh(kernel) as fresh:
        asked = fresh.begin(fresh.say("loop and print"))
        fresh.heard(asked, "stream")
        fresh.send("control", "shutdown_request", {"restart": False})
        holds(gone(fresh.process), "the process did not end")


@lifetime.check("the user's process ends with the kernel")
def _(kernel):
    with Fresh(kernel) as fresh:
        pid = int(fresh.value(fresh.say("pid")))
        fresh.send("control", "shutdown_request", {"restart": False})
        holds(gone(fresh.process), "the process did not end")
        holds(leaves(pid), "the user's process still runs")


def leaves(pid, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


@lifetime.check("SIGTERM ends it, and the user's process with it")
def _(kernel):
    with Fresh(kernel) as fresh:
        pid = int(fresh.value(fresh.say("pid")))
        os.kill(fresh.process.pid, signal.SIGTERM)
        holds(gone(fresh.process), "the process did not end")
        holds(leaves(pid), "the user's process still runs")


@lifetime.check("SIGKILL leaves no process of the user's behind")
def _(kernel):
    with Fresh(kernel) as fresh:
        pid = int(fresh.value(fresh.say("pid")))
        asked = fresh.begin(fresh.say("loop and print"))
        fresh.heard(asked, "stream")
        os.kill(fresh.process.pid, signal.SIGKILL)
        holds(leaves(pid), "the user's process still runs")


@lifetime.check("starting is published to those who listen", feature="gradbook")
def _(kernel):
    with Fresh(kernel) as fresh:
        states = [m["content"]["execution_state"] for m in fresh.published if m["msg_type"] == "status"]
        lacks(states, "dead")
        equal(fresh.value("6 * 7"), "42")
