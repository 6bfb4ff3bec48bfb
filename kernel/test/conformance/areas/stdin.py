"""Cells that ask their reader."""

from checks import Area, contains, equal, holds, matches

stdin = Area("stdin", feature="stdin")
areas = [stdin]


def ask(kernel, code, **options):
    asked = kernel.begin(code, allow_stdin=True, **options)
    return asked, kernel.input(asked)


@stdin.check("a cell that asks sends its prompt to the client")
def _(kernel):
    asked, request = ask(kernel, kernel.say("input", prompt="Your name? "))
    equal(request["msg_type"], "input_request")
    equal(request["content"], {"prompt": "Your name? ", "password": False})
    kernel.answer(request, "Ada")
    kernel.end(asked)


@stdin.check("the answer is the value of the call")
def _(kernel):
    asked, request = ask(kernel, kernel.say("input", prompt="?"))
    kernel.answer(request, "Ada")
    equal(kernel.end(asked).result, "'Ada'")


@stdin.check("the request for input has the cell as its parent")
def _(kernel):
    asked, request = ask(kernel, kernel.say("input", prompt="?"))
    equal(request["parent_header"]["msg_id"], asked)
    equal(request["parent_header"]["msg_type"], "execute_request")
    kernel.answer(request, "")
    kernel.end(asked)


@stdin.check("a password is marked as one")
def _(kernel):
    asked, request = ask(kernel, kernel.say("password", prompt="Secret: "))
    equal(request["content"], {"prompt": "Secret: ", "password": True})
    kernel.answer(request, "hidden")
    equal(kernel.end(asked).result, "'hidden'")


@stdin.each("the answer {} comes as it was given", {"of nothing": "", "with blanks": "  a b  ", "in emoji": "😀 grüße", "with a quote": 'it"s'})
def _(kernel, text):
    asked, request = ask(kernel, kernel.say("input", prompt="?"))
    kernel.answer(request, text)
    run = kernel.end(asked)
    contains([f"'{text}'", repr(text)], run.result)


@stdin.check("what was printed before is published before the question")
def _(kernel):
    asked, request = ask(kernel, kernel.say("print", value='"before"') + "\n" + kernel.say("input", prompt="?"))
    equal(kernel.heard(asked, "stream", 2)["content"]["text"], "before\n")
    kernel.answer(request, "")
    kernel.end(asked)


@stdin.check("a cell may ask several times")
def _(kernel):
    asked = kernel.begin(kernel.say("input twice", prompt="?"), allow_stdin=True)
    for part in ("a", "b"):
        kernel.answer(kernel.input(asked), part)
    equal(kernel.end(asked).result, "'ab'")


@stdin.check("the kernel stays busy, and answers on control, while it waits")
def _(kernel):
    asked, request = ask(kernel, kernel.say("input", prompt="?"))
    equal(kernel.reply(kernel.send("control", "kernel_info_request", {}), 5)["content"]["status"], "ok")
    holds(asked not in kernel.replies, "the cell did not wait")
    kernel.answer(request, "")
    kernel.end(asked)


@stdin.check("where the client cannot ask, the cell gets an error that says so")
def _(kernel):
    run = kernel.run(kernel.say("input", prompt="?"), allow_stdin=False)
    equal(run.status, "error")
    matches(run.content["evalue"].lower(), "input|stdin")
    equal(kernel.inputs, [])


@stdin.check("a password is refused there, too")
def _(kernel):
    run = kernel.run(kernel.say("password", prompt="?"), allow_stdin=False)
    equal(run.status, "error")
    equal(kernel.inputs, [])


@stdin.check("an interrupt ends the waiting, and keeps the variables")
def _(kernel):
    kernel.ok(kernel.say("assign", name="kept", value=42))
    asked, request = ask(kernel, kernel.say("input", prompt="?"))
    kernel.inputs.remove(request)
    kernel.interrupt()
    run = kernel.end(asked)
    equal((run.status, run.content["ename"]), ("error", "KeyboardInterrupt"))
    equal(kernel.value(kernel.say("read", name="kept")), "42")


@stdin.check("after an interrupted question the next one works")
def _(kernel):
    asked, request = ask(kernel, kernel.say("input", prompt="?"))
    kernel.inputs.remove(request)
    kernel.interrupt()
    kernel.end(asked)
    asked, request = ask(kernel, kernel.say("input", prompt="again"))
    equal(request["content"]["prompt"].strip(), "again")
    kernel.answer(request, "yes")
    equal(kernel.end(asked).result, "'yes'")


@stdin.check("an answer to a question that is no longer asked is not taken for the next one", feature="gradbook")
def _(kernel):
    asked, request = ask(kernel, kernel.say("input", prompt="first"))
    kernel.inputs.remove(request)
    kernel.interrupt()
    kernel.end(asked)
    kernel.send("stdin", "input_reply", {"status": "ok", "value": "stale"}, parent=request)
    asked, request = ask(kernel, kernel.say("input", prompt="second"))
    kernel.answer(request, "fresh")
    equal(kernel.end(asked).result, "'fresh'")


@stdin.check("an answer that nobody asked for does no harm")
def _(kernel):
    kernel.send("stdin", "input_reply", {"status": "ok", "value": "unasked"})
    equal(kernel.value("6 * 7"), "42")


@stdin.check("the question goes to the client whose cell asks")
def _(kernel):
    other = kernel.another_client()
    other.connect()
    try:
        asked = other.begin(kernel.say("input", prompt="for the other"), allow_stdin=True)
        request = other.input(asked)
        equal(kernel.inputs, [])
        other.answer(request, "mine")
        equal(other.end(asked).result, "'mine'")
    finally:
        other.close()


@stdin.check("a question in a function of an earlier cell works", feature="typescript")
def _(kernel):
    kernel.ok('function question(): string | null { return prompt("from afar"); }')
    asked, request = ask(kernel, "question()")
    equal(request["content"]["prompt"].strip(), "from afar")
    kernel.answer(request, "near")
    equal(kernel.end(asked).result, "'near'")


@stdin.check("a queued cell runs after the answer")
def _(kernel):
    asked, request = ask(kernel, kernel.say("input", prompt="?"))
    following = kernel.begin("6 * 7")
    kernel.answer(request, "a")
    kernel.end(asked)
    equal(kernel.end(following).result, "42")
