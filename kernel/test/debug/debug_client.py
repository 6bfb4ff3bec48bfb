"""A debugger's client on Python's jupyter_client, which knows nothing of this kernel. Used by debugger_test.py."""

import queue
import sys
import time

from jupyter_client import KernelManager

TIMEOUT = 40


class DebugClient:
    """A kernel, started as Jupyter starts it, with what a front end sends to debug it."""

    def __init__(self, folder):
        self.manager = KernelManager(kernel_name="gradbook-under-test")
        self.manager.start_kernel(cwd=folder)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)
        self.seq = 0
        self.events = []
        self.published = []
        self.shell = {}

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    # Requests

    def request(self, command, timeout=TIMEOUT, **arguments):
        """Sends a debug request on the control channel and returns the content of its reply."""
        self.seq += 1
        content = {"type": "request", "seq": self.seq, "command": command, "arguments": arguments}
        message = self.client.session.msg("debug_request", content)
        self.client.control_channel.send(message)
        reply = self._control_reply(message["header"]["msg_id"], timeout)
        assert reply["msg_type"] == "debug_reply", reply
        content = reply["content"]
        assert content["type"] == "response" and content["command"] == command, content
        assert content["request_seq"] == self.seq, content
        return content

    def body(self, command, **arguments):
        """The body of a reply that must be a success."""
        reply = self.request(command, **arguments)
        assert reply["success"], reply
        return reply.get("body")

    def control(self, kind, timeout=TIMEOUT):
        """Any other request on the control channel."""
        message = self.client.session.msg(kind, {})
        self.client.control_channel.send(message)
        return self._control_reply(message["header"]["msg_id"], timeout)["content"]

    def _control_reply(self, msg_id, timeout):
        deadline = time.monotonic() + timeout
        while True:
            reply = self.client.get_control_msg(timeout=max(0.1, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply

    # What the kernel says of its own accord

    def event(self, name, timeout=TIMEOUT):
        """The body of the next event of that name."""
        deadline = time.monotonic() + timeout
        while True:
            for i, event in enumerate(self.events):
                if event["event"] == name:
                    del self.events[: i + 1]
                    return event.get("body", {})
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no event {name!r} came in {timeout} s")
            try:
                self._read_iopub(min(left, 1))
            except queue.Empty:
                pass

    def quiet(self, name, seconds=0.5):
        """Whether no such event comes for a while."""
        try:
            self.event(name, timeout=seconds)
        except AssertionError:
            return True
        return False

    def _read_iopub(self, timeout):
        message = self.client.get_iopub_msg(timeout=timeout)
        self.published.append(message)
        if message["msg_type"] == "debug_event":
            self.events.append(message["content"])

    # Cells

    def begin(self, code):
        return self.client.execute(code)

    def end(self, msg_id, timeout=TIMEOUT):
        """Waits for the end of a cell: its reply, what it printed, and the text of its result."""
        deadline = time.monotonic() + timeout
        while msg_id not in self.shell:
            reply = self.client.get_shell_msg(timeout=max(0.1, deadline - time.monotonic()))
            self.shell[reply["parent_header"].get("msg_id")] = reply["content"]
        while not any(self._is_idle(message, msg_id) for message in self.published):
            self._read_iopub(max(0.1, deadline - time.monotonic()))
        mine = [m for m in self.published if m["parent_header"].get("msg_id") == msg_id]
        self.published = [m for m in self.published if m not in mine]
        stdout = "".join(m["content"]["text"] for m in mine if m["msg_type"] == "stream" and m["content"]["name"] == "stdout")
        stderr = "".join(m["content"]["text"] for m in mine if m["msg_type"] == "stream" and m["content"]["name"] == "stderr")
        results = [m["content"]["data"]["text/plain"] for m in mine if m["msg_type"] == "execute_result"]
        return Cell(self.shell.pop(msg_id), stdout, stderr, results[0] if results else None)

    def run(self, code):
        cell = self.end(self.begin(code))
        assert cell.reply["status"] == "ok", cell.reply
        return cell

    @staticmethod
    def _is_idle(message, msg_id):
        return (
            message["msg_type"] == "status"
            and message["content"]["execution_state"] == "idle"
            and message["parent_header"].get("msg_id") == msg_id
        )

    # What a front end does

    def attach(self):
        """Turns the debugger on, in the order of JupyterLab."""
        capabilities = self.body(
            "initialize",
            clientID="jupyterlab",
            clientName="JupyterLab",
            adapterID="gradbook-under-test",
            pathFormat="path",
            linesStartAt1=True,
            columnsStartAt1=True,
            supportsVariableType=True,
            supportsVariablePaging=True,
            supportsRunInTerminalRequest=True,
            locale="en",
        )
        self.body("attach")
        return capabilities

    def detach(self):
        self.body("disconnect", restart=False, terminateDebuggee=False)

    def breakpoints(self, code, *lines, path=None):
        """Sets the breakpoints of a cell (numbers or whole breakpoints) and returns what the kernel made of them."""
        path = path or self.body("dumpCell", code=code)["sourcePath"]
        wanted = [line if isinstance(line, dict) else {"line": line} for line in lines]
        answer = self.body("setBreakpoints", breakpoints=wanted, source={"path": path}, sourceModified=False)
        self.body("configurationDone")
        return answer["breakpoints"]

    def debug(self, code, *lines):
        """Runs a cell with breakpoints and waits until it stops."""
        self.breakpoints(code, *lines)
        msg_id = self.begin(code)
        self.event("stopped")
        return msg_id

    def frames(self):
        return self.body("stackTrace", threadId=1)["stackFrames"]

    def where(self):
        frame = self.frames()[0]
        return frame["name"], frame["line"]

    def line(self):
        return self.where()[1]

    def step(self, command):
        """Steps, waits for the stop, and tells the line."""
        self.body(command, threadId=1)
        stopped = self.event("stopped")
        assert stopped["reason"] == "step", stopped
        return self.line()

    def resume(self):
        self.body("continue", threadId=1)

    def scopes(self, frame=0):
        return {s["name"]: s["variablesReference"] for s in self.body("scopes", frameId=self.frames()[frame]["id"])["scopes"]}

    def variables(self, reference, **page):
        return {v["name"]: v for v in self.body("variables", variablesReference=reference, **page)["variables"]}

    def locals(self, frame=0):
        return self.variables(self.scopes(frame)["Locals"])

    def evaluate(self, expression, frame=0, context="repl"):
        return self.request("evaluate", expression=expression, frameId=self.frames()[frame]["id"], context=context)

    def value(self, expression, frame=0):
        reply = self.evaluate(expression, frame)
        assert reply["success"], reply
        return reply["body"]["result"]


class Cell:
    def __init__(self, reply, stdout, stderr, result):
        self.reply, self.stdout, self.stderr, self.result = reply, stdout, stderr, result


def log(*values):
    print(*values, file=sys.stderr)
