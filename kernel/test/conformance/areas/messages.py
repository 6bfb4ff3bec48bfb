"""The form of messages, and what happens to those that have none."""

import json
from datetime import datetime

from checks import Area, contains, equal, holds, lacks, matches

messages = Area("messages")
malformed = Area("malformed messages")
areas = [messages, malformed]

REQUESTS = {
    "kernel_info_request": {},
    "complete_request": {"code": "x", "cursor_pos": 1},
    "inspect_request": {"code": "x", "cursor_pos": 1, "detail_level": 0},
    "is_complete_request": {"code": "1"},
    "history_request": {"hist_access_type": "tail", "n": 1, "raw": True, "output": False},
    "comm_info_request": {},
    "execute_request": {"code": "1", "silent": False},
}


@messages.check("a reply's parent is the header of its request, whole")
def _(kernel):
    message = kernel.message("kernel_info_request", {})
    kernel.session.send(kernel.sockets["shell"], message)
    reply = kernel.reply(message["header"]["msg_id"])
    for name in ("msg_id", "session", "username", "msg_type", "version"):
        equal(reply["parent_header"][name], message["header"][name], name)


@messages.each("the reply to {} is named after it", REQUESTS)
def _(kernel, content):
    kind = next(kind for kind, given in REQUESTS.items() if given is content)
    equal(kernel.ask(kind, content)["msg_type"], kind.replace("request", "reply"))


@messages.each("{} is surrounded by busy and idle", REQUESTS)
def _(kernel, content):
    kind = next(kind for kind, given in REQUESTS.items() if given is content)
    asked = kernel.send("shell", kind, content)
    kernel.reply(asked)
    kernel.idle(asked)
    states = [m["content"]["execution_state"] for m in kernel.under(asked) if m["msg_type"] == "status"]
    equal(states, ["busy", "idle"])
    equal(kernel.under(asked)[0]["msg_type"], "status", "the first message")
    equal(kernel.under(asked)[-1]["content"], {"execution_state": "idle"}, "the last message")


@messages.each("{} has a reply with a status", [kind for kind in REQUESTS if kind != "is_complete_request"])
def _(kernel, kind):
    equal(kernel.ask(kind, REQUESTS[kind])["content"]["status"], "ok")


@messages.check("requests on control are surrounded by busy and idle, too")
def _(kernel):
    asked = kernel.send("control", "kernel_info_request", {})
    kernel.reply(asked)
    kernel.idle(asked)
    equal([m["content"].get("execution_state") for m in kernel.under(asked)], ["busy", "idle"])


@messages.check("everything a cell causes carries the cell's header as its parent")
def _(kernel):
    before = len(kernel.published)
    asked = kernel.begin(kernel.say("print and result"))
    run = kernel.end(asked)
    equal({m["parent_header"]["msg_id"] for m in kernel.published[before:]}, {asked})
    for message in run.published:
        equal(message["parent_header"]["msg_type"], "execute_request")
        equal(message["parent_header"]["session"], kernel.session.session)


@messages.check("the kernel keeps one session id, which is not the client's")
def _(kernel):
    run = kernel.run("1")
    ids = {m["header"]["session"] for m in [run.reply, *run.published, kernel.ask("kernel_info_request")]}
    equal(len(ids), 1, "the number of sessions")
    lacks(ids, kernel.session.session)


@messages.check("no two messages have the same id")
def _(kernel):
    for _ in range(5):
        kernel.run(kernel.say("print and result"))
    ids = [m["header"]["msg_id"] for m in [*kernel.published, *kernel.replies.values()]]
    equal(len(set(ids)), len(ids), "the number of ids")


@messages.each("a header's {}", ["msg_id", "session", "username", "msg_type", "version", "date"])
def _(kernel, name):
    run = kernel.run(kernel.say("print and result"))
    for message in [run.reply, *run.published]:
        holds(isinstance(message["sent_header"].get(name), str), f"{name} in {message['sent_header']}")
        holds(message["sent_header"][name] != "" or name == "username", f"{name} is empty")


