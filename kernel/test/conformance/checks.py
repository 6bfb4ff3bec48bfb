"""Checks, grouped in areas, and the words in which they state what must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable


class NotApplicable(Exception):
    """The kernel's language or age has nothing that this check could look at."""


@dataclass(frozen=True)
class Check:
    area: str
    name: str
    run: Callable[[Any], None]
    """Kernels are asked for this feature only where their table says that they have it."""
    feature: str | None = None

    @property
    def title(self) -> str:
        return f"{self.area}: {self.name}"


@dataclass
class Area:
    """Checks that share one running kernel."""

    name: str
    feature: str | None = None
    """Files that lie beside the notebook."""
    files: dict[str, Any] = field(default_factory=dict)
    """More environment for the kernel."""
    environment: dict[str, str] = field(default_factory=dict)
    """Cells to run before the first check, and again whenever the kernel had to be replaced."""
    prepare: Callable[[Any], None] | None = None
    checks: list[Check] = field(default_factory=list)

    def check(self, name: str, feature: str | None = None):
        def add(run: Callable[[Any], None]):
            self.checks.append(Check(self.name, name, run, feature or self.feature))
            return run

        return add

    def each(self, name: str, cases: dict[str, Any] | list[Any], feature: str | None = None):
        """One check for each case; `{}` in the name is the case's own."""
        named = cases.items() if isinstance(cases, dict) else [(str(case), case) for case in cases]

        def add(run: Callable[[Any, Any], None]):
            for what, case in named:
                self.check(name.replace("{}", what), feature)(lambda kernel, case=case: run(kernel, case))
            return run

        return add


def equal(actual: Any, expected: Any, what: str = "") -> None:
    if actual != expected:
        raise AssertionError(f"{what or 'it'} is {shown(actual)}, expected {shown(expected)}")


def holds(condition: Any, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def contains(whole: Any, part: Any, what: str = "") -> None:
    if part not in whole:
        raise AssertionError(f"{what or 'it'} is {shown(whole)}, expected {shown(part)} in it")


def lacks(whole: Any, part: Any, what: str = "") -> None:
    if part in whole:
        raise AssertionError(f"{what or 'it'} is {shown(whole)}, expected no {shown(part)} in it")


def matches(text: Any, pattern: str, what: str = "") -> None:
    if not isinstance(text, str) or not re.search(pattern, text, re.S):
        raise AssertionError(f"{what or 'it'} is {shown(text)}, expected it to match {pattern}")


def plain(text: str) -> str:
    """Text without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:400]} … {text[-150:]}"
