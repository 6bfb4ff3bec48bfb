"""Comms: messages of widgets and extensions, both ways."""

import json
import uuid

from checks import Area, contains, equal, holds, lacks

comms = Area("comms", feature="comms")
areas = [comms]


def prepare(kernel):
    kernel.ok(kernel.say("register target"))


comms.prepare = prepare


def open_comm(kernel, target="echo", data=None, buffers=None):
    comm = uuid.uuid4().hex
    content = {"comm_id": comm, "target_name": target, "data": data if data is not None else {}}
    asked = kernel.send("shell", "comm_open", content, buffers=buffers)
    kernel.idle(asked)
    return comm, asked


def tell(kernel, comm, data, buffers=None):
    asked = kernel.send("shell", "comm_msg", {"comm_id": comm, "data": data}, buffers=buffers)
    kernel.idle(asked)
    return asked


def known(kernel, **content):
    return kernel.ask("comm_info_request", content)["content"]["comms"]


@comms.check("a comm that a client opens reaches its target with its data")
def _(kernel):
    open_comm(kernel, data={"from": "client", "n": [1, None]})
    contains(kernel.value(kernel.say("comms opened")), '{"from":"client","n":[1,null]}')


@comms.check("an open comm is listed with its target")
def _(kernel):
    comm, _ = open_comm(kernel)
    equal(known(kernel)[comm], {"target_name": "echo"})


@comms.check("the list may be asked for one target")
def _(kernel):
    comm, _ = open_comm(kernel)
    contains(known(kernel, target_name="echo"), comm)
    equal(known(kernel, target_name="other"), {})


@comms.check("a message is answered under its own header")
def _(kernel):
    comm, _ = open_comm(kernel)
    asked = tell(kernel, comm, {"question": 1})
    answer = kernel.heard(asked, "comm_msg")
    equal(answer["content"], {"comm_id": comm, "data": {"echo": {"question": 1}}})


@comms.check("comm messages are surrounded by busy and idle")
def _(kernel):
    comm, opened = open_comm(kernel)
    for asked in (opened, tell(kernel, comm, {})):
        states = [m["content"]["execution_state"] for m in kernel.under(asked) if m["msg_type"] == "status"]
        equal(states, ["busy", "idle"])


@comms.check("buffers go both ways, byte by byte")
def _(kernel):
    comm, _ = open_comm(kernel)
    buffers = [bytes(range(256)), b"", b"\x00\xff" * 1000]
    answer = kernel.heard(tell(kernel, comm, {}, buffers), "comm_msg")
    equal([bytes(buffer) for buffer in answer["buffers"]], buffers)


@comms.check("a buffer of ten megabytes goes both ways")
def _(kernel):
    comm, _ = open_comm(kernel)
    buffer = bytes(range(256)) * 40_000
    answer = kernel.heard(tell(kernel, comm, {}, [buffer]), "comm_msg")
    holds(bytes(answer["buffers"][0]) == buffer, "the buffer is not the same")


@comms.check("data outside of ASCII and deep structures come back")
def _(kernel):
    comm, _ = open_comm(kernel)
    data = {"emoji": "😀", "deep": {"er": [{"est": None}]}, "number": 1.5, "truth": True}
    equal(kernel.heard(tell(kernel, comm, data), "comm_msg")["content"]["data"]["echo"], data)


@comms.check("several comms are kept apart")
def _(kernel):
    one, _ = open_comm(kernel)
    two, _ = open_comm(kernel)
    asked = tell(kernel, two, {"for": 2})
    equal(kernel.heard(asked, "comm_msg")["content"]["comm_id"], two)
    asked = tell(kernel, one, {"for": 1})
    equal(kernel.heard(asked, "comm_msg")["content"]["comm_id"], one)


@comms.check("many messages are answered in their order")
def _(kernel):
    comm, _ = open_comm(kernel)
    asked = [kernel.send("shell", "comm_msg", {"comm_id": comm, "data": {"n": n}}) for n in range(100)]
    for one in asked:
        kernel.idle(one)
    answers = [m["content"]["data"]["echo"]["n"] for m in kernel.published if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == comm]
    equal(answers, list(range(100)))


@comms.check("closing reaches the kernel's side, and the comm is listed no more")
def _(kernel):
    comm, _ = open_comm(kernel)
    before = int(kernel.value(kernel.say("comms closed")))
    kernel.idle(kernel.send("shell", "comm_close", {"comm_id": comm, "data": {}}))
    equal(int(kernel.value(kernel.say("comms closed"))), before + 1)
    lacks(known(kernel), comm)


@comms.check("a message to a closed comm does no harm")
def _(kernel):
    comm, _ = open_comm(kernel)
    kernel.idle(kernel.send("shell", "comm_close", {"comm_id": comm, "data": {}}))
    tell(kernel, comm, {"too": "late"})
    equal(kernel.value("6 * 7"), "42")


@comms.check("opening with a target that nobody registered is answered by closing")
def _(kernel):
    comm, asked = open_comm(kernel, "nobody")
    equal(kernel.heard(asked, "comm_close")["content"]["comm_id"], comm)
    lacks(known(kernel), comm)


@comms.check("a target that fails closes the comm, and the kernel goes on")
def _(kernel):
    kernel.ok(kernel.say("failing target"))
    comm, asked = open_comm(kernel, "failing")
    kernel.heard(asked, "comm_close")
    lacks(known(kernel), comm)
    equal(kernel.value("6 * 7"), "42")


@comms.check("a comm that the kernel opens is published under the cell, with data and buffers")
def _(kernel):
    run = kernel.ok(kernel.say("open comm"))
    (opened,) = run.of("comm_open")
    equal((opened["content"]["target_name"], opened["content"]["data"]), ("front", {"hello": 1}))
    equal([bytes(buffer) for buffer in opened["buffers"]], [bytes([1, 2, 3])])
    contains(known(kernel), opened["content"]["comm_id"])


@comms.check("what the kernel sends and closes is published under the cell, too")
def _(kernel):
    kernel.ok(kernel.say("open comm"))
    (sent,) = kernel.ok(kernel.say("send comm")).of("comm_msg")
    equal(sent["content"]["data"], {"more": 2})
    equal([bytes(buffer) for buffer in sent["buffers"]], [bytes([4, 5])])
    (closed,) = kernel.ok(kernel.say("close comm")).of("comm_close")
    equal(closed["content"]["comm_id"], sent["content"]["comm_id"])
    lacks(known(kernel), sent["content"]["comm_id"])


@comms.check("messages are handled while a cell awaits", feature="gradbook")
def _(kernel):
    comm, _ = open_comm(kernel)
    waiting = kernel.begin(kernel.say("wait for comm"))
    kernel.heard(waiting, "stream")
    asked = kernel.send("shell", "comm_msg", {"comm_id": comm, "data": {"during": 1}})
    equal(kernel.heard(asked, "comm_msg")["content"]["data"]["echo"], {"during": 1})
    equal(kernel.end(waiting).status, "ok")


@comms.check("data that are missing count as none")
def _(kernel):
    comm = uuid.uuid4().hex
    kernel.idle(kernel.send("shell", "comm_open", {"comm_id": comm, "target_name": "echo"}))
    equal(kernel.value("6 * 7"), "42")


@comms.check("a registered target remains after a cell that fails")
def _(kernel):
    kernel.run(kernel.say("throw", message="x"))
    comm, asked = open_comm(kernel)
    equal([m for m in kernel.under(asked) if m["msg_type"] == "comm_close"], [])
    contains(json.dumps(known(kernel)), comm)