@messages.check("dates are ISO 8601 with a time zone, and tell the present")
def _(kernel):
    run = kernel.run(kernel.say("print and result"))
    for message in [run.reply, *run.published]:
        text = message["sent_header"]["date"]
        matches(text, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
        date = datetime.fromisoformat(text.replace("Z", "+00:00"))
        holds(abs(date.timestamp() - datetime.now().timestamp()) < 60, f"the date is {text}")


@messages.check("the protocol's version in headers is the one that kernel_info names")
def _(kernel):
    reply = kernel.ask("kernel_info_request")
    equal(reply["header"]["version"], reply["content"]["protocol_version"])


@messages.check("metadata and content are objects, and there are no buffers where none are needed")
def _(kernel):
    run = kernel.run(kernel.say("print and result"))
    for message in [run.reply, *run.published]:
        holds(isinstance(message["metadata"], dict), "metadata is no object")
        holds(isinstance(message["content"], dict), "content is no object")
        equal(message["buffers"], [])


@messages.check("what is published has a topic that names its type")
def _(kernel):
    for message in kernel.run(kernel.say("print and result")).published:
        equal(len(message["identities"]), 1, "the number of topics")
        contains(message["identities"][0].decode(), message["msg_type"], "the topic")


@messages.check("the reply to a cell is not sent before its output")
def _(kernel):
    run = kernel.run(kernel.say("print and result"))
    outputs = [m for m in run.published if m["msg_type"] in ("stream", "execute_result")]
    holds(outputs, "nothing was published")
    for message in outputs:
        holds(message["header"]["date"] <= run.reply["header"]["date"], f"{message['msg_type']} was sent later")


@messages.check("text outside of ASCII comes back as it went")
def _(kernel):
    text = "grüße, 世界, 😀, \u202e, \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")
    equal(kernel.prints(kernel.say("print", value=json.dumps(text, ensure_ascii=False))), text + "\n")


@messages.check("unknown fields in headers, metadata and content do no harm")
def _(kernel):
    message = kernel.message("execute_request", {"code": "6 * 7", "silent": False, "future": {"a": 1}}, {"later": [1]})
    message["metadata"] = {"tags": ["x"], "nested": {"deep": None}}
    kernel.session.send(kernel.sockets["shell"], message)
    equal(kernel.end(message["header"]["msg_id"]).status, "ok")


@messages.check("buffers on a request that needs none do no harm")
def _(kernel):
    asked = kernel.send("shell", "kernel_info_request", {}, buffers=[b"\x00" * 100, b""])
    equal(kernel.reply(asked)["content"]["status"], "ok")


@messages.check("a request of an unknown type gets the kernel into no trouble, and back to idle")
def _(kernel):
    asked = kernel.send("shell", "unheard_of_request", {"a": 1})
    kernel.idle(asked)
    equal(kernel.value("6 * 7"), "42")


@messages.check("a new subscriber is told that its subscription stands", feature="welcome")
def _(kernel):
    other = kernel.another_client()
    welcome = other.until(
        lambda: next((m for m in other.published if m["msg_type"] == "iopub_welcome"), None), "the welcome"
    )
    equal(welcome["content"], {"subscription": ""})
    equal(welcome["parent_header"], {})
    other.close()


@messages.check("a subscriber to one topic is welcomed with that topic", feature="welcome")
def _(kernel):
    other = kernel.another_client(b"stream")
    welcome = other.until(lambda: next(iter(other.published), None), "the welcome")
    equal(welcome["msg_type"], "iopub_welcome")
    equal(welcome["content"], {"subscription": "stream"})
    kernel.run(kernel.say("print", value='"for the topic"'))
    other.until(lambda: any(m["msg_type"] == "stream" for m in other.published), "the stream")
    equal({m["msg_type"] for m in other.published}, {"iopub_welcome", "stream"})
    other.close()


def signed(kernel, *parts: bytes) -> list[bytes]:
    return [b"<IDS|MSG>", kernel.session.sign(list(parts)), *parts]


def header(kernel, **more) -> bytes:
    kernel.counter = getattr(kernel, "counter", 0) + 1
    fields = {
        "msg_id": f"malformed-{kernel.counter}",
        "msg_type": "kernel_info_request",
        "session": "stranger",
        "username": "x",
        "date": "2026-01-01T00:00:00Z",
        "version": "5.4",
        **more,
    }
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def frames(kernel) -> dict[str, list[bytes]]:
    good = header(kernel)
    return {
        "with the wrong signature": [b"<IDS|MSG>", b"0" * 64, good, b"{}", b"{}", b"{}"],
        "with an empty signature": [b"<IDS|MSG>", b"", good, b"{}", b"{}", b"{}"],
        "with half a signature": [b"<IDS|MSG>", kernel.session.sign([good, b"{}", b"{}", b"{}"])[:32], good, b"{}", b"{}", b"{}"],
        "whose content was changed after signing": [*signed(kernel, good, b"{}", b"{}", b"{}")[:-1], b'{"a":1}'],
        "without a delimiter": [b"hello", b"world"],
        "without anything behind the delimiter": [b"<IDS|MSG>"],
        "with too few parts": [b"<IDS|MSG>", kernel.session.sign([good]), good],
        "of one empty frame": [b""],
        "of random bytes": [bytes(range(256)) * 4 for _ in range(6)],
        "of a megabyte without sense": [b"\xff" * 1_000_000],
        "that is no JSON": signed(kernel, b"{", b"{}", b"{}", b"{}"),
        "that is no UTF-8": signed(kernel, good, b"{}", b"{}", b'{"a":"\xff\xfe"}'),
        "whose header is a list": signed(kernel, b"[]", b"{}", b"{}", b"{}"),
        "whose header is null": signed(kernel, b"null", b"{}", b"{}", b"{}"),
        "without a type": signed(kernel, header(kernel, msg_type=None), b"{}", b"{}", b"{}"),
        "whose type is a number": signed(kernel, header(kernel, msg_type=5), b"{}", b"{}", b"{}"),
        "whose type is the name of something in every object": signed(kernel, header(kernel, msg_type="constructor"), b"{}", b"{}", b"{}"),
        "without an id": signed(kernel, header(kernel, msg_id=None), b"{}", b"{}", b"{}"),
        "whose content is a list": signed(kernel, good, b"{}", b"{}", b"[]"),
        "whose parent is a string": signed(kernel, good, b'"x"', b"{}", b"{}"),
        "whose metadata are a number": signed(kernel, good, b"{}", b"5", b"{}"),
    }


