"""Several clients at once, and Jupyter's own blocking client."""

import queue

from jupyter_client.blocking import BlockingKernelClient

from checks import Area, contains, equal, holds, lacks

clients = Area("several clients")
blocking = Area("jupyter_client's blocking client")
areas = [clients, blocking]


class Another:
    def __init__(self, kernel):
        self.client = kernel.another_client()

    def __enter__(self):
        self.client.connect()
        return self.client

    def __exit__(self, *_):
        self.client.close()


@clients.check("each gets the replies to its own requests, and no others")
def _(kernel):
    with Another(kernel) as other:
        mine, theirs = kernel.begin("1 + 1"), other.begin("2 + 2")
        equal((kernel.end(mine).result, other.end(theirs).result), ("2", "4"))
        lacks(kernel.replies, theirs)
        lacks(other.replies, mine)


@clients.check("all see what is published for any of them")
def _(kernel):
    with Another(kernel) as other:
        asked = kernel.begin(kernel.say("print", value='"for all"'))
        kernel.end(asked)
        other.idle(asked)
        contains([m["content"].get("text") for m in other.under(asked)], "for all\n")


@clients.check("all see what another one typed, and by whom")
def _(kernel):
    with Another(kernel) as other:
        asked = other.begin("6 * 7")
        other.end(asked)
        message = kernel.heard(asked, "execute_input")
        equal(message["content"]["code"], "6 * 7")
        equal(message["parent_header"]["session"], other.session.session)


@clients.check("they share the variables")
def _(kernel):
    with Another(kernel) as other:
        kernel.ok(kernel.say("assign", name="shared", value=5))
        equal(other.run(kernel.say("read", name="shared")).result, "5")


@clients.check("they share one count")
def _(kernel):
    with Another(kernel) as other:
        before = kernel.run("1").count
        equal(other.run("1").count, before + 1)


@clients.check("two that send fifty cells each at once get every reply")
def _(kernel):
    with Another(kernel) as other:
        mine = [(kernel.begin(str(n)), other.begin(str(1000 + n))) for n in range(50)]
        for n, (one, two) in enumerate(mine):
            equal((kernel.end(one).result, other.end(two).result), (str(n), str(1000 + n)))


@clients.check("one may interrupt another's cell")
def _(kernel):
    with Another(kernel) as other:
        asked = other.begin(kernel.say("loop and print"))
        other.heard(asked, "stream")
        kernel.interrupt()
        equal(other.end(asked).status, "error")


@clients.check("one that leaves in the middle of its cell does not disturb the others")
def _(kernel):
    with Another(kernel) as other:
        other.begin(kernel.say("sleep", ms=300))
    equal(kernel.value("6 * 7"), "42")


@clients.check("one that comes while a cell runs hears the rest of its output")
def _(kernel):
    code = "\n".join([kernel.say("print", value='"early"'), kernel.say("sleep", ms=1500), kernel.say("print", value='"later"')])
    asked = kernel.begin(code)
    kernel.heard(asked, "stream")
    other = kernel.another_client()
    try:
        other.idle(asked)
        contains([m["content"].get("text") for m in other.under(asked)], "later\n")
    finally:
        other.close()
    kernel.end(asked)


@clients.check("ten of them get their answers")
def _(kernel):
    many = [kernel.another_client() for _ in range(10)]
    try:
        asked = [client.send("shell", "execute_request", {"code": str(n), "silent": False}) for n, client in enumerate(many)]
        for client, one in zip(many, asked):
            equal(client.reply(one)["content"]["status"], "ok")
    finally:
        for client in many:
            client.close()


class Ready:
    """Jupyter's client, connected and ready."""

    def __init__(self, kernel):
        self.client = BlockingKernelClient()
        self.client.load_connection_info(kernel.connection)
        self.client.start_channels()

    def __enter__(self):
        self.client.wait_for_ready(timeout=20)
        return self.client

    def __exit__(self, *_):
        self.client.stop_channels()


@blocking.check("finds the kernel ready")
def _(kernel):
    with Ready(kernel) as client:
        holds(client.is_alive(), "the kernel is not alive")


@blocking.check("finds the heart beating")
def _(kernel):
    with Ready(kernel) as client:
        kernel.quiet(0.3)
        holds(client.hb_channel.is_beating(), "no heartbeat")


@blocking.check("executes a cell interactively and hears its output")
def _(kernel):
    heard = []
    with Ready(kernel) as client:
        reply = client.execute_interactive(kernel.say("print and result"), output_hook=heard.append, timeout=20)
    equal(reply["content"]["status"], "ok")
    kinds = [message["msg_type"] for message in heard]
    for kind in ("status", "execute_input", "stream", "execute_result"):
        contains(kinds, kind)


@blocking.check("answers a question from its hook", feature="stdin")
def _(kernel):
    with Ready(kernel) as client:
        reply = client.execute_interactive(
            kernel.say("input", prompt="?"),
            output_hook=lambda message: None,
            stdin_hook=lambda message: client.input("from the hook"),
            allow_stdin=True,
            timeout=20,
        )
    equal(reply["content"]["status"], "ok")


REQUESTS = {
    "complete": lambda client: client.complete("a", 1, reply=True, timeout=20),
    "inspect": lambda client: client.inspect("a", 1, reply=True, timeout=20),
    "history": lambda client: client.history(hist_access_type="tail", n=3, reply=True, timeout=20),
    "comm_info": lambda client: client.comm_info(reply=True, timeout=20),
    "kernel_info": lambda client: client.kernel_info(reply=True, timeout=20),
    "execute": lambda client: client.execute("6 * 7", reply=True, timeout=20),
}


@blocking.each("gets a reply to {}", REQUESTS)
def _(kernel, ask):
    with Ready(kernel) as client:
        contains(["ok", "complete"], ask(client)["content"]["status"])


@blocking.check("reads messages one by one until nothing is left")
def _(kernel):
    with Ready(kernel) as client:
        asked = client.execute("6 * 7")
        equal(client.get_shell_msg(timeout=20)["parent_header"]["msg_id"], asked)
        kinds = []
        while kinds[-1:] != ["idle"]:
            message = client.get_iopub_msg(timeout=20)
            kinds.append(message["content"].get("execution_state", message["msg_type"]))
        equal(kinds, ["busy", "execute_input", "execute_result", "idle"])
        try:
            client.get_iopub_msg(timeout=0.2)
            raise AssertionError("something came after idle")
        except queue.Empty:
            pass
