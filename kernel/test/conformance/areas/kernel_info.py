"""What the kernel says of itself, and what it answers while it is busy."""

from pygments.lexers import get_lexer_by_name

from checks import Area, contains, equal, holds, matches

info = Area("kernel_info")
busy = Area("while a cell runs")
areas = [info, busy]


@info.each("is answered on {}", ["shell", "control"])
def _(kernel, channel):
    reply = kernel.ask("kernel_info_request", channel=channel)
    equal(reply["msg_type"], "kernel_info_reply")
    equal(reply["channel"], channel)
    equal(reply["content"]["status"], "ok")


@info.each(
    "{} is well formed",
    {
        "the protocol's version": ("protocol_version", r"^5\.\d+(\.\d+)?$"),
        "the implementation's name": ("implementation", r"^\w+$"),
        "the implementation's version": ("implementation_version", r"^\d+\.\d+"),
        "the banner": ("banner", r"\w+"),
    },
)
def _(kernel, field):
    name, pattern = field
    matches(kernel.ask("kernel_info_request")["content"][name], pattern, name)


@info.check("the protocol is 5.4 or newer", feature="gradbook")
def _(kernel):
    version = kernel.ask("kernel_info_request")["content"]["protocol_version"]
    holds(tuple(map(int, version.split("."))) >= (5, 4), version)


@info.each("the language's {} is named", ["name", "version", "mimetype", "file_extension"])
def _(kernel, name):
    matches(kernel.ask("kernel_info_request")["content"]["language_info"][name], r"\w", name)


@info.check("the file extension begins with a dot")
def _(kernel):
    matches(kernel.ask("kernel_info_request")["content"]["language_info"]["file_extension"], r"^\.\w+$")


@info.check("the highlighter that it names exists")
def _(kernel):
    language = kernel.ask("kernel_info_request")["content"]["language_info"]
    get_lexer_by_name(language.get("pygments_lexer", language["name"]))


@info.check("help links have a text and an address")
def _(kernel):
    for link in kernel.ask("kernel_info_request")["content"]["help_links"]:
        matches(link["url"], r"^https?://")
        holds(link["text"], "a link without text")


FEATURES = {"subshells": "kernel subshells", "welcome": "iopub_welcome", "gradbook": "debugger"}
for feature, listed in FEATURES.items():

    @info.check(f"the feature “{listed}” is listed as supported", feature=feature)
    def _(kernel, listed=listed):
        contains(kernel.ask("kernel_info_request")["content"]["supported_features"], listed)


@info.check("the same is said each time")
def _(kernel):
    equal(kernel.ask("kernel_info_request")["content"], kernel.ask("kernel_info_request")["content"])


@info.check("a heartbeat is answered")
def _(kernel):
    for number in range(20):
        holds(kernel.beats(str(number).encode()), f"heartbeat {number}")


def during(kernel, ask):
    """Does something while a cell loops without a pause."""
    asked = kernel.begin(kernel.say("loop and print"))
    kernel.heard(asked, "stream")
    try:
        ask(asked)
        holds(asked not in kernel.replies, "the cell ended too early")
    finally:
        kernel.interrupt()
        kernel.end(asked)


@busy.check("the heartbeat answers")
def _(kernel):
    during(kernel, lambda asked: holds(kernel.beats(), "no heartbeat"))


@busy.check("kernel_info is answered on control")
def _(kernel):
    during(
        kernel,
        lambda asked: equal(kernel.reply(kernel.send("control", "kernel_info_request", {}), 5)["content"]["status"], "ok"),
    )


@busy.check("kernel_info on control is answered within a twentieth of a second", feature="survives")
def _(kernel):
    def best(asked):
        times = []
        for _ in range(20):
            sent = kernel.send("control", "kernel_info_request", {})
            begun = kernel.heard(sent, "status")["at"]
            times.append(kernel.reply(sent)["at"] - begun)
        holds(min(times) < 0.05, f"the best of 20 took {min(times):.3f} s")

    during(kernel, best)


@busy.check("kernel_info is answered on shell, too", feature="survives")
def _(kernel):
    during(kernel, lambda asked: kernel.reply(kernel.send("shell", "kernel_info_request", {}), 5))


@busy.check("completion is answered, with the variables of earlier cells", feature="survives")
def _(kernel):
    kernel.ok(kernel.say("record"))
    start = kernel.say("member start")

    def complete(asked):
        reply = kernel.reply(kernel.send("shell", "complete_request", {"code": start, "cursor_pos": len(start)}), 10)
        contains(reply["content"]["matches"], kernel.say("member"))

    during(kernel, complete)


@busy.check("inspection is answered", feature="survives")
def _(kernel):
    kernel.ok(kernel.say("documented"))

    def inspect(asked):
        content = {"code": "documented", "cursor_pos": 4, "detail_level": 0}
        holds(kernel.reply(kernel.send("shell", "inspect_request", content), 10)["content"]["found"], "not found")

    during(kernel, inspect)


@busy.check("is_complete, history and comm_info are answered", feature="survives")
def _(kernel):
    def ask(asked):
        for kind, content in {
            "is_complete_request": {"code": "1"},
            "history_request": {"hist_access_type": "tail", "n": 1},
            "comm_info_request": {},
        }.items():
            kernel.reply(kernel.send("shell", kind, content), 10)

    during(kernel, ask)


@busy.check("the last state published is busy, whatever else was asked", feature="survives")
def _(kernel):
    def ask(asked):
        sent = kernel.send("control", "kernel_info_request", {})
        kernel.reply(sent)
        kernel.idle(sent)
        kernel.quiet(0.2)
        states = [m["content"]["execution_state"] for m in kernel.published if m["msg_type"] == "status"]
        equal(states[-1], "busy")

    during(kernel, ask)


@busy.check("output arrives at once, not at the end")
def _(kernel):
    during(kernel, lambda asked: equal(kernel.heard(asked, "stream")["content"]["text"], "in the loop\n"))


@busy.check("a second cell waits for the first")
def _(kernel):
    first = kernel.begin(kernel.say("busy", ms=400))
    second = kernel.begin("6 * 7")
    kernel.end(second)
    holds(kernel.replies[first]["at"] <= kernel.replies[second]["at"], "the second ended before the first")
    idle = next(n for n, m in enumerate(kernel.published) if m in kernel.under(first)[-1:])
    begun = next(n for n, m in enumerate(kernel.published) if m in kernel.under(second)[:1])
    holds(idle < begun, "the second was begun before the first was idle")