class Names:
    def sign(self, parts):
        return b""


NAMES = list(frames(type("Nobody", (), {"session": Names()})()))


@malformed.each("a message {} leaves shell working", NAMES)
def _(kernel, what):
    kernel.sockets["shell"].send_multipart(frames(kernel)[what])
    equal(kernel.value("6 * 7"), "42")


@malformed.each("a message {} leaves control working", NAMES)
def _(kernel, what):
    kernel.sockets["control"].send_multipart(frames(kernel)[what])
    equal(kernel.ask("kernel_info_request", channel="control")["content"]["status"], "ok")


@malformed.each("a message {} is not answered", NAMES[:5])
def _(kernel, what):
    before = len(kernel.replies)
    published = len(kernel.published)
    kernel.sockets["shell"].send_multipart(frames(kernel)[what])
    kernel.ask("kernel_info_request")
    equal(len(kernel.replies) - before, 1, "the number of replies")
    lacks([m["parent_header"].get("session") for m in kernel.published[published:]], "stranger")


@malformed.check("garbage on stdin leaves the kernel working")
def _(kernel):
    for parts in frames(kernel).values():
        kernel.sockets["stdin"].send_multipart(parts)
    equal(kernel.value("6 * 7"), "42")


@malformed.check("garbage on the heartbeat comes back as it went")
def _(kernel):
    holds(kernel.beats(b"\x00\xff" * 500), "no heartbeat")
    holds(kernel.beats(b""), "no heartbeat for nothing")


WRONG = {
    "execute_request without code": ("execute_request", {}),
    "execute_request whose code is a number": ("execute_request", {"code": 5}),
    "complete_request without code": ("complete_request", {"cursor_pos": 3}),
    "complete_request whose cursor is a string": ("complete_request", {"code": "ab", "cursor_pos": "x"}),
    "inspect_request without code": ("inspect_request", {}),
    "is_complete_request without code": ("is_complete_request", {}),
    "history_request without an access type": ("history_request", {}),
    "history_request with a negative n": ("history_request", {"hist_access_type": "tail", "n": -3}),
    "comm_open without an id": ("comm_open", {}),
    "comm_msg for nobody": ("comm_msg", {"comm_id": "nobody", "data": {}}),
    "comm_close for nobody": ("comm_close", {"comm_id": "nobody", "data": {}}),
    "interrupt_request on shell": ("interrupt_request", {}),
}


@malformed.each("{} leaves the kernel working, and idle", WRONG)
def _(kernel, request):
    asked = kernel.send("shell", *request)
    kernel.idle(asked)
    equal(kernel.value("6 * 7"), "42")


@malformed.each("{} is answered with an error", ["execute_request without code", "complete_request without code"])
def _(kernel, what):
    reply = kernel.reply(kernel.send("shell", *WRONG[what]))
    equal(reply["content"]["status"], "error")
    holds(reply["content"].get("ename") and reply["content"].get("evalue"), "the error says nothing")


@malformed.each(
    "a cursor {} is taken as the nearest place",
    {"before the text": -5, "behind the text": 10_000},
)
def _(kernel, cursor):
    for kind in ("complete_request", "inspect_request"):
        content = {"code": "abc", "cursor_pos": cursor, "detail_level": 0}
        equal(kernel.ask(kind, content)["content"]["status"], "ok", kind)


@malformed.check("an error in one request does not hide the next one's answer")
def _(kernel):
    asked = [kernel.send("shell", "execute_request", {}), kernel.send("shell", "kernel_info_request", {})]
    contains([kernel.reply(one)["content"]["status"] for one in asked], "ok")
