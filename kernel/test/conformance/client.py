"""A client of a kernel: Jupyter's own wire format (jupyter_client's Session) on sockets that keep every message."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Callable

import zmq
from jupyter_client.session import Session

from checks import plain

Message = dict[str, Any]


class Timeout(AssertionError):
    """Something did not come in time: the kernel may hang."""


@dataclass(frozen=True)
class Run:
    """What came of a cell."""

    reply: Message
    """Everything published under the cell's request, in order."""
    published: list[Message]

    @property
    def content(self) -> Message:
        return self.reply["content"]

    @property
    def status(self) -> str:
        return self.content["status"]

    @property
    def count(self) -> int:
        return self.content["execution_count"]

    @property
    def types(self) -> list[str]:
        return [message["msg_type"] for message in self.published]

    @property
    def stdout(self) -> str:
        return self.stream("stdout")

    @property
    def stderr(self) -> str:
        return self.stream("stderr")

    def stream(self, name: str) -> str:
        return "".join(m["content"]["text"] for m in self.of("stream") if m["content"]["name"] == name)

    @property
    def result(self) -> str | None:
        """`text/plain` of the result."""
        results = self.of("execute_result")
        return results[0]["content"]["data"].get("text/plain") if results else None

    @property
    def trace(self) -> str:
        """The traceback of a cell that failed, without colours."""
        return plain("\n".join(self.content.get("traceback", [])))

    def of(self, kind: str) -> list[Message]:
        return [message for message in self.published if message["msg_type"] == kind]


