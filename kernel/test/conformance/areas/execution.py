"""Executing cells: order, counting, results, errors, aborting."""

from checks import Area, contains, equal, holds, lacks, matches

execution = Area("execution")
errors = Area("errors")
queue = Area("the queue")
areas = [execution, errors, queue]


@execution.check("the first cell of a kernel is number 1")
def _(kernel):
    equal(kernel.run("6 * 7").count, 1)


@execution.check("a cell publishes busy, its input, its result and idle, in this order")
def _(kernel):
    run = kernel.run("6 * 7")
    equal(run.types, ["status", "execute_input", "execute_result", "status"])


@execution.check("what is printed comes between the input and the result")
def _(kernel):
    run = kernel.run(kernel.say("print and result"))
    equal(run.types, ["status", "execute_input", "stream", "execute_result", "status"])


@execution.check("counts go up by one")
def _(kernel):
    first = kernel.run("1").count
    equal([kernel.run("1").count for _ in range(3)], [first + 1, first + 2, first + 3])


@execution.check("input, result and reply carry the same count")
def _(kernel):
    run = kernel.run("6 * 7")
    equal(run.of("execute_input")[0]["content"]["execution_count"], run.count)
    equal(run.of("execute_result")[0]["content"]["execution_count"], run.count)


@execution.check("the input published is the code that was sent")
def _(kernel):
    code = "  6 * 7  \n\n" if "typescript" in kernel.language.features else "6 * 7  \n\n"
    equal(kernel.run(code).of("execute_input")[0]["content"]["code"], code)


@execution.each(
    "the result of {} is shown as text",
    {"a number": ("6 * 7", "42"), "a string": ('"a" + "b"', "'ab'"), "a fraction": ("1 / 4", "0.25")},
)
def _(kernel, case):
    code, text = case
    equal(kernel.value(code), text)


@execution.check("a result has data by MIME type, and metadata")
def _(kernel):
    content = kernel.run("6 * 7").of("execute_result")[0]["content"]
    equal(content["data"]["text/plain"], "42")
    holds(isinstance(content["metadata"], dict), "no metadata")


@execution.check("a cell whose last expression has no value shows no result")
def _(kernel):
    equal(kernel.ok(kernel.say("no result")).of("execute_result"), [])


@execution.check("null is a value")
def _(kernel):
    equal(kernel.value(kernel.say("none")), "null")


@execution.check("an assignment shows no result")
def _(kernel):
    equal(kernel.ok(kernel.say("assign", name="quiet", value=3)).of("execute_result"), [])


@execution.check("only the last of several lines is the result")
def _(kernel):
    equal(kernel.value(kernel.say("two lines")), "2")


@execution.check("variables live from cell to cell")
def _(kernel):
    kernel.ok(kernel.say("assign", name="lasting", value=41))
    kernel.ok(kernel.say("add one", name="lasting"))
    equal(kernel.value(kernel.say("read", name="lasting")), "42")


@execution.check("functions live from cell to cell")
def _(kernel):
    kernel.ok(kernel.say("function", name="twice"))
    equal(kernel.value("twice(21)"), "42")


@execution.each("{} is a cell that succeeds", {"nothing": "", "blanks": "  \n \n", "a new line": "\n"})
def _(kernel, code):
    run = kernel.ok(code)
    equal(run.of("execute_result"), [])
    equal(run.stdout, "")


@execution.check("a comment is a cell that succeeds")
def _(kernel):
    equal(kernel.ok(kernel.say("comment")).of("execute_result"), [])


@execution.check("lines may end as on Windows")
def _(kernel):
    equal(kernel.value(kernel.say("two lines").replace("\n", "\r\n")), "2")


@execution.check("stdout and stderr keep their order")
def _(kernel):
    run = kernel.ok(kernel.say("print three ways"))
    streams = [(m["content"]["name"], m["content"]["text"]) for m in run.of("stream")]
    equal(streams, [("stdout", "one\n"), ("stderr", "two\n"), ("stdout", "three\n")])


