"""What cells print: whole, in order, and in the right place."""

import time

from checks import Area, equal, holds, lacks, matches

output = Area("output")
areas = [output]


@output.check("five thousand lines arrive, in their order")
def _(kernel):
    equal(kernel.prints(kernel.say("print many", n=5000)), "".join(f"{n}\n" for n in range(5000)))


@output.check("a flood of lines comes in far fewer messages")
def _(kernel):
    run = kernel.ok(kernel.say("print many", n=20_000))
    equal(run.stdout.count("\n"), 20_000)
    holds(len(run.of("stream")) < 500, f"{len(run.of('stream'))} messages")


@output.check("fifty megabytes arrive without loss")
def _(kernel):
    run = kernel.run(kernel.say("big print"), 60)
    equal(len(run.stdout), 50_000_000)
    holds(all(line == str(n % 10) * 999_999 for n, line in enumerate(run.stdout.split("\n")[:50])), "lines were mixed")


@output.check("a client that reads slowly loses nothing", feature="survives")
def _(kernel):
    asked = kernel.begin(kernel.say("big print"))
    for _ in range(10):
        kernel.client.pump(0.01)
        # Nothing is read for a while, and the output piles up.
        time.sleep(0.2)
    equal(len(kernel.end(asked, 60).stdout), 50_000_000)


@output.check("the kernel answers after a flood as before")
def _(kernel):
    kernel.ok(kernel.say("print many", n=50_000))
    equal(kernel.value("6 * 7"), "42")


@output.check("late output belongs to the cell that caused it")
def _(kernel):
    first = kernel.begin(kernel.say("late print", text="one", ms=400))
    kernel.end(first)
    second = kernel.ok(kernel.say("sleep", ms=900))
    equal(second.stdout, "")
    equal(kernel.heard(first, "stream")["content"]["text"], "late one\n")


@output.check("late output of two cells goes to each of them", feature="typescript")
def _(kernel):
    asked = [kernel.begin(kernel.say("late print", text=name, ms=ms)) for name, ms in (("a", 300), ("b", 200))]
    for one in asked:
        kernel.end(one)
    equal([kernel.heard(one, "stream")["content"]["text"] for one in asked], ["late a\n", "late b\n"])


LATE = {
    "a promise": "Promise.resolve().then(() => new Promise((r) => setTimeout(r, 200))).then(() => console.log('later'));",
    "an interval": "{ const i = setInterval(() => { clearInterval(i); console.log('later'); }, 200); }",
    "setImmediate": "setTimeout(() => setImmediate(() => console.log('later')), 200);",
    "an async function": "(async () => { await new Promise((r) => setTimeout(r, 200)); console.log('later'); })();",
    "an event": "{ const e = new (require('node:events').EventEmitter)(); e.on('x', () => console.log('later')); setTimeout(() => e.emit('x'), 200); }",
    "a file's callback": "setTimeout(() => require('node:fs').stat('/', () => console.log('later')), 200);",
    "process.nextTick": "setTimeout(() => process.nextTick(() => console.log('later')), 200);",
    "a child process": "require('node:child_process').exec('sleep 0.2; echo x', () => console.log('later'));",
}


@output.each("late output of {} belongs to its cell", LATE, feature="typescript")
def _(kernel, code):
    first = kernel.begin(code)
    kernel.end(first)
    second = kernel.ok(kernel.say("sleep", ms=700))
    equal(second.stdout, "")
    equal(kernel.heard(first, "stream")["content"]["text"], "later\n")


@output.check("what a child process prints is shown")
def _(kernel):
    equal(kernel.prints(kernel.say("child prints")), "from a child\n")


@output.check("what a child process complains of is shown as stderr")
def _(kernel):
    equal(kernel.ok(kernel.say("child complains")).stderr, "oops\n")


NATIVE = {
    "written to descriptor 1": ('require("node:fs").writeSync(1, "raw\\n");', "raw\n"),
    "written to process.stdout": ('process.stdout.write("direct\\n");', "direct\n"),
    "written as bytes": ('process.stdout.write(Buffer.from("grüße\\n"));', "grüße\n"),
    "of a child that writes emoji": ('require("node:child_process").execSync("printf \'😀\'", { stdio: "inherit" });', "😀"),
    "of a child that is waited for": (
        'await new Promise((r) => require("node:child_process").spawn("echo", ["spawned"], { stdio: "inherit" }).on("close", r));',
        "spawned\n",
    ),
    "of console.info and console.debug": ('console.info("i"); console.debug("d");', "i\nd\n"),
    "with formats": ('console.log("%s is %d", "x", 5);', "x is 5\n"),
    "of a megabyte in one line": ('console.log("y".repeat(1e6));', "y" * 1_000_000 + "\n"),
    "a worker thread prints": (
        'await new Promise((r) => new (require("node:worker_threads").Worker)("console.log(\'worker\')", { eval: true }).on("exit", r)); await new Promise((r) => setTimeout(r, 50));',
        "worker\n",
    ),
}


@output.each("text {} is shown", NATIVE, feature="typescript")
def _(kernel, case):
    code, text = case
    equal(kernel.prints(code), text)


@output.check("writing tells its callback", feature="typescript")
def _(kernel):
    equal(kernel.prints('await new Promise<void>((r) => process.stdout.write("x", () => r())); console.log("y");'), "xy\n")


@output.check("colours stay")
def _(kernel):
    matches(kernel.prints(kernel.say("print", value='"\\x1b[31mred\\x1b[0m"')), "\x1b\\[31mred")


@output.check("a carriage return stays, for progress bars")
def _(kernel):
    equal(kernel.prints(kernel.say("print", value='"1 %\\r2 %"')), "1 %\r2 %\n")


@output.check("output of a cell that is not the last one does not hold up the next")
def _(kernel):
    kernel.end(kernel.begin(kernel.say("late print", text="x", ms=300)))
    run = kernel.ok("6 * 7")
    equal((run.result, run.stdout), ("42", ""))
    lacks(run.types, "stream")