class Client:
    """A front end. Several may talk to one kernel."""

    def __init__(self, connection: dict[str, Any], patience: float, subscribe: bytes = b""):
        self.connection = connection
        self.patience = patience
        self.session = Session(key=connection["key"].encode(), signature_scheme=connection["signature_scheme"])
        self.context = zmq.Context()
        self.replies: dict[str, Message] = {}
        self.published: list[Message] = []
        self.inputs: list[Message] = []
        self.sockets: dict[str, zmq.Socket] = {}
        self.poller = zmq.Poller()
        identity = self.session.bsession
        for channel in ("shell", "control", "stdin"):
            self.open(channel, zmq.DEALER).setsockopt(zmq.IDENTITY, identity)
        self.open("iopub", zmq.SUB).setsockopt(zmq.SUBSCRIBE, subscribe)
        for channel, socket in self.sockets.items():
            socket.connect(self.address(channel))
            self.poller.register(socket, zmq.POLLIN)

    def open(self, channel: str, kind: int) -> zmq.Socket:
        socket = self.context.socket(kind)
        socket.set_hwm(0)
        socket.linger = 0
        self.sockets[channel] = socket
        return socket

    def address(self, channel: str) -> str:
        return f"tcp://{self.connection['ip']}:{self.connection[channel + '_port']}"

    def close(self) -> None:
        for socket in self.sockets.values():
            socket.close()
        self.context.term()

    def connect(self, seconds: float = 30) -> None:
        """Waits until shell answers and iopub is heard: what is published from now on arrives."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                asked = self.send("shell", "kernel_info_request", {})
                self.reply(asked, 1)
                self.idle(asked, 1)
                return
            except Timeout:
                continue
        raise Timeout(f"the kernel did not answer within {seconds} s")

    # Messages that come in ------------------------------------------------------------------------------------------

    def pump(self, seconds: float) -> None:
        """Takes in what has come, and waits at most so long for something."""
        for socket, _ in self.poller.poll(max(0, seconds) * 1000):
            for _ in range(10_000):
                try:
                    frames = socket.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                self.take(socket, frames)

    def take(self, socket: zmq.Socket, frames: list[bytes]) -> None:
        identities, parts = self.session.feed_identities(frames)
        message = self.session.deserialize(parts, copy=True)
        message["identities"] = identities
        # As they were sent: the session turns dates into objects.
        message["sent_header"] = json.loads(parts[1])
        message["at"] = time.monotonic()
        if socket is self.sockets["iopub"]:
            self.published.append(message)
        elif socket is self.sockets["stdin"]:
            self.inputs.append(message)
        else:
            message["channel"] = "shell" if socket is self.sockets["shell"] else "control"
            self.replies[message["parent_header"].get("msg_id", "")] = message

    def until(self, condition: Callable[[], Any], what: str, seconds: float | None = None) -> Any:
        """What the condition gives as soon as it gives something."""
        seconds = self.patience if seconds is None else min(seconds, max(self.patience, seconds * self.patience / 20))
        end = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            left = end - time.monotonic()
            if left <= 0:
                raise Timeout(f"{what}: did not come within {seconds:g} s")
            self.pump(min(left, 0.5))

    def quiet(self, seconds: float) -> None:
        """Takes in whatever comes for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.pump(left)

    # Requests -------------------------------------------------------------------------------------------------------

    def message(self, kind: str, content: dict[str, Any], header: dict[str, Any] | None = None) -> Message:
        message = self.session.msg(kind, content)
        message["header"].update(header or {})
        return message

    def send(
        self,
        channel: str,
        kind: str,
        content: dict[str, Any],
        *,
        header: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[bytes] | None = None,
        parent: Message | None = None,
    ) -> str:
        """Sends a message and gives its id."""
        message = self.message(kind, content, header)
        message["metadata"].update(metadata or {})
        if parent is not None:
            message["parent_header"] = parent["header"]
        self.session.send(self.sockets[channel], message, buffers=buffers)
        return message["header"]["msg_id"]

    def reply(self, asked: str, seconds: float | None = None) -> Message:
        return self.until(lambda: self.replies.get(asked), "the reply", seconds)

    def ask(self, kind: str, content: dict[str, Any] | None = None, channel: str = "shell", **more: Any) -> Message:
        """Sends a request, waits for its reply and for idle, and gives the reply."""
        asked = self.send(channel, kind, content or {}, **more)
        reply = self.reply(asked)
        self.idle(asked)
        return reply

    def under(self, asked: str) -> list[Message]:
        """What has been published under a request so far."""
        return [m for m in self.published if m["parent_header"].get("msg_id") == asked]

    def idle(self, asked: str, seconds: float | None = None) -> None:
        self.until(
            lambda: any(m["content"].get("execution_state") == "idle" for m in self.under(asked)), "idle", seconds
        )

    def heard(self, asked: str, kind: str, seconds: float | None = None) -> Message:
        """The first message of a kind published under a request."""
        return self.until(
            lambda: next((m for m in self.under(asked) if m["msg_type"] == kind), None), f"a message {kind}", seconds
        )

    def begin(self, code: str, *, header: dict[str, Any] | None = None, cell: str | None = None, **options: Any) -> str:
        """Starts a cell without waiting for its end."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
            **options,
        }
        metadata = {"cellId": cell} if cell else {}
        return self.send("shell", "execute_request", content, header=header, metadata=metadata)

    def end(self, asked: str, seconds: float | None = None) -> Run:
        """Waits for the end of a cell begun before."""
        reply = self.reply(asked, seconds)
        self.idle(asked, seconds)
        return Run(reply, self.under(asked))

    def run(self, code: str, seconds: float | None = None, **options: Any) -> Run:
        return self.end(self.begin(code, **options), seconds)

    def input(self, asked: str, seconds: float | None = None) -> Message:
        """The request for input that a cell makes."""
        return self.until(
            lambda: next((m for m in self.inputs if m["parent_header"].get("msg_id") == asked), None),
            "a request for input",
            seconds,
        )

    def answer(self, request: Message, value: str) -> None:
        self.inputs.remove(request)
        self.send("stdin", "input_reply", {"status": "ok", "value": value}, parent=request)

    def beats(self, payload: bytes = b"ping", seconds: float = 3) -> bool:
        """Whether the heartbeat answers."""
        heart = self.context.socket(zmq.REQ)
        heart.linger = 0
        try:
            heart.connect(self.address("hb"))
            heart.send(payload)
            return bool(heart.poll(seconds * 1000)) and heart.recv() == payload
        finally:
            heart.close()