@execution.check("text without a new line at its end arrives")
def _(kernel):
    equal(kernel.prints(kernel.say("print without newline")), "no newline")


@execution.check("modules of the language's own library are there")
def _(kernel):
    equal(kernel.value(kernel.say("import standard")), "'b'")


@execution.check("the reply lists no payload that nobody asked for")
def _(kernel):
    equal(kernel.run("6 * 7").content.get("payload", []), [])


@execution.check("a request with nothing but code is executed, counted and stored")
def _(kernel):
    asked = kernel.send("shell", "execute_request", {"code": "6 * 7"})
    run = kernel.end(asked)
    equal(run.result, "42")
    equal(kernel.run("1").count, run.count + 1)


@execution.check("a silent cell publishes neither input nor result")
def _(kernel):
    run = kernel.ok("6 * 7", silent=True)
    equal(run.types, ["status", "status"])


@execution.check("a silent cell is not counted")
def _(kernel):
    before = kernel.run("1").count
    kernel.ok("2", silent=True)
    equal(kernel.run("3").count, before + 1)


@execution.check("a silent cell is executed")
def _(kernel):
    kernel.ok(kernel.say("assign", name="silently", value=42), silent=True)
    equal(kernel.value(kernel.say("read", name="silently")), "42")


@execution.check("a silent cell that fails says so in its reply, and publishes no error")
def _(kernel):
    run = kernel.run(kernel.say("throw", message="quiet"), silent=True)
    equal(run.status, "error")
    equal(run.of("error"), [])


@execution.check("a cell that is not stored is not counted, and shows its result")
def _(kernel):
    before = kernel.run("1").count
    run = kernel.ok("6 * 7", store_history=False)
    equal(run.result, "42")
    equal(kernel.run("3").count, before + 1)


@execution.check("user expressions are evaluated after the cell, each with data and metadata")
def _(kernel):
    run = kernel.run(kernel.say("assign", name="u", value=20), user_expressions={"twice": "u * 2", "text": "'x'"})
    twice, text = (run.content["user_expressions"][name] for name in ("twice", "text"))
    equal((twice["status"], twice["data"]["text/plain"]), ("ok", "40"))
    equal((text["status"], text["data"]["text/plain"]), ("ok", "'x'"))
    equal(twice["metadata"], {})


@execution.check("a user expression that fails does not fail the cell or its sisters")
def _(kernel):
    expressions = {"bad": kernel.say("failing expression"), "good": "1 + 1", "wrong": kernel.say("unknown name")}
    run = kernel.run("1", user_expressions=expressions)
    answers = run.content["user_expressions"]
    equal(run.status, "ok")
    equal(answers["good"]["data"]["text/plain"], "2")
    equal([answers[name]["status"] for name in ("bad", "wrong")], ["error", "error"])
    equal(answers["bad"]["ename"], kernel.say("raise type"))
    holds(answers["bad"]["evalue"] and isinstance(answers["bad"]["traceback"], list), "the error says nothing")


@execution.check("user expressions publish nothing and are not counted")
def _(kernel):
    run = kernel.run("1", user_expressions={"a": "1 + 1"})
    equal(len(run.of("execute_result")), 1)
    equal(kernel.run("1").count, run.count + 1)


@execution.check("user expressions of a silent cell are evaluated, too")
def _(kernel):
    run = kernel.run("", silent=True, user_expressions={"a": "6 * 7"})
    equal(run.content["user_expressions"]["a"]["data"]["text/plain"], "42")


@execution.check("without user expressions the reply has none")
def _(kernel):
    equal(kernel.run("1").content["user_expressions"], {})


