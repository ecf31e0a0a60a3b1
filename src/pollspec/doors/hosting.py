"""A polite server in this process, served on loopback by a thread: for the tests of clients, whatever their style."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from pollspec.document.expressions import parse
from pollspec.document.reading import load
from pollspec.document.vendor import Belief
from pollspec.doors.recording import Passage, of_traffic
from pollspec.doors.seen import Seen as Judged
from pollspec.errors import UsageError, nearest
from pollspec.judge.verdict import Finding
from pollspec.servers import faults, scenarios
from pollspec.servers.control import Controlled, Seen
from pollspec.servers.polite import Mock
from pollspec.servers.serving import listening, server

PATIENCE = 10.0
"""Seconds after which a server that does not start, or end, is given up."""


class Clock:
    """The clock of a server in a test's hand: it stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds since the server began."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    async def wait(self, seconds: float) -> None:
        """What the server waits for has passed at once."""
        self.advance(seconds)


class Hosted:
    """A server. `url`: where it is, with the document's base path behind it; `exchanges`: what it was asked, in order.

    `clock`: its time; `headers`: those of the credential that it accepts. Raises UsageError for a scenario, a fault, a
    subject or a stage that there is not.
    """

    def __init__(
        self,
        vendor: str,
        scenario: str | None = None,
        fault: str | None = None,
        polls: int | None = None,
        duration: float | None = None,
    ) -> None:
        self.vendor, self.clock = load(vendor), Clock()
        played = scenarios.find(self.vendor, scenario) if scenario else None
        name = fault or (played.fault if played else None)
        wrong = faults.find(self.vendor, name) if name else None
        polls = polls or (4 if duration is None else None)
        self.mock = Mock(self.vendor, self.clock, duration or 10.0, polls, played, self.clock.wait)
        spoilt = self.mock if wrong is None else faults.Impolite(self.mock, self.vendor, wrong, pause=self.clock.wait)
        self._controlled = Controlled(self.mock, spoilt)
        self._judged = Judged(self.vendor, of_traffic(self.vendor), "a client's tests")
        self._controlled.listeners.append(self._hear)
        self._closing = contextlib.ExitStack()
        sock, self.origin = self._closing.enter_context(listening(0))
        self.url = self.origin + self.vendor.base_path
        self._server = server(self._controlled)
        self._thread = threading.Thread(target=self._server.run, args=([sock],), daemon=True)
        self._thread.start()

    @property
    def exchanges(self) -> list[Seen]:
        """What was asked and answered, in order."""
        return list(self._controlled.seen)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the credential that is accepted."""
        return {parse(text).name: str(value) for text, value in self.vendor.credentials.get("default", {}).items()}

    def given(self, subject: str) -> dict[str, Any]:
        """A subject's identifiers, by the names of their parameters."""
        if subject not in self.vendor.subjects:
            raise UsageError(f"there is no subject {subject!r}", nearest(subject, self.vendor.subjects))
        return {parse(text).name: value for text, value in self.vendor.subjects[subject].given.items()}

    def hold(self, stage: str, subject: str | None = None) -> None:
        """Have whatever comes to a stage stay there, or a subject alone, until it is moved on."""
        self.mock.hold(stage, subject)

    def move_on(self, subject: str | None = None) -> None:
        """Have everything go on to its next stage, or a subject alone."""
        self.mock.move_on(subject)

    @property
    def findings(self) -> list[tuple[Belief, Finding]]:
        """What the judge finds in the answers: of a polite server nothing."""
        return [(v.belief, finding) for v in self._judged.verdicts().values() for finding in v.findings]

    def told(self) -> str:
        """What was asked and answered, a line each, and what the judge finds in it."""
        lines = [f"{one.method} {one.target} -> {one.answer.status}" for one in self.exchanges]
        findings = self._judged.broken() if self.exchanges and self.findings else "the judge finds nothing"
        return self._judged.masks.mask("\n".join([*lines, "", findings]))

    def _hear(self, one: Seen) -> None:
        url = f"{self.origin}{one.target}"
        passage = Passage(one.method, url, one.headers, one.content, one.answer, one.start, one.end, told=True)
        self._judged.add(passage)

    def close(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._closing.close()
