"""Subshells (JEP 91), and the other requests that go over control."""

import os

from checks import Area, contains, equal, holds, lacks

subshells = Area("subshells", feature="subshells")
usage = Area("usage", feature="usage")
debug = Area("debugger", feature="debug")
interrupting = Area("interrupt_request", feature="interrupt")
areas = [subshells, usage, debug, interrupting]


def create(kernel):
    reply = kernel.ask("create_subshell_request", channel="control")["content"]
    equal(reply["status"], "ok")
    return reply["subshell_id"]


def delete(kernel, subshell):
    return kernel.ask("delete_subshell_request", {"subshell_id": subshell}, channel="control")["content"]


def listed(kernel):
    return kernel.ask("list_subshell_request", channel="control")["content"]["subshell_id"]


def inside(kernel, code, subshell, **options):
    return kernel.begin(code, header={"subshell_id": subshell}, **options)


@subshells.check("creating one gives its id")
def _(kernel):
    subshell = create(kernel)
    holds(isinstance(subshell, str) and subshell, f"the id is {subshell!r}")
    delete(kernel, subshell)


@subshells.check("all of them are listed")
def _(kernel):
    equal(listed(kernel), [])
    made = [create(kernel), create(kernel)]
    equal(sorted(listed(kernel)), sorted(made))
    for one in made:
        delete(kernel, one)


@subshells.check("a deleted one is listed no more")
def _(kernel):
    subshell = create(kernel)
    equal(delete(kernel, subshell)["status"], "ok")
    equal(listed(kernel), [])


@subshells.check("deleting one that is not there is an error that says so")
def _(kernel):
    answer = delete(kernel, "nobody")
    equal(answer["status"], "error")
    contains(answer["evalue"], "nobody")


@subshells.check("a request to one that is not there is an error that says so")
def _(kernel):
    asked = inside(kernel, "6 * 7", "nobody")
    equal(kernel.reply(asked)["content"]["status"], "error")
    equal(kernel.value("6 * 7"), "42")


@subshells.check("a cell runs in one and gives its result")
def _(kernel):
    subshell = create(kernel)
    equal(kernel.end(inside(kernel, "6 * 7", subshell)).result, "42")
    delete(kernel, subshell)


@subshells.check("variables are shared with the main shell, both ways")
def _(kernel):
    subshell = create(kernel)
    kernel.ok(kernel.say("assign", name="common", value=1))
    kernel.end(inside(kernel, kernel.say("add one", name="common"), subshell))
    equal(kernel.value(kernel.say("read", name="common")), "2")
    kernel.end(inside(kernel, kernel.say("assign", name="fromSubshell", value=3), subshell))
    equal(kernel.value(kernel.say("read", name="fromSubshell")), "3")
    delete(kernel, subshell)


@subshells.check("a cell in one runs while a cell of the main shell awaits")
def _(kernel):
    subshell = create(kernel)
    main = kernel.begin(kernel.say("sleep", ms=2000))
    kernel.heard(main, "execute_input")
    run = kernel.end(inside(kernel, "6 * 7", subshell), 1.8)
    equal(run.result, "42")
    holds(main not in kernel.replies, "the main shell's cell had ended")
    kernel.end(main)
    delete(kernel, subshell)


@subshells.check("kernel_info and completion are answered in one while the main shell is busy")
def _(kernel):
    subshell = create(kernel)
    main = kernel.begin(kernel.say("sleep", ms=1500))
    for kind, content in {"kernel_info_request": {}, "complete_request": {"code": "a", "cursor_pos": 1}}.items():
        asked = kernel.send("shell", kind, content, header={"subshell_id": subshell})
        equal(kernel.reply(asked, 5)["content"]["status"], "ok")
    kernel.end(main)
    delete(kernel, subshell)


@subshells.check("output goes to the cell that caused it, though two run at once")
def _(kernel):
    subshell = create(kernel)
    code = "\n".join([kernel.say("print", value='"<who> one"'), kernel.say("sleep", ms=150), kernel.say("print", value='"<who> two"')])
    main = kernel.begin(code.replace("<who>", "main"))
    sub = inside(kernel, code.replace("<who>", "sub"), subshell)
    equal(kernel.end(main).stdout, "main one\nmain two\n")
    equal(kernel.end(sub).stdout, "sub one\nsub two\n")
    delete(kernel, subshell)


@subshells.check("an error in one aborts nothing of the main shell")
def _(kernel):
    subshell = create(kernel)
    main = kernel.begin(kernel.say("sleep", ms=300))
    behind = kernel.begin("6 * 7")
    equal(kernel.end(inside(kernel, kernel.say("throw", message="x"), subshell)).status, "error")
    equal([kernel.end(one).status for one in (main, behind)], ["ok", "ok"])
    delete(kernel, subshell)


@subshells.check("cells of one subshell wait for each other")
def _(kernel):
    subshell = create(kernel)
    asked = [inside(kernel, kernel.say("sleep", ms=100) + f"\n{n}", subshell) for n in range(3)]
    equal([kernel.end(one).result for one in asked], ["0", "1", "2"])
    delete(kernel, subshell)