@execution.check("a cell of 300 kB runs, and the next one, too")
def _(kernel):
    comment = kernel.say("comment") + " " + "x" * 100 + "\n"
    equal(kernel.run(comment * (300_000 // len(comment)) + "6 * 7", 60).result, "42")
    equal(kernel.value("6 * 7"), "42")


@execution.check("a hundred cells are answered in their order")
def _(kernel):
    asked = [kernel.begin(str(number)) for number in range(100)]
    equal([kernel.end(one).result for one in asked], [str(number) for number in range(100)])
    counts = [kernel.replies[one]["content"]["execution_count"] for one in asked]
    equal(counts, list(range(counts[0], counts[0] + 100)))


@execution.check("an await at the top level of a cell is waited for")
def _(kernel):
    run = kernel.ok(kernel.say("sleep", ms=150) + "\n6 * 7")
    equal(run.result, "42")
    holds(run.reply["at"] - run.published[0]["at"] > 0.1, "the cell ended too early")


@errors.check("a cell that fails publishes busy, its input, the error and idle")
def _(kernel):
    equal(kernel.run(kernel.say("throw", message="planned")).types, ["status", "execute_input", "error", "status"])


@errors.check("the reply says error, with the error's name, value and traceback")
def _(kernel):
    run = kernel.run(kernel.say("raise in function"))
    equal(run.status, "error")
    equal(run.content["ename"], kernel.say("raise type"))
    equal(run.content["evalue"], "deep down")
    holds(all(isinstance(line, str) for line in run.content["traceback"]), "the traceback is no list of text")


@errors.check("the error published is the error replied")
def _(kernel):
    run = kernel.run(kernel.say("raise in function"))
    error = run.of("error")[0]["content"]
    equal({name: error[name] for name in ("ename", "evalue", "traceback")}, {name: run.content[name] for name in ("ename", "evalue", "traceback")})


@errors.check("the error published has nothing but name, value and traceback", feature="gradbook")
def _(kernel):
    equal(set(kernel.run("throw new Error('x')").of("error")[0]["content"]), {"ename", "evalue", "traceback"})


@errors.check("the reply to a failed cell has its count")
def _(kernel):
    before = kernel.run("1").count
    equal(kernel.run(kernel.say("throw", message="x")).count, before + 1)


@errors.check("the traceback names the function, the message and the lines")
def _(kernel):
    trace = kernel.run(kernel.say("raise in function")).trace
    for part in ("deep", "deep down", kernel.say("raise type"), "2", "5"):
        contains(trace, part)


@errors.check("what was printed before the error comes before it")
def _(kernel):
    run = kernel.run(kernel.say("throw after"))
    equal(run.types, ["status", "execute_input", "stream", "error", "status"])
    equal(run.stdout, "before\n")


@errors.check("a cell that throws keeps what was assigned before")
def _(kernel):
    equal(kernel.run(kernel.say("assign and throw", name="kept", value=42)).status, "error")
    equal(kernel.value(kernel.say("read", name="kept")), "42")


@errors.check("an error leaves earlier variables as they were")
def _(kernel):
    kernel.ok(kernel.say("assign", name="earlier", value=7))
    kernel.run(kernel.say("throw", message="x"))
    equal(kernel.value(kernel.say("read", name="earlier")), "7")


@errors.check("an error of syntax is found before anything runs")
def _(kernel):
    run = kernel.run(kernel.say("syntax error"))
    equal(run.status, "error")
    equal(run.stdout, "")
    holds(run.content["ename"] and run.content["evalue"], "the error says nothing")


@errors.check("an error of syntax names its line")
def _(kernel):
    matches(kernel.run(kernel.say("parse error line")).trace, r"line 2|:2\b|\[\d+\], line 2")


@errors.check("an unknown name is an error that names it")
def _(kernel):
    name = kernel.say("unknown name")
    run = kernel.run(name)
    equal(run.status, "error")
    contains(run.content["evalue"], name)


@errors.check("the kernel goes on after a hundred errors")
def _(kernel):
    for _ in range(100):
        equal(kernel.run(kernel.say("throw", message="again"), stop_on_error=False).status, "error")
    equal(kernel.value("6 * 7"), "42")


@errors.check("a message of many lines and characters outside of ASCII is shown whole")
def _(kernel):
    run = kernel.run(kernel.say("throw", message="größer\\nals 😀"))
    equal(run.content["evalue"], "größer\nals 😀")


@errors.check("user expressions of a failed cell are not evaluated")
def _(kernel):
    run = kernel.run(kernel.say("throw", message="x"), user_expressions={"a": "6 * 7"})
    equal(run.content.get("user_expressions", {}), {})


def failing(kernel, followers, **options):
    asked = [kernel.begin(kernel.say("sleep", ms=100) + "\n" + kernel.say("throw", message="stop"), **options)]
    asked += [kernel.begin(code) for code in followers]
    return asked, [kernel.end(one) for one in asked]


@queue.check("cells behind one that fails are aborted")
def _(kernel):
    _, runs = failing(kernel, ["1", "2", "3"])
    equal([run.status for run in runs], ["error", "aborted", "aborted", "aborted"])


@queue.check("exactly the queued cells are aborted: the next one runs")
def _(kernel):
    failing(kernel, ["1", "2"])
    run = kernel.run("6 * 7")
    equal((run.status, run.result), ("ok", "42"))


@queue.check("an aborted cell does not run, and publishes nothing but busy and idle")
def _(kernel):
    kernel.ok(kernel.say("assign", name="touched", value=1))
    _, runs = failing(kernel, [kernel.say("add one", name="touched")])
    equal([m["msg_type"] for m in runs[1].published], ["status", "status"])
    equal(kernel.value(kernel.say("read", name="touched")), "1")


@queue.check("aborted cells are not counted")
def _(kernel):
    _, runs = failing(kernel, ["1", "2"])
    equal(kernel.run("1").count, runs[0].count + 1)


@queue.check("the reply to an aborted cell has no count: a notebook would show it as the cell's number", feature="gradbook")
def _(kernel):
    _, runs = failing(kernel, ["1"])
    lacks(runs[1].content, "execution_count")


@queue.check("silent cells that wait are aborted like others")
def _(kernel):
    asked = [kernel.begin(kernel.say("sleep", ms=100) + "\n" + kernel.say("throw", message="x")), kernel.begin("1", silent=True)]
    equal([kernel.end(one).status for one in asked], ["error", "aborted"])


@queue.check("nothing is aborted when the request says so")
def _(kernel):
    _, runs = failing(kernel, ["1", "2"], stop_on_error=False)
    equal([run.status for run in runs], ["error", "ok", "ok"])


@queue.check("other requests that wait behind a failing cell are answered")
def _(kernel):
    first = kernel.begin(kernel.say("sleep", ms=100) + "\n" + kernel.say("throw", message="x"))
    asked = [
        kernel.send("shell", "kernel_info_request", {}),
        kernel.send("shell", "is_complete_request", {"code": "1"}),
        kernel.send("shell", "complete_request", {"code": "a", "cursor_pos": 1}),
    ]
    equal(kernel.end(first).status, "error")
    equal([kernel.reply(one)["content"]["status"] for one in asked], ["ok", "complete", "ok"])


@queue.check("cells sent in one go run one after another")
def _(kernel):
    kernel.ok(kernel.say("assign", name="total", value=0))
    asked = [kernel.begin(kernel.say("add one", name="total")) for _ in range(20)]
    for one in asked:
        kernel.end(one)
    equal(kernel.value(kernel.say("read", name="total")), "20")


@queue.check("a failing silent cell aborts those behind it, too")
def _(kernel):
    asked = [
        kernel.begin(kernel.say("sleep", ms=100) + "\n" + kernel.say("throw", message="x"), silent=True),
        kernel.begin("1"),
    ]
    equal([kernel.end(one).status for one in asked], ["error", "aborted"])
