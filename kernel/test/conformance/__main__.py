"""Runs the checks against a kernel: python3 kernel/test/conformance [--kernel NAME] [--spec NAME] [--only TEXT] [--list]

Each check prints one line of JSON: its title, whether it held ("ok", "fail", or "skip" where it does not apply to the
kernel), what was found instead, and how long it took. The last line counts them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import signal
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

sys.path.insert(0, str(Path(__file__).resolve().parent))

import areas as folder  # noqa: E402
from checks import Area, Check, NotApplicable  # noqa: E402
from kernel import Kernel, end_all  # noqa: E402
from languages import Language, languages  # noqa: E402

printing = threading.Lock()


def all_areas() -> list[Area]:
    modules = [importlib.import_module(f"areas.{module.name}") for module in pkgutil.iter_modules(folder.__path__)]
    found = [area for module in modules for area in module.areas]
    titles = [check.title for area in found for check in area.checks]
    twice = {title for title in titles if titles.count(title) > 1}
    assert not twice, f"two checks have one title: {twice}"
    return found


def applies(check: Check, language: Language) -> bool:
    return check.feature is None or check.feature in language.features


def say(**line: object) -> None:
    with printing:
        print(json.dumps(line, ensure_ascii=False), flush=True)


class AreaRun:
    """The checks of an area, one after another, in a kernel that is replaced when a check has broken it."""

    def __init__(self, area: Area, checks: list[Check], language: Language, patience: float):
        self.area = area
        self.checks = checks
        self.language = language
        self.patience = patience
        self.kernel: Kernel | None = None

    def start(self) -> Kernel:
        self.kernel = Kernel(self.language, self.area.files, self.area.environment, patience=self.patience)
        if self.area.prepare:
            self.area.prepare(self.kernel)
        return self.kernel

    def run(self) -> list[str]:
        states = []
        failures = 0
        for check in self.checks:
            begun = time.monotonic()
            state, detail = self.state_of(check)
            states.append(state)
            failures = failures + 1 if state == "fail" else 0
            # Where a whole feature is missing, nobody waits long for each of its checks.
            if self.kernel:
                self.kernel.client.patience = self.patience if failures < 2 else min(self.patience, 3)
            say(check=check.title, state=state, detail=detail, ms=round(1000 * (time.monotonic() - begun)))
            if state == "fail" and self.kernel and not self.kernel.alive():
                self.stop()
        self.stop()
        return states

    def state_of(self, check: Check) -> tuple[str, str]:
        if not applies(check, self.language):
            return "skip", f"{self.language.name} does not offer {check.feature}"
        try:
            check.run(self.kernel or self.start())
            return "ok", ""
        except NotApplicable as reason:
            return "skip", str(reason)
        except AssertionError as reason:
            return "fail", str(reason)
        except Exception:
            return "fail", traceback.format_exc(limit=-3)

    def stop(self) -> None:
        if self.kernel:
            self.kernel.stop()
        self.kernel = None


def main() -> None:
    parser = argparse.ArgumentParser(prog="conformance", description="Checks a Jupyter kernel against the protocol.")
    parser.add_argument("--kernel", choices=sorted(languages), default="gradbook")
    parser.add_argument("--only", default="", metavar="TEXT", help="only checks with this in their title")
    parser.add_argument("--list", action="store_true", help="only list the titles of the checks that apply")
    parser.add_argument("--jobs", type=int, default=2, help="how many kernels run at once")
    parser.add_argument("--patience", type=float, default=20, help="how many seconds to wait for a message")
    parser.add_argument("--spec", metavar="NAME", help="start this installed kernel, which speaks as --kernel does")
    options = parser.parse_args()

    language = languages[options.kernel]
    if options.spec:
        spec = KernelSpecManager().get_kernel_spec(options.spec)
        language = replace(language, name=options.spec, argv=spec.argv, interrupt_mode=spec.interrupt_mode)
    runs = []
    for area in all_areas():
        checks = [check for check in area.checks if options.only in check.title]
        if options.list:
            for check in checks:
                if applies(check, language):
                    print(json.dumps(check.title, ensure_ascii=False))
        elif checks:
            runs.append(AreaRun(area, checks, language, options.patience))
    if options.list:
        return
    signal.signal(signal.SIGTERM, end_all)
    signal.signal(signal.SIGINT, end_all)
    begun = time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        states = [state for done in pool.map(AreaRun.run, runs) for state in done]
    counts = {state: states.count(state) for state in ("ok", "fail", "skip")}
    say(kernel=language.name, **counts, seconds=round(time.monotonic() - begun, 1))
    sys.exit(1 if counts["fail"] else 0)


main()