def wellformed(kernel):
    reply = kernel.ask("usage_request", channel="control")
    equal(reply["msg_type"], "usage_reply")
    return reply["content"]


@usage.each("{} is told", ["hostname", "pid", "kernel_cpu", "kernel_memory", "cpu_count", "host_cpu_percent", "host_virtual_memory"])
def _(kernel, name):
    contains(wellformed(kernel), name)


@usage.check("the name is the machine's")
def _(kernel):
    equal(wellformed(kernel)["hostname"], os.uname().nodename)


@usage.check("the process is one that runs")
def _(kernel):
    os.kill(wellformed(kernel)["pid"], 0)


@usage.check("the number of processors is the machine's")
def _(kernel):
    equal(wellformed(kernel)["cpu_count"], os.cpu_count())


@usage.check("memory is counted in bytes")
def _(kernel):
    holds(10_000_000 < wellformed(kernel)["kernel_memory"] < 10_000_000_000, "the memory cannot be")


@usage.check("the machine's memory has total, available, percent, used and free")
def _(kernel):
    memory = wellformed(kernel)["host_virtual_memory"]
    for name in ("total", "available", "percent", "used", "free"):
        holds(isinstance(memory[name], (int, float)) and memory[name] >= 0, f"{name} is {memory.get(name)}")
    holds(memory["available"] <= memory["total"], "more is available than there is")


@usage.check("work of a cell is seen in the processor's time", feature="survives")
def _(kernel):
    asked = kernel.begin(kernel.say("loop and print"))
    kernel.heard(asked, "stream")
    wellformed(kernel)
    kernel.quiet(0.6)
    percent = wellformed(kernel)["kernel_cpu"]
    kernel.interrupt()
    kernel.end(asked)
    holds(percent > 10, f"the kernel used {percent} %")


@usage.check("it is answered while a cell runs")
def _(kernel):
    asked = kernel.begin(kernel.say("loop and print"))
    kernel.heard(asked, "stream")
    kernel.reply(kernel.send("control", "usage_request", {}), 5)
    holds(asked not in kernel.replies, "the cell had ended")
    kernel.interrupt()
    kernel.end(asked)


def dap(kernel, command, seq=1, channel="control", **arguments):
    content = {"type": "request", "seq": seq, "command": command, "arguments": arguments}
    reply = kernel.ask("debug_request", content, channel=channel)
    equal(reply["msg_type"], "debug_reply")
    return reply["content"]


@debug.check("debugInfo tells that nothing has been started")
def _(kernel):
    answer = dap(kernel, "debugInfo")
    equal((answer["type"], answer["command"], answer["success"]), ("response", "debugInfo", True))
    equal(answer["body"]["isStarted"], False)


@debug.each("debugInfo has {}", ["isStarted", "hashMethod", "hashSeed", "tmpFilePrefix", "tmpFileSuffix", "breakpoints", "stoppedThreads"])
def _(kernel, name):
    contains(dap(kernel, "debugInfo")["body"], name)


@debug.check("the answer names the request that it answers")
def _(kernel):
    equal(dap(kernel, "debugInfo", seq=17)["request_seq"], 17)


@debug.check("an unknown command is refused, and the kernel goes on", feature="gradbook")
def _(kernel):
    equal(dap(kernel, "unheardOf")["success"], False)
    equal(kernel.value("6 * 7"), "42")


@debug.check("dumpCell names the file that breakpoints of a cell are set in")
def _(kernel):
    dap(kernel, "initialize", clientID="checks", adapterID="")
    one, two = (dap(kernel, "dumpCell", code=code)["body"]["sourcePath"] for code in ("1 + 1", "1 + 2"))
    holds(one and one != two, f"the paths are {one} and {two}")
    equal(dap(kernel, "dumpCell", code="1 + 1")["body"]["sourcePath"], one)


@interrupting.check("is answered")
def _(kernel):
    reply = kernel.ask("interrupt_request", channel="control")
    equal((reply["msg_type"], reply["content"]), ("interrupt_reply", {"status": "ok"}))


@interrupting.check("does nothing to an idle kernel")
def _(kernel):
    kernel.ok(kernel.say("assign", name="idle", value=42))
    for _ in range(5):
        kernel.ask("interrupt_request", channel="control")
    equal(kernel.value(kernel.say("read", name="idle")), "42")


@interrupting.check("stops the running cell")
def _(kernel):
    asked = kernel.begin(kernel.say("loop and print"))
    kernel.heard(asked, "stream")
    kernel.ask("interrupt_request", channel="control")
    run = kernel.end(asked)
    equal((run.status, run.content["ename"]), ("error", "KeyboardInterrupt"))


@interrupting.check("aborts the cells behind the one it stops")
def _(kernel):
    asked = [kernel.begin(kernel.say("loop and print")), kernel.begin("1"), kernel.begin("2")]
    kernel.heard(asked[0], "stream")
    kernel.ask("interrupt_request", channel="control")
    equal([kernel.end(one).status for one in asked], ["error", "aborted", "aborted"])
    lacks([kernel.run("6 * 7").status], "aborted")
