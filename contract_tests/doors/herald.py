"""Findings as they happen: judged off the traffic's path, told once per belief and again when they have grown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from ..keywords import judge
from ..reports.texts import printable
from ..vendor import Belief
from ..verdict import Verdict
from .recording import Recording

LATEST = 500
"""Exchanges that are judged while traffic passes; the report judges them all."""
REST = 4.0
"""A pause is so many times as long as the judging before it, so that the traffic has the machine to itself."""


class Herald:
    """Judges a recording again whenever it has grown, on a thread of its own. `tell` gets a line for each news."""

    def __init__(self, recording: Recording, beliefs: Sequence[Belief], tell: Callable[[str], None]) -> None:
        self.recording, self.beliefs, self.tell = recording, beliefs, tell
        self.told: dict[str, int] = {}
        self._woken, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="pollspec herald", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was recorded."""
        self._woken.set()

    def close(self) -> None:
        """Tell no more."""
        self._closed.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._woken.wait()
            self._woken.clear()
            begun = time.monotonic()
            for line in self.news():
                self.tell(line)
            self._closed.wait(REST * (time.monotonic() - begun))

    def news(self) -> list[str]:
        """A line for each belief whose findings are new, or are ten times as many as when it was told last."""
        lines = []
        for verdict in judge(self.recording.vendor, self.recording.exchanges[-LATEST:], self.beliefs):
            number, before = len(verdict.findings), self.told.get(verdict.belief.id, 0)
            if number and (not before or number >= 10 * before):
                self.told[verdict.belief.id] = number
                lines.append(self._line(verdict, number))
        return lines

    def _line(self, verdict: Verdict, number: int) -> str:
        finding = verdict.findings[0]
        times = f", {number} times" if number > 1 else ""
        text = f"expected {finding.expected}, actual {finding.actual} (request {finding.at.number + 1}{times})"
        mark = "x" if verdict.outcome == "broken" else "~"
        line = f"{mark} {verdict.belief.id}  {text}"
        return " ".join(printable(self.recording.target.masks.mask(line)).split())
