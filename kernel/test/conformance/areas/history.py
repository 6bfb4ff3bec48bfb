"""What was typed, in this session and in earlier ones."""

from checks import Area, contains, equal, holds
from kernel import Kernel

history = Area("history", feature="history")
areas = [history]


def prepare(kernel):
    for code in ("1 + 100", "2 + 100", "1 + 100", "3 + 100"):
        kernel.run(code)
    kernel.run(kernel.say("assign", name="noted", value=1))


history.prepare = prepare


def find(kernel, access, **more):
    content = {"hist_access_type": access, "raw": True, "output": False, **more}
    reply = kernel.ask("history_request", content)
    equal(reply["content"]["status"], "ok")
    return reply["content"]["history"]


def lines(entries):
    return [entry[2] for entry in entries]


@history.check("the tail gives the last n lines, oldest first")
def _(kernel):
    equal(lines(find(kernel, "tail", n=2)), ["3 + 100", kernel.say("assign", name="noted", value=1)])


@history.check("entries are session, line and input")
def _(kernel):
    session, line, code = find(kernel, "tail", n=1)[0]
    holds(isinstance(session, int) and session >= 1, f"the session is {session}")
    equal((line, code), (5, kernel.say("assign", name="noted", value=1)))


@history.check("a tail of more than there is gives what there is")
def _(kernel):
    holds(len(find(kernel, "tail", n=10_000)) >= 5, "fewer than five lines")


@history.check("a tail of nothing is empty")
def _(kernel):
    equal(find(kernel, "tail", n=0), [])


@history.check("output is given beside the input where it is asked for")
def _(kernel):
    session, line, pair = find(kernel, "range", session=0, start=4, stop=5, output=True)[0]
    equal((line, list(pair)), (4, ["3 + 100", "103"]))


@history.check("a cell without a result has no output")
def _(kernel):
    equal(list(find(kernel, "tail", n=1, output=True)[0][2]), [kernel.say("assign", name="noted", value=1), None])


@history.check("a range of the current session leaves out its end")
def _(kernel):
    equal(lines(find(kernel, "range", session=0, start=2, stop=4)), ["2 + 100", "1 + 100"])


@history.check("a range without an end goes to the last line")
def _(kernel):
    equal(len(find(kernel, "range", session=0, start=4, stop=None)), 2)


@history.check("the current session has a number of its own, too")
def _(kernel):
    session = find(kernel, "tail", n=1)[0][0]
    equal(lines(find(kernel, "range", session=session, start=1, stop=3)), ["1 + 100", "2 + 100"])


@history.check("a range of a session that never was is empty")
def _(kernel):
    equal(find(kernel, "range", session=999_999, start=1, stop=3), [])


@history.check("a search takes stars")
def _(kernel):
    equal(lines(find(kernel, "search", pattern="2*100")), ["2 + 100"])


@history.check("a search takes question marks")
def _(kernel):
    equal(lines(find(kernel, "search", pattern="? + 100")), ["1 + 100", "2 + 100", "1 + 100", "3 + 100"])


@history.check("a search must match the whole input")
def _(kernel):
    equal(find(kernel, "search", pattern="100"), [])


@history.check("a unique search gives each input once")
def _(kernel):
    equal(sorted(lines(find(kernel, "search", pattern="? + 100", unique=True))), ["1 + 100", "2 + 100", "3 + 100"])


@history.check("a search gives the last n matches")
def _(kernel):
    equal(lines(find(kernel, "search", pattern="? + 100", n=2)), ["1 + 100", "3 + 100"])


@history.check("a search gives outputs where they are asked for")
def _(kernel):
    equal(list(find(kernel, "search", pattern="3*", output=True)[0][2]), ["3 + 100", "103"])


@history.check("letters with a meaning elsewhere are only letters in a search", feature="gradbook")
def _(kernel):
    kernel.run("(1 + 1) % 2 // a.b+c[0]^$")
    equal(lines(find(kernel, "search", pattern="(1 + 1) % 2 // a.b+c[0]^$")), ["(1 + 1) % 2 // a.b+c[0]^$"])


@history.check("silent cells and those that are not stored are left out")
def _(kernel):
    kernel.run("77 + 1", silent=True)
    kernel.run("78 + 1", store_history=False)
    equal(find(kernel, "search", pattern="7? + 1"), [])


@history.check("failed cells are kept")
def _(kernel):
    code = kernel.say("throw", message="noted")
    kernel.run(code)
    contains(lines(find(kernel, "tail", n=1)), code)


@history.check("several lines, quotes and emoji are kept as they were typed")
def _(kernel):
    code = "1 + 1\n\n'😀' + \"it's\""
    kernel.run(code)
    equal(lines(find(kernel, "tail", n=1)), [code])


def next_session(kernel, **more) -> Kernel:
    return Kernel(kernel.language, home=kernel.home, patience=kernel.client.patience, **more)


@history.check("a later kernel finds what an earlier one was given")
def _(kernel):
    kernel.run("40 + 2 + 5000")
    other = next_session(kernel)
    try:
        contains(lines(find(other, "search", pattern="40 + 2 + 5*")), "40 + 2 + 5000")
    finally:
        other.stop()


@history.check("a later kernel has a session number of its own, and counts its lines from 1")
def _(kernel):
    mine = find(kernel, "tail", n=1)[0][0]
    other = next_session(kernel)
    try:
        other.run("5 + 5000")
        session, line, code = find(other, "tail", n=1)[0]
        equal((line, code), (1, "5 + 5000"))
        holds(session > mine, f"the later session is {session}, the earlier one {mine}")
    finally:
        other.stop()


@history.check("the session before is number -1")
def _(kernel):
    first = next_session(kernel)
    first.run("6 + 5000")
    first.stop()
    second = next_session(kernel)
    try:
        second.run("7 + 5000")
        equal(lines(find(second, "range", session=-1, start=1, stop=2)), ["6 + 5000"])
    finally:
        second.stop()


@history.check("the tail reaches back into earlier sessions")
def _(kernel):
    kernel.run("8 + 5000")
    other = next_session(kernel)
    try:
        other.run("9 + 5000")
        equal(lines(find(other, "tail", n=1)), ["9 + 5000"])
        contains(lines(find(other, "tail", n=100)), "8 + 5000")
    finally:
        other.stop()


@history.check("outputs of earlier sessions are kept, too")
def _(kernel):
    first = next_session(kernel)
    first.run("10 + 5000")
    first.ask("history_request", {"hist_access_type": "tail", "n": 1, "output": True, "raw": True})
    first.stop()
    second = next_session(kernel)
    try:
        equal([list(entry[2]) for entry in find(second, "search", pattern="10 + 5000", output=True)], [["10 + 5000", "5010"]])
    finally:
        second.stop()


@history.check("two kernels at once keep their lines apart")
def _(kernel):
    one, two = next_session(kernel), next_session(kernel)
    try:
        one.run("11 + 5000")
        two.run("12 + 5000")
        equal(lines(find(one, "range", session=0, start=1, stop=None)), ["11 + 5000"])
        equal(lines(find(two, "range", session=0, start=1, stop=None)), ["12 + 5000"])
        sessions = [find(one, "search", pattern=f"{n} + 5000")[-1][0] for n in (11, 12)]
        holds(sessions[0] != sessions[1], f"both sessions are {sessions[0]}")
    finally:
        one.stop()
        two.stop()
