"""A running kernel, started in a folder of its own the way a front end starts it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import write_connection_file

from checks import NotApplicable
from client import Client, Message, Run
from languages import Language

# Free ports are looked for before they are taken.
ports = threading.Lock()
# Kernels that run: none may outlive the checks.
running: set["Kernel"] = set()


def end_all(*_: object) -> None:
    for kernel in list(running):
        try:
            os.killpg(kernel.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    os._exit(1)


class Kernel:
    """A kernel process with one client. What a check does not find here it finds in the client."""

    def __init__(
        self,
        language: Language,
        files: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
        home: Path | None = None,
        patience: float = 20,
    ):
        self.language = language
        self.folder = Path(tempfile.mkdtemp(prefix="conformance-"))
        for name, content in (files or {}).items():
            self.write(name, content)
        # Histories and settings of the one who runs this stay untouched.
        self.owns_home = home is None
        self.home = home or Path(tempfile.mkdtemp(prefix="conformance-home-"))
        file = str(self.folder / ".connection.json")
        with ports:
            _, self.connection = write_connection_file(file, ip="127.0.0.1", key=os.urandom(16).hex().encode())
            words = [word.replace("{connection_file}", file) for word in language.argv]
            inherited = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "JUPYTER_"))}
            self.process = subprocess.Popen(
                words,
                cwd=self.folder,
                env={
                    **inherited,
                    "HOME": str(self.home),
                    # What a kernel has computed once, it need not compute again for each of its many starts here.
                    "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
                    "IPYTHONDIR": str(self.home / ".ipython"),
                    "JUPYTER_DATA_DIR": str(self.home / ".jupyter-data"),
                    "GRADBOOK_HISTORY": str(self.home / "history"),
                    "NO_COLOR": "",
                    **(environment or {}),
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # jupyter_client does the same: a signal to the front end is not one to the kernel.
                start_new_session=True,
            )
            running.add(self)
            self.connection = json.loads(Path(file).read_text())
            self.client = Client(self.connection, patience)
            try:
                self.client.connect()
            except Exception:
                self.stop()
                raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def write(self, name: str, content: Any) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))

    def say(self, name: str, /, **values: Any) -> str:
        """The kernel's own code for something that every language can say."""
        template = self.language.words.get(name)
        if template is None:
            raise NotApplicable(f"{self.language.name} has no code for “{name}”")
        for key, value in values.items():
            template = template.replace(f"<{key}>", str(value))
        return template

    def another_client(self, subscribe: bytes = b"") -> Client:
        return Client(self.connection, self.client.patience, subscribe)

    def ok(self, code: str, **options: Any) -> Run:
        """Runs a cell that must succeed."""
        run = self.client.run(code, **options)
        if run.status != "ok":
            raise AssertionError(f"the cell failed: {run.trace or run.content}")
        return run

    def value(self, code: str) -> str | None:
        """The result of a cell that must succeed, as text."""
        return self.ok(code).result

    def prints(self, code: str) -> str:
        return self.ok(code).stdout

    def interrupt(self) -> Message:
        if self.language.interrupt_mode == "signal":
            os.killpg(self.process.pid, signal.SIGINT)
            return {}
        return self.client.reply(self.client.send("control", "interrupt_request", {}))

    def alive(self) -> bool:
        """Whether the kernel answers on control and soon runs a cell; some abort all that comes shortly after an error."""
        end = time.monotonic() + 6
        try:
            self.client.reply(self.client.send("control", "kernel_info_request", {}), 6)
            while self.process.poll() is None and time.monotonic() < end:
                reply = self.client.reply(self.client.begin(self.say("nothing"), silent=True), 6)
                if reply["content"]["status"] == "ok":
                    return True
                time.sleep(0.2)
        except AssertionError:
            pass
        return False

    def stop(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        running.discard(self)
        self.client.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.owns_home:
            shutil.rmtree(self.home, ignore_errors=True)
